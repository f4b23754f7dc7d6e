package io.github.hydragen.cli.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.hydragen.cli.bench.Result.Measurement;
import io.github.hydragen.cli.console.Environment;
import java.util.List;
import java.util.Locale;

/** Results as JSON, schema 1, see docs/bench.md. */
final class JsonReport {
  private static final int SCHEMA = 1;
  private static final ObjectMapper MAPPER =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private JsonReport() {}

  static String of(Environment environment, String command, List<Result> results)
      throws JsonProcessingException {
    ObjectNode root = MAPPER.createObjectNode();
    root.put("schema", SCHEMA);
    root.set("environment", MAPPER.valueToTree(environment));
    root.put("command", command);
    ArrayNode list = root.putArray("results");
    results.forEach(result -> add(list.addObject(), result));
    return MAPPER.writeValueAsString(root) + "\n";
  }

  private static void add(ObjectNode node, Result result) {
    Workload workload = result.workload();
    node.put("method", result.method().name().toLowerCase(Locale.ROOT));
    node.put("backend", result.device().name());
    node.put("device", result.device().description());
    node.put("batch", workload.batch());
    node.put("prefix", workload.prefix());
    node.put("output", workload.output());
    node.put("queryHeads", workload.shape().queryHeads());
    node.put("kvHeads", workload.shape().kvHeads());
    node.put("headDim", workload.shape().headDim());
    node.put("dtype", workload.dtype().name().toLowerCase(Locale.ROOT));
    node.put("layers", workload.layers());
    node.put("resident", result.resident());
    Measurement measured = result.measured();
    if (measured == null) {
      addMissing(node);
    } else {
      add(node, measured);
    }
    node.put("skipped", result.skipped());
  }

  private static void add(ObjectNode node, Measurement measured) {
    node.put("tokensPerSecond", measured.tokensPerSecond());
    ObjectNode micros = node.putObject("stepMicros");
    micros.put("median", measured.times().percentile(0.5));
    micros.put("p10", measured.times().percentile(0.1));
    micros.put("p90", measured.times().percentile(0.9));
    ArrayNode steps = node.putArray("sampledSteps");
    measured.times().steps().forEach(steps::add);
    List<Double> kernels = measured.kernelMicros();
    if (kernels == null) {
      node.putNull("kernelMicros");
    } else {
      ArrayNode kernelMicros = node.putArray("kernelMicros");
      kernels.forEach(kernelMicros::add);
    }
    node.put("peakBytes", measured.peakBytes());
    node.put("kvBytes", measured.kvBytes());
    node.put("maxAbsError", measured.error().out());
    node.put("rooflineFraction", measured.rooflineFraction());
  }

  private static void addMissing(ObjectNode node) {
    node.putNull("tokensPerSecond");
    node.putNull("stepMicros");
    node.putArray("sampledSteps");
    node.putNull("kernelMicros");
    node.putNull("peakBytes");
    node.putNull("kvBytes");
    node.putNull("maxAbsError");
    node.putNull("rooflineFraction");
  }
}
