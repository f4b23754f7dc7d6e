package io.github.hydragen.tornado.store;

import io.github.hydragen.Tensor;
import io.github.hydragen.tornado.device.NativeArrays;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** Keys and values of some tokens: one pair of arrays, [tokens, kvHeads, paddedDim]. */
public final class KvStore {
  private final Layout layout;
  private final TokenRows rows;
  private final TornadoNativeArray keys;
  private final TornadoNativeArray values;

  /** Room for tokens, all zeros. */
  public KvStore(Arena arena, Layout layout, long tokens) {
    this.layout = layout;
    this.rows =
        new TokenRows(layout.shape().kvHeads(), layout.shape().headDim(), layout.paddedDim());
    this.keys = NativeArrays.stored(arena, layout.storage(), tokens * layout.kvRow());
    this.values = NativeArrays.stored(arena, layout.storage(), tokens * layout.kvRow());
  }

  /** Elements of the keys, padding included. */
  long elements() {
    return keys.getNumBytesOfSegment() / layout.storage().bytes();
  }

  /** The array of the keys. */
  public TornadoNativeArray keys() {
    return keys;
  }

  /** The array of the values. */
  public TornadoNativeArray values() {
    return values;
  }

  /** Rounds tokens to the engine's storage type and stores them. */
  public void write(int token, Tensor k, Tensor v, long from, int tokens) {
    write(keys.getSegment(), token, k, from, tokens);
    write(values.getSegment(), token, v, from, tokens);
  }

  private void write(MemorySegment to, int token, Tensor tensor, long from, int tokens) {
    rows.write(tensor, from, layout.options().storage(), to, layout.storage(), token, tokens);
  }

  /** Copies tokens of another store. */
  void copy(int token, KvStore from, int fromToken, int tokens) {
    long row = (long) layout.kvRow() * layout.storage().bytes();
    MemorySegment.copy(
        from.keys.getSegment(), fromToken * row, keys.getSegment(), token * row, tokens * row);
    MemorySegment.copy(
        from.values.getSegment(), fromToken * row, values.getSegment(), token * row, tokens * row);
  }

  /** Makes tokens zeros. */
  public void clear(int token, int tokens) {
    long row = (long) layout.kvRow() * layout.storage().bytes();
    keys.getSegment().asSlice(token * row, tokens * row).fill((byte) 0);
    values.getSegment().asSlice(token * row, tokens * row).fill((byte) 0);
  }
}
