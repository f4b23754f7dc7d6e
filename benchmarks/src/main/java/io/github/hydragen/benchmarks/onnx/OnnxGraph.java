package io.github.hydragen.benchmarks.onnx;

import io.github.hydragen.DataType;
import java.util.List;
import java.util.Map;

/**
 * A graph of operators, written as an ONNX model.
 *
 * <p>Field numbers are those of <a
 * href="https://github.com/onnx/onnx/blob/main/onnx/onnx.proto">onnx.proto</a>.
 */
public final class OnnxGraph {
  /** Of the format; it belongs to the operator set. */
  private static final int IR_VERSION = 11;

  /** The first with an Attention operator. */
  private static final int OPERATOR_SET = 23;

  private static final int INT64 = 7;
  private static final int ATTRIBUTE_INT = 2;
  private static final int ATTRIBUTE_INTS = 7;

  private final ProtoWriter graph = new ProtoWriter().text(2, "graph");
  private int constants;

  /** An empty graph. */
  public OnnxGraph() {}

  /** The number of an element type in ONNX. */
  public static int code(DataType type) {
    return switch (type) {
      case F32 -> 1;
      case F16 -> 10;
      case BF16 -> 16;
    };
  }

  /** Declares an input of the graph and returns its name. */
  public String input(String name, DataType type, long... shape) {
    graph.message(11, value(name, type, shape));
    return name;
  }

  /** Declares a result of a node as an output of the graph. */
  public void output(String name, DataType type, long... shape) {
    graph.message(12, value(name, type, shape));
  }

  private static ProtoWriter value(String name, DataType type, long... shape) {
    ProtoWriter dims = new ProtoWriter();
    for (long size : shape) {
      dims.message(1, new ProtoWriter().number(1, size));
    }
    ProtoWriter tensor = new ProtoWriter().number(1, code(type)).message(2, dims);
    return new ProtoWriter().text(1, name).message(2, new ProtoWriter().message(1, tensor));
  }

  /** Adds a vector of INT64 and returns its name. */
  public String constant(long... values) {
    String name = "constant" + constants++;
    ProtoWriter tensor = new ProtoWriter().number(1, values.length).number(2, INT64).text(8, name);
    for (long value : values) {
      tensor.number(7, value);
    }
    graph.message(5, tensor);
    return name;
  }

  /**
   * Adds a node with numbers as attributes.
   *
   * @param inputs names; an empty one leaves an optional input out
   * @param outputs names, likewise
   */
  public void node(
      String operator, List<String> inputs, List<String> outputs, Map<String, Long> attributes) {
    ProtoWriter node = start(operator, inputs, outputs);
    attributes.forEach(
        (name, value) ->
            node.message(
                5, new ProtoWriter().text(1, name).number(3, value).number(20, ATTRIBUTE_INT)));
    graph.message(1, node);
  }

  private static ProtoWriter start(String operator, List<String> inputs, List<String> outputs) {
    ProtoWriter node = new ProtoWriter();
    inputs.forEach(name -> node.text(1, name));
    outputs.forEach(name -> node.text(2, name));
    return node.text(4, operator);
  }

  /** Converts elements. */
  public void cast(String output, String input, DataType to) {
    node("Cast", List.of(input), List.of(output), Map.of("to", (long) code(to)));
  }

  /** Exchanges dimensions: that of the output at i is that of the input at {@code order[i]}. */
  public void transpose(String output, String input, long... order) {
    ProtoWriter permutation = new ProtoWriter().text(1, "perm");
    for (long dimension : order) {
      permutation.number(8, dimension);
    }
    permutation.number(20, ATTRIBUTE_INTS);
    graph.message(1, start("Transpose", List.of(input), List.of(output)).message(5, permutation));
  }

  /** Adds a node with one output, which is named and returned. */
  public String node(String output, String operator, String... inputs) {
    node(operator, List.of(inputs), List.of(output), Map.of());
    return output;
  }

  /** The model. */
  public byte[] toBytes() {
    return new ProtoWriter()
        .number(1, IR_VERSION)
        .text(2, "hydragen")
        .message(7, graph)
        .message(8, new ProtoWriter().text(1, "").number(2, OPERATOR_SET))
        .toBytes();
  }
}
