package io.github.hydragen.cli.check;

import io.github.hydragen.DataType;
import io.github.hydragen.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Standard-normal tokens that are never kept, because each can be made again.
 *
 * <p>A row (of keys, values or queries) is found by its stream and its position: a hash of both
 * says where in a pool of random values it starts. Filling a cache is then copying, and the exact
 * reference reads the same values later. A stream is a sequence, or a prefix under a negative
 * number. Queries have a part of the pool of their own: where one was a copy of a key, the score
 * would be far from what independent numbers give.
 */
public final class SyntheticTokens implements AutoCloseable {
  /** What a row is. */
  public enum Kind {
    /** The keys of one token. */
    KEY(1),
    /** The values of one token. */
    VALUE(2),
    /** The queries of one token. */
    QUERY(3);

    private final long salt;

    Kind(long salt) {
      this.salt = salt;
    }
  }

  private static final int STARTS = 1 << 21;
  private static final int BLOCK = 1 << 16;

  private final Arena arena = Arena.ofShared();
  private final long seed;
  private final int queries;
  private final Tensor pool;

  /**
   * Makes the pool.
   *
   * @param seed any; the same seed gives the same tokens
   * @param type what the values are rounded to
   * @param longestRow elements of the longest row that will be asked for
   */
  public SyntheticTokens(long seed, DataType type, int longestRow) {
    this.seed = seed;
    this.queries = STARTS + longestRow;
    this.pool = Tensor.allocate(arena, type, 2L * queries);
    int blocks = (int) ((pool.elements() + BLOCK - 1) / BLOCK);
    IntStream.range(0, blocks).parallel().forEach(this::generate);
  }

  private void generate(int block) {
    SplittableRandom random = new SplittableRandom(mix(seed ^ mix(block)));
    long end = Math.min(pool.elements(), (block + 1L) * BLOCK);
    for (long i = (long) block * BLOCK; i < end; i++) {
      pool.set(i, (float) random.nextGaussian());
    }
  }

  /** The type of the values. */
  public DataType type() {
    return pool.type();
  }

  /**
   * Copies a row.
   *
   * @param into takes exactly the row, in the pool's type
   */
  public void copy(Kind kind, long stream, long position, MemorySegment into) {
    int bytes = pool.type().bytes();
    into.copyFrom(pool.segment().asSlice(start(kind, stream, position) * bytes, into.byteSize()));
  }

  /**
   * Reads a part of a row.
   *
   * @param from the first element within the row
   * @param into takes as many elements as it has
   */
  public void read(Kind kind, long stream, long position, int from, float[] into) {
    long start = start(kind, stream, position) + from;
    for (int i = 0; i < into.length; i++) {
      into[i] = pool.get(start + i);
    }
  }

  private long start(Kind kind, long stream, long position) {
    long hash = mix(seed + mix(4 * stream + kind.salt) + mix(position ^ Long.MIN_VALUE));
    return Math.floorMod(hash, (long) STARTS) + (kind == Kind.QUERY ? queries : 0);
  }

  /** The finaliser of SplitMix64. */
  private static long mix(long z) {
    long x = z + 0x9e3779b97f4a7c15L;
    x = (x ^ (x >>> 30)) * 0xbf58476d1ce4e5b9L;
    x = (x ^ (x >>> 27)) * 0x94d049bb133111ebL;
    return x ^ (x >>> 31);
  }

  /** Frees the pool. */
  @Override
  public void close() {
    arena.close();
  }
}
