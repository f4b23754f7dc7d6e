package io.github.hydragen.reference;

import io.github.hydragen.AttentionShape;
import io.github.hydragen.DeviceInfo;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.MemoryUsage;
import io.github.hydragen.Tensor;
import io.github.hydragen.spi.AttentionBackend;
import io.github.hydragen.spi.BackendPrefix;
import org.jspecify.annotations.Nullable;

/** Keeps plain copies in the storage type and computes every row by itself. */
final class ReferenceBackend implements AttentionBackend {
  final AttentionShape shape;
  final EngineOptions options;
  private long bytes;
  private long peak;

  ReferenceBackend(AttentionShape shape, EngineOptions options) {
    this.shape = shape;
    this.options = options;
  }

  @Override
  public DeviceInfo device() {
    return ReferenceBackendProvider.DEVICE;
  }

  @Override
  public ReferencePrefix createPrefix(@Nullable BackendPrefix parent, Tensor k, Tensor v) {
    int tokens = (int) (k.elements() / shape.kvRow());
    ReferencePrefix prefix = new ReferencePrefix((ReferencePrefix) parent, store(tokens), tokens);
    try {
      prefix.tokens().write(0, k, 0, tokens);
      prefix.tokens().writeValues(0, v, 0, tokens);
    } catch (RuntimeException | Error e) {
      prefix.close();
      throw e;
    }
    return prefix;
  }

  @Override
  public ReferenceBatch createBatch(int sequences, int capacity) {
    return new ReferenceBatch(this, sequences, capacity);
  }

  /** Storage for tokens, counted until it is closed. */
  TokenStore store(long tokens) {
    return new TokenStore(this, tokens);
  }

  void count(long change) {
    bytes += change;
    peak = Math.max(peak, bytes);
  }

  @Override
  public MemoryUsage memory() {
    return new MemoryUsage(bytes, bytes, peak);
  }

  @Override
  public void close() {}
}
