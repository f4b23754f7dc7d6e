package io.github.hydragen.tornado;

import io.github.hydragen.spi.BackendPrefix;
import java.lang.foreign.Arena;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The host's copy of a prefix, from which batches take theirs to the device. */
final class DevicePrefix implements BackendPrefix {
  private final Arena arena = Arena.ofShared();
  private final DeviceBackend backend;
  private final @Nullable DevicePrefix parent;
  private final Stores tokens;
  private final int length;

  DevicePrefix(DeviceBackend backend, @Nullable DevicePrefix parent, int length) {
    this.backend = backend;
    this.parent = parent;
    this.length = length;
    backend.requireHost(length + " prefix tokens", backend.layout().kvBytes(length));
    try {
      this.tokens = new Stores(arena, backend.layout(), length, backend.tokensPerStore());
    } catch (RuntimeException | Error e) {
      arena.close();
      throw e;
    }
    backend.usage().add(backend.layout().kvBytes(length), backend.kvBytes(length));
  }

  @Nullable DevicePrefix parent() {
    return parent;
  }

  Stores tokens() {
    return tokens;
  }

  int length() {
    return length;
  }

  /** A prefix and its ancestors, outermost first; empty for null. */
  static List<DevicePrefix> path(@Nullable BackendPrefix leaf) {
    Deque<DevicePrefix> path = new ArrayDeque<>();
    for (DevicePrefix p = (DevicePrefix) leaf; p != null; p = p.parent) {
      path.addFirst(p);
    }
    return List.copyOf(path);
  }

  @Override
  public void close() {
    arena.close();
    backend.usage().add(-backend.layout().kvBytes(length), -backend.kvBytes(length));
  }
}
