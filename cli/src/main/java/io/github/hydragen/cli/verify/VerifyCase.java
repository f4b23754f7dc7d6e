package io.github.hydragen.cli.verify;

import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What is computed and compared.
 *
 * @param name names it on the command line, for instance {@code 8x2x128-bf16-tree}
 * @param shape the head layout
 * @param dtype how keys and values are stored
 * @param layout who shares what
 */
record VerifyCase(String name, AttentionShape shape, DataType dtype, Layout layout) {
  private static final List<AttentionShape> SHAPES =
      List.of(
          AttentionShape.of(4, 4, 128),
          AttentionShape.of(8, 2, 128),
          AttentionShape.of(8, 1, 64),
          AttentionShape.of(2, 2, 256),
          AttentionShape.of(6, 2, 96),
          AttentionShape.of(3, 1, 13));

  /** The whole grid. */
  static List<VerifyCase> grid() {
    List<VerifyCase> grid = new ArrayList<>();
    for (AttentionShape shape : SHAPES) {
      for (DataType dtype : DataType.values()) {
        Layout.grid()
            .forEach(
                (layoutName, layout) -> {
                  String name = word(shape) + "-" + word(dtype) + "-" + layoutName;
                  grid.add(new VerifyCase(name, shape, dtype, layout));
                });
      }
    }
    return grid;
  }

  /** What it is, in words, for a name that does not tell. */
  String description() {
    return "%s-%s, prefixes %d, sequences %d, decode steps %d"
        .formatted(
            word(shape),
            word(dtype),
            layout.prefixes().size(),
            layout.sequences().size(),
            layout.steps());
  }

  /** What the names of the grid are made of, in words. */
  static String names() {
    return "a name is a shape (%s), a type (%s) and a layout (%s), as in 8x2x128-bf16-tree, or random-N"
        .formatted(
            oneOf(SHAPES.stream().map(VerifyCase::word)),
            oneOf(Stream.of(DataType.values()).map(VerifyCase::word)),
            oneOf(Layout.grid().keySet().stream()));
  }

  private static String oneOf(Stream<String> words) {
    return words.collect(Collectors.joining(", "));
  }

  private static String word(AttentionShape shape) {
    return shape.queryHeads() + "x" + shape.kvHeads() + "x" + shape.headDim();
  }

  private static String word(DataType dtype) {
    return dtype.name().toLowerCase(Locale.ROOT);
  }
}
