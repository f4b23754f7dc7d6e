package io.github.hydragen.examples;

import io.github.hydragen.AttentionEngine;
import io.github.hydragen.Prefix;
import io.github.hydragen.SequenceBatch;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The keys and values of a batch of sequences in all layers: one {@link SequenceBatch} a layer.
 *
 * <p>All sequences have the same length, as when many answers to one prompt are sampled.
 */
final class KvCache implements AutoCloseable {
  private final List<SequenceBatch> layers;
  private int position;

  /** Empty sequences. */
  KvCache(AttentionEngine engine, int layerCount, int sequences, int capacity) {
    this.layers =
        IntStream.range(0, layerCount).mapToObj(i -> engine.batch(sequences, capacity)).toList();
  }

  /**
   * Attaches all sequences to a prefix.
   *
   * @param prefix one for each layer, as {@link #promote} gives it
   */
  void attach(List<Prefix> prefix) {
    for (int layer = 0; layer < layers.size(); layer++) {
      layers.get(layer).attachAll(prefix.get(layer));
    }
    position = prefix.getFirst().totalLength();
  }

  int sequences() {
    return layers.getFirst().size();
  }

  /** Tokens of each sequence so far, its prefix included. */
  int position() {
    return position;
  }

  /**
   * Adds new tokens in one layer and attends with them.
   *
   * @param q [sequences, tokens, queryHeads, headDim]
   * @param k [sequences, tokens, kvHeads, headDim]
   * @param v like {@code k}
   * @return the shape of {@code q}
   */
  float[] attend(int layer, float[] q, float[] k, float[] v) {
    SequenceBatch batch = layers.get(layer);
    batch.append(k, v);
    float[] out = new float[q.length];
    batch.attend(q, out, null);
    return out;
  }

  /** Counts new tokens that all layers have taken. */
  void advance(int tokens) {
    position += tokens;
  }

  /** Turns the first sequence into a prefix, one for each layer: nothing is computed again. */
  List<Prefix> promote() {
    return layers.stream().map(layer -> layer.promote(0)).toList();
  }

  @Override
  public void close() {
    layers.forEach(SequenceBatch::close);
  }
}
