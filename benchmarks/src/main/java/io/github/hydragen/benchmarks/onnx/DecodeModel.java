package io.github.hydragen.benchmarks.onnx;

import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;
import io.github.hydragen.benchmarks.DecodeCase;
import java.util.List;
import java.util.Map;

/**
 * The attention of a decode step with ONNX's Attention operator: a pass over the prefix, one over
 * the suffixes, and their merge.
 *
 * <p>The operator does not tell the log-sum-exp; it can tell the scores, from which another finds
 * it. Inputs: {@code q} [batch, kvHeads, group, headDim]; {@code prefix.k}, {@code prefix.v} [1,
 * kvHeads, prefix, headDim]; {@code suffix.k}, {@code suffix.v} [batch, kvHeads, suffix, headDim].
 * Outputs in F32: {@code out} as q, {@code lse} [batch, kvHeads, group, 1].
 */
public final class DecodeModel {
  private final OnnxGraph graph = new OnnxGraph();
  private final DecodeCase c;
  private final long batch;
  private final long heads;
  private final long group;
  private final long dim;

  private DecodeModel(DecodeCase c) {
    AttentionShape shape = c.shape();
    this.c = c;
    this.batch = c.batch();
    this.heads = shape.kvHeads();
    this.group = shape.groupSize();
    this.dim = shape.headDim();
  }

  /** The model's bytes. */
  public static byte[] of(DecodeCase c) {
    return new DecodeModel(c).build();
  }

  private byte[] build() {
    String q = graph.input("q", c.type(), batch, heads, group, dim);
    if (c.prefix() == 0) {
      suffixes(q, "");
    } else if (c.suffix() == 0) {
      prefix(q, "");
    } else {
      prefix(q, "1");
      suffixes(q, "2");
      merge();
    }
    graph.output("out", DataType.F32, batch, heads, group, dim);
    graph.output("lse", DataType.F32, batch, heads, group, 1);
    return graph.toBytes();
  }

  /** The queries of all sequences lie together for one pass. */
  private void prefix(String q, String suffix) {
    String k = graph.input("prefix.k", c.type(), 1, heads, c.prefix(), dim);
    String v = graph.input("prefix.v", c.type(), 1, heads, c.prefix(), dim);
    swap("q.swapped", q);
    graph.node("q.stacked", "Reshape", "q.swapped", shape(1, heads, batch * group, dim));
    attention("q.stacked", k, v, "prefix.out", "prefix.lse");
    graph.node("out.split", "Reshape", "prefix.out", shape(heads, batch, group, dim));
    graph.node("lse.split", "Reshape", "prefix.lse", shape(heads, batch, group, 1));
    swap("out" + suffix, "out.split");
    swap("lse" + suffix, "lse.split");
  }

  private void suffixes(String q, String suffix) {
    String k = graph.input("suffix.k", c.type(), batch, heads, c.suffix(), dim);
    String v = graph.input("suffix.v", c.type(), batch, heads, c.suffix(), dim);
    attention(q, k, v, "out" + suffix, "lse" + suffix);
  }

  private String shape(long... sizes) {
    return graph.constant(sizes);
  }

  /** Exchanges the first two of four dimensions, one of which is always the batch's. */
  private void swap(String output, String input) {
    graph.transpose(output, input, 1, 0, 2, 3);
  }

  /** Scores are told as mode 0 does: scaled, before the softmax. */
  private void attention(String q, String k, String v, String out, String lse) {
    graph.node(
        "Attention",
        List.of(q, k, v),
        List.of(out + ".typed", "", "", lse + ".scores"),
        Map.of("qk_matmul_output_mode", 0L));
    graph.cast(out, out + ".typed", DataType.F32);
    graph.cast(lse + ".scores32", lse + ".scores", DataType.F32);
    graph.node(lse, "ReduceLogSumExp", lse + ".scores32", graph.constant(3));
  }

  /** The prefix's share of the sum is sigmoid(its lse - the other lse). */
  private void merge() {
    graph.node("difference", "Sub", "lse1", "lse2");
    graph.node("share", "Sigmoid", "difference");
    graph.node("away", "Sub", "out1", "out2");
    graph.node("part", "Mul", "away", "share");
    graph.node("out", "Add", "out2", "part");
    graph.node("more", "Softplus", "difference");
    graph.node("lse", "Add", "lse2", "more");
  }
}
