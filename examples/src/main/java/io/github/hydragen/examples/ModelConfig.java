package io.github.hydragen.examples;

import io.github.hydragen.AttentionShape;

/**
 * The sizes of a decoder-only transformer.
 *
 * @param vocabulary number of token ids
 * @param width elements of a token's hidden state
 * @param layers number of layers
 * @param attention head layout of every layer, with an even head dimension
 * @param feedForward elements between the two halves of the feed-forward network
 */
public record ModelConfig(
    int vocabulary, int width, int layers, AttentionShape attention, int feedForward) {
  /** Small enough for a test, with grouped-query attention. */
  public static ModelConfig tiny() {
    return new ModelConfig(256, 64, 3, AttentionShape.of(8, 2, 16), 160);
  }
}
