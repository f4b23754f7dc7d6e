package io.github.hydragen.benchmarks;

import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;
import java.util.Locale;

/**
 * One decode step: every sequence gets one token and attends to a shared prefix and its own suffix.
 *
 * @param batch sequences, 1 or more
 * @param prefix tokens that all share, 0 for the pass over the suffixes alone
 * @param suffix tokens of each sequence's own, the new one included; 0 for the pass over the prefix
 *     alone
 * @param shape the head layout
 * @param type how keys and values are stored
 */
public record DecodeCase(int batch, int prefix, int suffix, AttentionShape shape, DataType type) {
  /** Rows of queries: one for each sequence and query head. */
  public long rows() {
    return (long) batch * shape.queryHeads();
  }

  /** Multiplications and additions of the two products, for all keys that each row sees. */
  public double flops() {
    return 4.0 * rows() * (prefix + suffix) * shape.headDim();
  }

  /** Bytes of the keys and values of one token. */
  public long tokenBytes() {
    return 2L * shape.kvRow() * type.bytes();
  }

  /** Bytes of the keys and values that a step reads with the prefix shared. */
  public double bytes() {
    return ((double) prefix + (double) batch * suffix) * tokenBytes();
  }

  /** Bytes that a step reads where every sequence has its own copy of the prefix. */
  public double unsharedBytes() {
    return (double) batch * (prefix + suffix) * tokenBytes();
  }

  /** The same step over keys and values of another type. */
  public DecodeCase as(DataType other) {
    return new DecodeCase(batch, prefix, suffix, shape, other);
  }

  /** For people, for instance {@code 64 x 2048 + 256, heads 32/8, bf16}. */
  @Override
  public String toString() {
    return "%d x %d + %d, heads %d/%d, dim %d, %s"
        .formatted(
            batch,
            prefix,
            suffix,
            shape.queryHeads(),
            shape.kvHeads(),
            shape.headDim(),
            type.name().toLowerCase(Locale.ROOT));
  }
}
