package io.github.hydragen.cli.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** Schema 1 of exported results, field by field. */
final class JsonSchema {
  private static final Set<String> TEXTS = Set.of("method", "backend", "device", "dtype");
  private static final Set<String> NUMBERS =
      Set.of("tokensPerSecond", "peakBytes", "kvBytes", "maxAbsError");
  private static final List<String> FIELDS =
      List.of(
          "method",
          "backend",
          "device",
          "batch",
          "prefix",
          "output",
          "queryHeads",
          "kvHeads",
          "headDim",
          "dtype",
          "layers",
          "resident",
          "tokensPerSecond",
          "stepMicros",
          "sampledSteps",
          "kernelMicros",
          "peakBytes",
          "kvBytes",
          "maxAbsError",
          "rooflineFraction",
          "skipped");

  private JsonSchema() {}

  static void assertValid(JsonNode root) {
    assertEquals(List.of("schema", "environment", "command", "results"), names(root));
    assertEquals(1, root.get("schema").intValue());
    assertTrue(root.get("environment").isObject());
    for (String field : List.of("version", "commit", "date", "os", "arch", "cpu", "java")) {
      assertTrue(root.get("environment").get(field).isTextual(), field);
    }
    assertTrue(root.get("environment").get("processors").isInt());
    assertTrue(root.get("environment").get("memoryBytes").isIntegralNumber());
    assertTrue(root.get("command").isTextual());
    assertTrue(root.get("results").isArray());
    root.get("results").forEach(JsonSchema::assertResult);
  }

  private static void assertResult(JsonNode result) {
    assertEquals(FIELDS, names(result));
    boolean measured = result.get("skipped").isNull();
    assertTrue(measured || result.get("skipped").isTextual());
    for (String field : FIELDS) {
      assertTrue(rule(field, measured).test(result.get(field)), field + " in " + result);
    }
  }

  private static Predicate<JsonNode> rule(String field, boolean measured) {
    if (TEXTS.contains(field)) {
      return JsonNode::isTextual;
    }
    if (NUMBERS.contains(field)) {
      return measured ? JsonNode::isNumber : JsonNode::isNull;
    }
    return switch (field) {
      case "stepMicros" -> measured ? JsonSchema::isStepMicros : JsonNode::isNull;
      case "resident" -> JsonNode::isBoolean;
      case "sampledSteps" -> JsonNode::isArray;
      case "kernelMicros" -> n -> n.isNull() || n.isArray();
      case "rooflineFraction" -> n -> n.isNull() || n.isNumber();
      case "skipped" -> n -> n.isNull() || n.isTextual();
      default -> JsonNode::isInt;
    };
  }

  private static boolean isStepMicros(JsonNode node) {
    return names(node).equals(List.of("median", "p10", "p90"))
        && node.get("p10").doubleValue() <= node.get("median").doubleValue()
        && node.get("median").doubleValue() <= node.get("p90").doubleValue();
  }

  private static List<String> names(JsonNode node) {
    List<String> names = new ArrayList<>();
    node.fieldNames().forEachRemaining(names::add);
    return names;
  }
}
