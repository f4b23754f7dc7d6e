package io.github.hydragen.cli.attend;

import io.github.hydragen.AttentionEngine;
import io.github.hydragen.AttentionState;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.SequenceBatch;
import io.github.hydragen.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * New tokens that lie before their sequence's suffix, since it is shorter than their number.
 *
 * <p>A case file has as many new tokens for each sequence, whatever its length, and each sees every
 * prefix key. To the engine such a token is one of the prefix, which sees that only up to itself:
 * here they attend once more, to the prefixes alone and without the causal mask. The first token
 * before the suffix needs that not: all of the prefix is behind it.
 */
final class EarlyTokens {
  private final AttentionCase input;
  private final long newTokens;
  private final int[] counts;

  private EarlyTokens(AttentionCase input) {
    this.input = input;
    this.newTokens = input.queries().size(1);
    this.counts = input.lengths().stream().mapToInt(this::early).toArray();
  }

  private int early(int length) {
    long before = newTokens - length;
    return before > 1 ? (int) before : 0;
  }

  /** Puts the answers of the early tokens, if there are any, in their place. */
  static void attend(AttentionCase input, EngineOptions options, AttentionState answer) {
    EarlyTokens early = new EarlyTokens(input);
    List<AttentionCase.Level> levels = input.levels();
    if (early.total() > 0 && !levels.isEmpty()) {
      early.attend(options.withCausal(false), answer);
    }
  }

  private long total() {
    long total = 0;
    for (int count : counts) {
      total += count;
    }
    return total;
  }

  private void attend(EngineOptions options, AttentionState answer) {
    try (AttentionEngine engine = AttentionEngine.open(input.shape(), options);
        Arena arena = Arena.ofShared()) {
      SequenceBatch batch = new PrefixTree(engine, input.levels()).batch(counts.length, 0);
      Tensor queries = input.queries();
      Tensor packed =
          Tensor.allocate(arena, queries.type(), total(), queries.size(2), queries.size(3));
      AttentionState early = AttentionState.empty(arena, packed.shape());
      move(queries, packed, true);
      batch.attend(packed, early.out(), early.lse(), counts);
      move(answer.out(), early.out(), false);
      move(answer.lse(), early.lse(), false);
    }
  }

  /** Copies each sequence's first tokens from the whole to the packed tensor, or back. */
  private void move(Tensor whole, Tensor packed, boolean pack) {
    long at = 0;
    for (int b = 0; b < counts.length; b++) {
      Tensor first = whole.rows(b, b + 1L);
      long tokenBytes = first.segment().byteSize() / newTokens;
      MemorySegment theirs = first.segment().asSlice(0, counts[b] * tokenBytes);
      MemorySegment packedRows = packed.rows(at, at + counts[b]).segment();
      if (pack) {
        packedRows.copyFrom(theirs);
      } else {
        theirs.copyFrom(packedRows);
      }
      at += counts[b];
    }
  }
}
