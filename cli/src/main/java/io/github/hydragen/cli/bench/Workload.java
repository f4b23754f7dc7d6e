package io.github.hydragen.cli.bench;

import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;
import io.github.hydragen.spi.HostMemory;
import java.util.Locale;

/**
 * What is decoded.
 *
 * @param batch sequences, 1 or more
 * @param prefix tokens that all sequences share, 0 or more
 * @param output tokens that each sequence decodes, 1 or more
 * @param shape the head layout
 * @param dtype how keys and values are stored
 * @param layers attention layers of a decode step, each with keys and values of its own, 1 or more
 */
record Workload(
    int batch, int prefix, int output, AttentionShape shape, DataType dtype, int layers) {
  private static final int MAX_BATCH = 1 << 18;
  private static final int MAX_TOKENS = 1 << 20;
  private static final int MAX_LAYERS = 1 << 10;

  /** Checks the numbers; within them the bytes that a layer stores fit a long. */
  Workload {
    check("--batch", batch, 1, MAX_BATCH);
    check("--prefix", prefix, 0, MAX_TOKENS);
    check("--output", output, 1, MAX_TOKENS);
    check("--layers", layers, 1, MAX_LAYERS);
  }

  private static void check(String option, int value, int min, int max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          option + " " + value + " is out of range: choose " + min + " to " + max);
    }
  }

  /** Bytes of the keys and values of one token in one layer. */
  long tokenBytes() {
    return 2L * shape.kvRow() * dtype.bytes();
  }

  /** Tokens of one sequence in the batch's own storage. */
  int capacity(Method method) {
    return method == Method.FLASH ? prefix + output : output;
  }

  /** Bytes of the keys and values stored, of all layers; beyond a long its largest. */
  long kvBytes(Method method) {
    long tokens = (long) batch * capacity(method) + (method == Method.FLASH ? 0L : prefix);
    return HostMemory.product(layers, tokens, tokenBytes());
  }

  /** One line for people. */
  String describe() {
    return "batch %d, prefix %d, output %d; %d query heads, %d kv heads, head dim %d; %s%s"
        .formatted(
            batch,
            prefix,
            output,
            shape.queryHeads(),
            shape.kvHeads(),
            shape.headDim(),
            dtype.name().toLowerCase(Locale.ROOT),
            layers == 1 ? "" : "; " + layers + " layers");
  }
}
