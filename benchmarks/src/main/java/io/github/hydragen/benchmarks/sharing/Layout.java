package io.github.hydragen.benchmarks.sharing;

import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;
import java.util.Locale;

/** Heads and storage of one grid. */
record Layout(int queryHeads, int kvHeads, int headDim, DataType type) {
  AttentionShape shape() {
    return AttentionShape.of(queryHeads, kvHeads, headDim);
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
