package io.github.hydragen.benchmarks.onnx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;
import io.github.hydragen.benchmarks.DecodeCase;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Expected bytes are written by hand from the wire format and from onnx.proto. */
class OnnxGraphTest {
  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }

  private static String hex(String text) {
    return hex(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void numbersAreVarints() {
    assertEquals("0801", hex(new ProtoWriter().number(1, 1).toBytes()));
    assertEquals("089601", hex(new ProtoWriter().number(1, 150).toBytes()));
    assertEquals("a00100", hex(new ProtoWriter().number(20, 0).toBytes()));
    assertEquals("08ffffffffffffffffff01", hex(new ProtoWriter().number(1, -1).toBytes()));
  }

  @Test
  void textsAndMessagesHaveALength() {
    assertEquals("120774657374696e67", hex(new ProtoWriter().text(2, "testing").toBytes()));
    ProtoWriter inner = new ProtoWriter().number(1, 150);
    assertEquals("1a03089601", hex(new ProtoWriter().message(3, inner).toBytes()));
    assertEquals(3 + 300, new ProtoWriter().text(1, "x".repeat(300)).toBytes().length);
  }

  @Test
  void aModelIsItsVersionsAndItsGraph() {
    OnnxGraph graph = new OnnxGraph();
    graph.node("Neg", List.of("a"), List.of("b"), Map.of("to", 3L));
    String attribute = "0a02" + hex("to") + "1803" + "a00102";
    String node = "0a01" + hex("a") + "1201" + hex("b") + "2203" + hex("Neg") + "2a09" + attribute;
    String inner = "1205" + hex("graph") + "0a16" + node;
    String expected = "080b" + "1208" + hex("hydragen") + "3a1f" + inner + "4204" + "0a00" + "1017";
    assertEquals(expected, hex(graph.toBytes()));
  }

  @Test
  void inputsHaveATypeAndAShape() {
    OnnxGraph graph = new OnnxGraph();
    assertEquals("x", graph.input("x", DataType.F16, 2, 3));
    String shape = "0a020802" + "0a020803";
    String type = "0a0c" + "080a" + "1208" + shape;
    String value = "0a01" + hex("x") + "120e" + type;
    assertTrue(hex(graph.toBytes()).contains("5a13" + value), hex(graph.toBytes()));
  }

  @Test
  void aDecodeModelHasOnlyThePassesItNeeds() {
    AttentionShape shape = AttentionShape.of(4, 2, 8);
    String both = text(new DecodeCase(3, 5, 7, shape, DataType.F32));
    String prefix = text(new DecodeCase(3, 5, 0, shape, DataType.F32));
    String suffix = text(new DecodeCase(3, 0, 7, shape, DataType.F32));
    assertTrue(both.contains("prefix.k") && both.contains("suffix.k") && both.contains("Sigmoid"));
    assertTrue(prefix.contains("prefix.k") && !prefix.contains("suffix.k"));
    assertTrue(suffix.contains("suffix.k") && !suffix.contains("prefix.k"));
  }

  private static String text(DecodeCase c) {
    return new String(DecodeModel.of(c), StandardCharsets.ISO_8859_1);
  }
}
