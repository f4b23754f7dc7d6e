package io.github.hydragen.benchmarks.sharing;

import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;
import io.github.hydragen.EngineOptions;
import java.util.Locale;

/** Heads and storage of one grid. */
record Layout(int queryHeads, int kvHeads, int headDim, DataType type) {
  /** As {@link #text} writes it: query heads, key/value heads, head dimension, type. */
  static Layout parse(String text) {
    String[] parts = text.split(":", -1);
    if (parts.length != 4) {
      throw new IllegalArgumentException(
          "not a layout: " + text + "; such as 32:8:128:BF16 is expected");
    }
    return new Layout(
        Integer.parseInt(parts[0]),
        Integer.parseInt(parts[1]),
        Integer.parseInt(parts[2]),
        DataType.valueOf(parts[3]));
  }

  /** For a parameter. */
  String text() {
    return queryHeads + ":" + kvHeads + ":" + headDim + ":" + type;
  }

  AttentionShape shape() {
    return AttentionShape.of(queryHeads, kvHeads, headDim);
  }

  EngineOptions options() {
    return EngineOptions.defaults().withBackend("cpu").withStorage(type);
  }

  /** For people. */
  String words() {
    return "%d query heads, %d key/value head%s of %d, %s"
        .formatted(
            queryHeads,
            kvHeads,
            kvHeads == 1 ? "" : "s",
            headDim,
            type.name().toLowerCase(Locale.ROOT));
  }
}
