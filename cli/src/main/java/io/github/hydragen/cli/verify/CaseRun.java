package io.github.hydragen.cli.verify;

import io.github.hydragen.AttentionEngine;
import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.Prefix;
import io.github.hydragen.SequenceBatch;
import io.github.hydragen.Tensor;
import io.github.hydragen.cli.check.ExactCheck;
import io.github.hydragen.cli.check.SyntheticKeys.Span;
import io.github.hydragen.cli.check.SyntheticTokens;
import io.github.hydragen.cli.check.SyntheticTokens.Kind;
import io.github.hydragen.cli.check.WorstError;
import io.github.hydragen.cli.verify.Layout.PrefixNode;
import io.github.hydragen.cli.verify.Layout.Sequence;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;

/** Computes one case on an engine and compares rows: all of few, a part of many. */
final class CaseRun implements AutoCloseable {
  /** Heads of tokens that a call has compared with the reference; of a case of the grid all. */
  private static final long MOST_COMPARED = 150;

  private final AttentionShape shape;
  private final List<PrefixNode> nodes;
  private final List<Sequence> sequences;
  private final int steps;
  private final SyntheticTokens tokens;
  private final AttentionEngine engine;
  private final EngineOptions options;
  private final Arena arena = Arena.ofShared();

  CaseRun(VerifyCase verified, AttentionEngine engine, SyntheticTokens tokens) {
    this.shape = verified.shape();
    this.nodes = verified.layout().prefixes();
    this.sequences = verified.layout().sequences();
    this.steps = verified.layout().steps();
    this.tokens = tokens;
    this.engine = engine;
    this.options = engine.options();
  }

  /** The worst error of all calls. */
  WorstError run() {
    int longest = sequences.stream().mapToInt(Sequence::suffix).max().orElse(0);
    List<Prefix> prefixes = prefixes();
    try (SequenceBatch batch = engine.batch(sequences.size(), longest + steps)) {
      for (int s = 0; s < sequences.size(); s++) {
        int prefix = sequences.get(s).prefix();
        batch.attach(s, prefix == Layout.NONE ? null : prefixes.get(prefix));
      }
      // In two parts: the second goes behind what is already there.
      append(batch, s -> 0, s -> s.suffix() / 2);
      append(batch, s -> s.suffix() / 2, Sequence::suffix);
      WorstError worst = attend(batch, 0, Sequence::newTokens);
      for (int step = 1; step <= steps; step++) {
        int more = step;
        append(batch, s -> s.suffix() + more - 1, s -> s.suffix() + more);
        worst = worst.max(attend(batch, step, s -> 1));
      }
      return worst;
    }
  }

  private List<Prefix> prefixes() {
    List<Prefix> prefixes = new ArrayList<>();
    for (int i = 0; i < nodes.size(); i++) {
      PrefixNode node = nodes.get(i);
      Tensor k = allocate(node.length(), shape.kvHeads());
      Tensor v = allocate(node.length(), shape.kvHeads());
      copy(Kind.KEY, stream(i), 0, node.length(), k, 0);
      copy(Kind.VALUE, stream(i), 0, node.length(), v, 0);
      boolean root = node.parent() == Layout.NONE;
      prefixes.add(root ? engine.prefix(k, v) : engine.prefix(prefixes.get(node.parent()), k, v));
    }
    return prefixes;
  }

  /** Prefixes have negative streams, sequences their numbers. */
  private static long stream(int prefix) {
    return -1L - prefix;
  }

  private void append(
      SequenceBatch batch, ToIntFunction<Sequence> from, ToIntFunction<Sequence> to) {
    int[] counts =
        sequences.stream().mapToInt(s -> to.applyAsInt(s) - from.applyAsInt(s)).toArray();
    Tensor k = allocate(sum(counts), shape.kvHeads());
    Tensor v = allocate(sum(counts), shape.kvHeads());
    long row = 0;
    for (int s = 0; s < counts.length; s++) {
      int first = from.applyAsInt(sequences.get(s));
      copy(Kind.KEY, s, first, counts[s], k, row);
      copy(Kind.VALUE, s, first, counts[s], v, row);
      row += counts[s];
    }
    batch.append(k, v, counts);
  }

  /** The last tokens of each sequence attend; a query's position is that of its token. */
  private WorstError attend(SequenceBatch batch, int step, ToIntFunction<Sequence> newTokens) {
    int[] counts = sequences.stream().mapToInt(newTokens).toArray();
    Tensor q = allocate(sum(counts), shape.queryHeads());
    long row = 0;
    for (int s = 0; s < counts.length; s++) {
      copy(Kind.QUERY, s, length(s, step) - counts[s], counts[s], q, row);
      row += counts[s];
    }
    Tensor out = Tensor.allocate(arena, DataType.F32, q.shape());
    Tensor lse = Tensor.allocate(arena, DataType.F32, sum(counts), shape.queryHeads());
    // All ones is no number: what is not written is found, compared or not.
    out.segment().fill((byte) -1);
    lse.segment().fill((byte) -1);
    batch.attend(q, out, lse, counts);
    return compare(step, counts, out, lse);
  }

  private WorstError compare(int step, int[] counts, Tensor out, Tensor lse) {
    ExactCheck check = new ExactCheck(tokens, shape, options);
    long all = sum(counts) * shape.queryHeads();
    long every = Math.max(1, all / MOST_COMPARED);
    WorstError worst = WorstError.ofNumbers(out).max(WorstError.ofNumbers(lse));
    long row = 0;
    for (int s = 0; s < counts.length; s++) {
      List<Span> spans = spans(s, step);
      for (int i = 0; i < counts[s]; i++, row++) {
        int fromEnd = counts[s] - i;
        for (int head = 0; head < shape.queryHeads(); head++) {
          if ((row * shape.queryHeads() + head + step) % every == 0) {
            int position = length(s, step) - fromEnd;
            worst = worst.max(check.row(spans, s, position, fromEnd, row, head, out, lse));
          }
        }
      }
    }
    return worst;
  }

  /** Tokens of a sequence's own, those of decode steps included. */
  private int length(int sequence, int step) {
    return sequences.get(sequence).suffix() + step;
  }

  /** What a sequence sees: its prefixes, outermost first, then its suffix. */
  private List<Span> spans(int sequence, int step) {
    List<Span> spans = new ArrayList<>();
    spans.add(new Span(sequence, length(sequence, step)));
    for (int p = sequences.get(sequence).prefix(); p != Layout.NONE; p = nodes.get(p).parent()) {
      spans.add(0, new Span(stream(p), nodes.get(p).length()));
    }
    return spans;
  }

  private void copy(Kind kind, long stream, int from, int count, Tensor into, long row) {
    for (int t = 0; t < count; t++) {
      tokens.copy(kind, stream, from + t, into.rows(row + t, row + t + 1).segment());
    }
  }

  private Tensor allocate(long rows, int heads) {
    return Tensor.allocate(arena, tokens.type(), rows, heads, shape.headDim());
  }

  private static long sum(int[] counts) {
    long sum = 0;
    for (int count : counts) {
      sum += count;
    }
    return sum;
  }

  @Override
  public void close() {
    arena.close();
  }
}
