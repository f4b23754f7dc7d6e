package io.github.hydragen.cli;

import io.github.hydragen.AttentionShape;
import io.github.hydragen.Availability;
import io.github.hydragen.BackendUnavailableException;
import io.github.hydragen.DeviceInfo;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.spi.AttentionBackend;
import io.github.hydragen.spi.AttentionBackendProvider;
import java.util.List;

/** A backend that is never available. */
public final class AbsentBackend implements AttentionBackendProvider {
  @Override
  public String name() {
    return "absent";
  }

  @Override
  public int priority() {
    return -1;
  }

  @Override
  public Availability availability() {
    return Availability.no("this machine has no abacus", "buy one");
  }

  @Override
  public List<DeviceInfo> devices() {
    return List.of();
  }

  @Override
  public AttentionBackend open(AttentionShape shape, EngineOptions options, String device) {
    throw new BackendUnavailableException("absent");
  }
}
