package io.github.hydragen.examples;

import io.github.hydragen.AttentionShape;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * A decoder-only transformer in the manner of Llama with random weights: RMSNorm, rotary positions,
 * grouped-query attention, SwiGLU, embeddings shared with the output.
 */
public final class Transformer {
  private record Layer(
      Linear query, Linear key, Linear value, Linear output, Linear gate, Linear up, Linear down) {}

  private final ModelConfig config;
  private final Linear embedding;
  private final List<Layer> layers;

  /** A model whose weights are determined by the seed. */
  public Transformer(ModelConfig config, long seed) {
    this.config = config;
    Random random = new Random(seed);
    this.embedding = new Linear(config.width(), config.vocabulary(), random);
    this.layers = IntStream.range(0, config.layers()).mapToObj(i -> layer(random)).toList();
  }

  private Layer layer(Random random) {
    AttentionShape shape = config.attention();
    int width = config.width();
    return new Layer(
        new Linear(width, shape.queryRow(), random),
        new Linear(width, shape.kvRow(), random),
        new Linear(width, shape.kvRow(), random),
        new Linear(shape.queryRow(), width, random),
        new Linear(width, config.feedForward(), random),
        new Linear(width, config.feedForward(), random),
        new Linear(config.feedForward(), width, random));
  }

  /** The model's sizes. */
  public ModelConfig config() {
    return config;
  }

  /**
   * Takes in new tokens.
   *
   * @param cache what the sequences hold so far; the new tokens are added
   * @param tokens as many for each sequence: those of sequence 0, then of sequence 1, and so on
   * @return logits behind each sequence's last token, [sequences, vocabulary]
   */
  float[] forward(KvCache cache, int[] tokens) {
    int perSequence = tokens.length / cache.sequences();
    float[] x = new float[tokens.length * config.width()];
    for (int i = 0; i < tokens.length; i++) {
      embedding.copyRow(tokens[i], x, i * config.width());
    }
    for (int i = 0; i < layers.size(); i++) {
      Layer layer = layers.get(i);
      Rows.add(x, attention(layer, i, Rows.normalised(x, config.width()), cache, perSequence));
      Rows.add(x, feedForward(layer, Rows.normalised(x, config.width())));
    }
    cache.advance(perSequence);
    return embedding.apply(Rows.normalised(last(x, perSequence), config.width()));
  }

  private float[] attention(Layer layer, int index, float[] x, KvCache cache, int perSequence) {
    AttentionShape shape = config.attention();
    int position = cache.position();
    float[] q = layer.query.apply(x);
    float[] k = layer.key.apply(x);
    Rows.rotate(q, perSequence, shape.queryHeads(), shape.headDim(), position);
    Rows.rotate(k, perSequence, shape.kvHeads(), shape.headDim(), position);
    return layer.output.apply(cache.attend(index, q, k, layer.value.apply(x)));
  }

  private static float[] feedForward(Layer layer, float[] x) {
    float[] up = layer.up.apply(x);
    Rows.gate(up, layer.gate.apply(x));
    return layer.down.apply(up);
  }

  /** The last row of each sequence. */
  private float[] last(float[] x, int perSequence) {
    int width = config.width();
    int sequences = x.length / width / perSequence;
    float[] rows = new float[sequences * width];
    for (int s = 0; s < sequences; s++) {
      System.arraycopy(x, ((s + 1) * perSequence - 1) * width, rows, s * width, width);
    }
    return rows;
  }
}
