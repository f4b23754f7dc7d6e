package io.github.hydragen.benchmarks;

import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;
import io.github.hydragen.Tensor;
import io.github.hydragen.cli.check.SyntheticTokens.Kind;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.stream.IntStream;

/**
 * The tokens of a decode case in the layout that most libraries take: the tokens of a head lie
 * together.
 *
 * @param prefixK [kvHeads, prefix, headDim]
 * @param prefixV the same
 * @param suffixK [batch, kvHeads, suffix, headDim]; the last token is the new one's place
 * @param suffixV the same
 * @param newK [batch, kvHeads, headDim]
 * @param newV the same
 * @param q [batch, queryHeads, headDim]
 */
public record PeerCache(
    Tensor prefixK,
    Tensor prefixV,
    Tensor suffixK,
    Tensor suffixV,
    Tensor newK,
    Tensor newV,
    Tensor q) {

  /** Fills everything but the new token's place. */
  public static PeerCache of(Arena arena, DecodeCase c, Staging staging) {
    AttentionShape shape = c.shape();
    int last = Math.max(0, c.suffix() - 1);
    Tensor newK = tensor(arena, c.type(), c.batch(), shape.kvHeads(), shape.headDim());
    Tensor newV = tensor(arena, c.type(), c.batch(), shape.kvHeads(), shape.headDim());
    Tensor q = tensor(arena, c.type(), c.batch(), shape.queryHeads(), shape.headDim());
    staging.fillBatch(Kind.KEY, false, last, newK);
    staging.fillBatch(Kind.VALUE, false, last, newV);
    staging.fillBatch(Kind.QUERY, false, 0, q);
    return new PeerCache(
        prefix(arena, c, staging, Kind.KEY),
        prefix(arena, c, staging, Kind.VALUE),
        suffixes(arena, c, staging, Kind.KEY),
        suffixes(arena, c, staging, Kind.VALUE),
        newK,
        newV,
        q);
  }

  private static Tensor prefix(Arena arena, DecodeCase c, Staging staging, Kind kind) {
    AttentionShape shape = c.shape();
    Tensor into = tensor(arena, c.type(), shape.kvHeads(), c.prefix(), shape.headDim());
    copy(c, staging, kind, Staging.PREFIX, c.prefix(), c.prefix(), into.segment());
    return into;
  }

  private static Tensor suffixes(Arena arena, DecodeCase c, Staging staging, Kind kind) {
    AttentionShape shape = c.shape();
    Tensor into = tensor(arena, c.type(), c.batch(), shape.kvHeads(), c.suffix(), shape.headDim());
    long bytes = into.segment().byteSize() / c.batch();
    IntStream.range(0, c.batch())
        .parallel()
        .forEach(
            s -> {
              MemorySegment own = into.segment().asSlice(s * bytes, bytes);
              copy(c, staging, kind, s, c.suffix() - 1, c.suffix(), own);
            });
    return into;
  }

  /** Copies {@code tokens} of a stream to [kvHeads, capacity, headDim]. */
  private static void copy(
      DecodeCase c,
      Staging staging,
      Kind kind,
      long stream,
      int tokens,
      int capacity,
      MemorySegment into) {
    AttentionShape shape = c.shape();
    long head = (long) shape.headDim() * c.type().bytes();
    try (Arena temporary = Arena.ofConfined()) {
      MemorySegment row = temporary.allocate(head * shape.kvHeads(), 64);
      for (int t = 0; t < tokens; t++) {
        staging.tokens().copy(kind, stream, t, row);
        for (int h = 0; h < shape.kvHeads(); h++) {
          long at = ((long) h * capacity + t) * head;
          MemorySegment.copy(row, h * head, into, at, head);
        }
      }
    }
  }

  private static Tensor tensor(Arena arena, DataType type, long... dims) {
    return Tensor.allocate(arena, type, dims);
  }

  /** Puts the new token in its place. */
  public void append() {
    append(newK, suffixK);
    append(newV, suffixV);
  }

  private static void append(Tensor from, Tensor to) {
    long head = from.size(2) * from.type().bytes();
    long heads = from.size(0) * from.size(1);
    long stride = to.size(2) * head;
    for (long i = 0; i < heads; i++) {
      long at = (i + 1) * stride - head;
      MemorySegment.copy(from.segment(), i * head, to.segment(), at, head);
    }
  }
}
