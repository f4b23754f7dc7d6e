package io.github.hydragen.reference;

import io.github.hydragen.Tensor;
import io.github.hydragen.spi.HostMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Keys and values of tokens, [tokens, kvHeads, headDim] each, in the storage type. */
final class TokenStore implements AutoCloseable {
  private final ReferenceBackend owner;
  private final Arena arena = Arena.ofShared();
  private final Tensor keys;
  private final Tensor values;
  private final int row;
  private final int headDim;

  TokenStore(ReferenceBackend owner, long tokens) {
    HostMemory.require(
        tokens + " tokens",
        HostMemory.product(2, tokens, owner.shape.kvRow(), owner.options.storage().bytes()),
        HostMemory.remedy("store fewer tokens", owner.options.storage()));
    this.owner = owner;
    this.row = owner.shape.kvRow();
    this.headDim = owner.shape.headDim();
    try {
      this.keys = Tensor.allocate(arena, owner.options.storage(), tokens, row);
      this.values = Tensor.allocate(arena, owner.options.storage(), tokens, row);
    } catch (RuntimeException | Error e) {
      arena.close();
      throw e;
    }
    owner.count(bytes());
  }

  private long bytes() {
    return keys.segment().byteSize() + values.segment().byteSize();
  }

  void write(long token, Tensor k, long from, int tokens) {
    copy(k, from * row, keys, token * row, (long) tokens * row);
  }

  void writeValues(long token, Tensor v, long from, int tokens) {
    copy(v, from * row, values, token * row, (long) tokens * row);
  }

  /** Copies tokens of another store behind each other. */
  void copyFrom(TokenStore other, long from, int tokens) {
    write(0, other.keys, from, tokens);
    writeValues(0, other.values, from, tokens);
  }

  private static void copy(Tensor from, long fromIndex, Tensor to, long toIndex, long elements) {
    if (from.type() == to.type()) {
      int bytes = to.type().bytes();
      MemorySegment.copy(
          from.segment(), fromIndex * bytes, to.segment(), toIndex * bytes, elements * bytes);
      return;
    }
    for (long i = 0; i < elements; i++) {
      to.set(toIndex + i, from.get(fromIndex + i));
    }
  }

  void key(long token, int kvHead, float[] into) {
    read(keys, token, kvHead, into);
  }

  void value(long token, int kvHead, float[] into) {
    read(values, token, kvHead, into);
  }

  private void read(Tensor tensor, long token, int kvHead, float[] into) {
    tensor.get(token * row + (long) kvHead * headDim, into);
  }

  @Override
  public void close() {
    owner.count(-bytes());
    arena.close();
  }
}
