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

/** Computes one case on an engine and compares every row. */
final class CaseRun implements AutoCloseable {
  private final AttentionShape shape;
  private final List<PrefixNode> nodes;
  private final List<Sequence> sequences;
  private final SyntheticTokens tokens;
  private final AttentionEngine engine;
  private final EngineOptions options;
  private final Arena arena = Arena.ofShared();

  CaseRun(VerifyCase verified, AttentionEngine engine, SyntheticTokens tokens) {
    this.shape = verified.shape();
    this.nodes = verified.layout().prefixes();
    this.sequences = verified.layout().sequences();
    this.tokens = tokens;
    this.engine = engine;
    this.options = engine.options();
  }

  /** The worst error of all rows. */
  WorstError run() {
    int capacity = sequences.stream().mapToInt(Sequence::suffix).max().orElse(0);
    List<Prefix> prefixes = prefixes();
    try (SequenceBatch batch = engine.batch(sequences.size(), capacity)) {
      for (int s = 0; s < sequences.size(); s++) {
        int prefix = sequences.get(s).prefix();
        batch.attach(s, prefix == Layout.NONE ? null : prefixes.get(prefix));
      }
      // In two parts: the second goes behind what is already there.
      append(batch, s -> 0, s -> s.suffix() / 2);
      append(batch, s -> s.suffix() / 2, Sequence::suffix);
      return attend(batch);
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

  private WorstError attend(SequenceBatch batch) {
    int[] counts = sequences.stream().mapToInt(Sequence::newTokens).toArray();
    Tensor q = allocate(sum(counts), shape.queryHeads());
    long row = 0;
    for (int s = 0; s < counts.length; s++) {
      copy(Kind.QUERY, s, 0, counts[s], q, row);
      row += counts[s];
    }
    Tensor out = Tensor.allocate(arena, DataType.F32, q.shape());
    Tensor lse = Tensor.allocate(arena, DataType.F32, sum(counts), shape.queryHeads());
    batch.attend(q, out, lse, counts);
    return compare(counts, out, lse);
  }

  private WorstError compare(int[] counts, Tensor out, Tensor lse) {
    ExactCheck check = new ExactCheck(tokens, shape, options);
    WorstError worst = WorstError.NONE;
    long row = 0;
    for (int s = 0; s < counts.length; s++) {
      List<Span> spans = spans(s);
      for (int i = 0; i < counts[s]; i++, row++) {
        for (int head = 0; head < shape.queryHeads(); head++) {
          worst = worst.max(check.row(spans, s, i, counts[s] - i, row, head, out, lse));
        }
      }
    }
    return worst;
  }

  /** What a sequence sees: its prefixes, outermost first, then its suffix. */
  private List<Span> spans(int sequence) {
    List<Span> spans = new ArrayList<>();
    Sequence own = sequences.get(sequence);
    spans.add(new Span(sequence, own.suffix()));
    for (int p = own.prefix(); p != Layout.NONE; p = nodes.get(p).parent()) {
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
