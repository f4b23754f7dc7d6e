package io.github.hydragen.benchmarks.report;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.hydragen.cli.console.Environment;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Decoding speeds as {@code hydragen bench --export-json} writes them, of this project or of
 * another that was made to write the same.
 *
 * @param schema 1
 * @param environment where and with what it was measured
 * @param command that measured it
 * @param limits of the device, or null if another file of the group has them
 * @param results one for each configuration and method
 */
record SuiteFile(
    int schema,
    Environment environment,
    String command,
    @Nullable Limits limits,
    List<Configuration> results) {
  private static final ObjectMapper MAPPER =
      new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

  /**
   * What the device does at best.
   *
   * @param flopsPerSecond multiplications and additions on operands of the storage type
   * @param bytesPerSecond read from the device's memory
   * @param source where both are from: measured, how; or the maker's figures
   */
  record Limits(double flopsPerSecond, double bytesPerSecond, String source) {}

  /** Fields as docs/bench.md has them; without the one of layers a step is of one. */
  record Configuration(
      String method,
      String backend,
      String device,
      int batch,
      int prefix,
      int output,
      int queryHeads,
      int kvHeads,
      int headDim,
      String dtype,
      @Nullable Integer layers,
      @Nullable Double tokensPerSecond,
      @Nullable Double maxAbsError,
      @Nullable String skipped) {

    /** For instance {@code 256 x 2048 + 512, 32/32, bf16}. */
    String name() {
      return batch
          + " x "
          + prefix
          + " + "
          + output
          + ", "
          + queryHeads
          + "/"
          + kvHeads
          + ", "
          + dtype
          + (layersOfAStep() == 1 ? "" : ", " + layersOfAStep() + " layers");
    }

    private int layersOfAStep() {
      return Objects.requireNonNullElse(layers, 1);
    }

    /** Tokens a second if each step took only as long as its limit, with the prefix shared. */
    double limit(Limits limits) {
      double tokenBytes = 2.0 * kvHeads * headDim * (dtype.equals("f32") ? 4 : 2);
      double seconds = 0;
      for (int length = 1; length <= output; length++) {
        double flops = 4.0 * batch * queryHeads * ((double) prefix + length) * headDim;
        double bytes = (prefix + (double) batch * length) * tokenBytes;
        seconds += Math.max(flops / limits.flopsPerSecond(), bytes / limits.bytesPerSecond());
      }
      return (double) batch * output / (layersOfAStep() * seconds);
    }
  }

  static SuiteFile of(String json) throws IOException {
    return MAPPER.readValue(json, SuiteFile.class);
  }
}
