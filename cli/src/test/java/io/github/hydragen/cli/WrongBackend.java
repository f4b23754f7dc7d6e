package io.github.hydragen.cli;

import io.github.hydragen.AttentionPlan;
import io.github.hydragen.AttentionShape;
import io.github.hydragen.Availability;
import io.github.hydragen.DataType;
import io.github.hydragen.DeviceInfo;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.MemoryUsage;
import io.github.hydragen.Tensor;
import io.github.hydragen.reference.ReferenceBackendProvider;
import io.github.hydragen.spi.AttentionBackend;
import io.github.hydragen.spi.AttentionBackendProvider;
import io.github.hydragen.spi.BackendBatch;
import io.github.hydragen.spi.BackendPrefix;
import io.github.hydragen.spi.BatchView;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The reference, but every output is off by 0.001, within what it promises for F16; and the head
 * dimension 13 is too much for it. As {@code wrong:N} it is wrong in the engine's Nth batch alone.
 */
public final class WrongBackend implements AttentionBackendProvider {
  private static final Availability YES = Availability.yes("for tests");

  private final ReferenceBackendProvider right = new ReferenceBackendProvider();

  @Override
  public String name() {
    return "wrong";
  }

  @Override
  public int priority() {
    return -1;
  }

  @Override
  public Availability availability() {
    return YES;
  }

  @Override
  public List<DeviceInfo> devices() {
    return List.of(new DeviceInfo("wrong", "off by 0.001", YES));
  }

  @Override
  public AttentionBackend open(AttentionShape shape, EngineOptions options, String device) {
    if (shape.headDim() == 13) {
      throw new IllegalArgumentException("head dimension 13 is not for the superstitious");
    }
    double tolerance = options.storage() == DataType.F16 ? 2e-3 : 2e-5;
    AttentionBackend inner = right.open(shape, options, "");
    return new Backend(inner, tolerance, device, new AtomicInteger());
  }

  private record Backend(
      AttentionBackend inner, double tolerance, String wrong, AtomicInteger batches)
      implements AttentionBackend {
    @Override
    public DeviceInfo device() {
      return new DeviceInfo("wrong", "off by 0.001", YES);
    }

    @Override
    public BackendPrefix createPrefix(@Nullable BackendPrefix parent, Tensor k, Tensor v) {
      return inner.createPrefix(parent, k, v);
    }

    @Override
    public BackendBatch createBatch(int sequences, int capacity) {
      BackendBatch right = inner.createBatch(sequences, capacity);
      String number = String.valueOf(batches.incrementAndGet());
      return wrong.isEmpty() || wrong.equals(number) ? new Batch(right) : right;
    }

    @Override
    public MemoryUsage memory() {
      return inner.memory();
    }

    @Override
    public void close() {
      inner.close();
    }
  }

  private record Batch(BackendBatch inner) implements BackendBatch {
    @Override
    public void append(BatchView view, int[] counts, Tensor k, Tensor v) {
      inner.append(view, counts, k, v);
    }

    @Override
    public void attend(BatchView view, int[] counts, Tensor q, Tensor out, @Nullable Tensor lse) {
      inner.attend(view, counts, q, out, lse);
      for (long i = 0; i < out.elements(); i++) {
        out.set(i, out.get(i) + 0.001f);
      }
    }

    @Override
    public BackendPrefix promote(int sequence, int length, @Nullable BackendPrefix parent) {
      return inner.promote(sequence, length, parent);
    }

    @Override
    public AttentionPlan plan(BatchView view, int[] counts) {
      return new AttentionPlan(List.of(new AttentionPlan.Decision(0, 32, 4, true, 12.5, 2500)));
    }

    @Override
    public void close() {
      inner.close();
    }
  }
}
