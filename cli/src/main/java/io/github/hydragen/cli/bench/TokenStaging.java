package io.github.hydragen.cli.bench;

import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;
import io.github.hydragen.Tensor;
import io.github.hydragen.cli.check.SyntheticTokens;
import io.github.hydragen.cli.check.SyntheticTokens.Kind;
import java.lang.foreign.Arena;
import java.util.stream.IntStream;

/** Puts synthetic tokens of all sequences side by side, as a batch takes them. */
final class TokenStaging {
  private static final long TARGET_BYTES = 32 << 20;

  /** The stream of a sequence is its number, that of the shared prefix this. */
  static final long PREFIX = -1;

  private final SyntheticTokens tokens;
  private final AttentionShape shape;
  private final int batch;
  private final int chunk;
  private final Tensor keys;
  private final Tensor values;
  private final Tensor queries;

  /** Takes memory that lives as long as the arena. */
  TokenStaging(Arena arena, SyntheticTokens tokens, Workload workload) {
    this.tokens = tokens;
    this.shape = workload.shape();
    this.batch = workload.batch();
    this.chunk = chunk(workload);
    long rows = (long) batch * chunk;
    this.keys = Tensor.allocate(arena, workload.dtype(), rows, shape.kvRow());
    this.values = Tensor.allocate(arena, workload.dtype(), rows, shape.kvRow());
    this.queries = Tensor.allocate(arena, workload.dtype(), batch, shape.queryRow());
  }

  private static int chunk(Workload workload) {
    return Math.clamp(TARGET_BYTES / (workload.batch() * workload.tokenBytes()), 1, 64);
  }

  /** What the queries, the outputs of all layers and the tokens staged for a batch take. */
  static long bytes(Workload workload) {
    long queries = (long) workload.batch() * workload.shape().queryRow();
    return workload.batch() * workload.tokenBytes() * chunk(workload)
        + queries * (workload.dtype().bytes() + (long) workload.layers() * DataType.F32.bytes());
  }

  /** The most tokens of a sequence that are staged at once. */
  int chunk() {
    return chunk;
  }

  /**
   * Keys of every sequence, [batch, count, kvHeads, headDim]; overwritten by the next call.
   *
   * @param shared whether every sequence takes the tokens of the prefix, else its own
   */
  Tensor keys(boolean shared, int position, int count) {
    return stage(Kind.KEY, keys, shared, position, count);
  }

  /** Values, like {@link #keys}. */
  Tensor values(boolean shared, int position, int count) {
    return stage(Kind.VALUE, values, shared, position, count);
  }

  /** The queries of a decode step, [batch, queryHeads, headDim]. */
  Tensor queries(int position) {
    fill(Kind.QUERY, queries, false, position, 1);
    return queries.reshape(batch, shape.queryHeads(), shape.headDim());
  }

  private Tensor stage(Kind kind, Tensor all, boolean shared, int position, int count) {
    Tensor into = all.rows(0, (long) batch * count);
    fill(kind, into, shared, position, count);
    return into.reshape(batch, count, shape.kvHeads(), shape.headDim());
  }

  private void fill(Kind kind, Tensor into, boolean shared, int position, int count) {
    IntStream.range(0, batch)
        .parallel()
        .forEach(
            s -> {
              for (int t = 0; t < count; t++) {
                long row = (long) s * count + t;
                tokens.copy(
                    kind, shared ? PREFIX : s, position + t, into.rows(row, row + 1).segment());
              }
            });
  }
}
