package io.github.hydragen.benchmarks.compare;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.github.hydragen.cli.console.Environment;
import java.io.IOException;
import java.util.List;

/**
 * A comparison as JSON, see docs/performance.md.
 *
 * @param schema 1
 * @param suite {@code peers}
 * @param environment where and with what it was measured
 * @param command that measured it
 * @param results one for each contender of each case
 */
public record ComparisonFile(
    int schema, String suite, Environment environment, String command, List<Result> results) {
  /** The value of {@code suite}. */
  public static final String SUITE = "peers";

  private static final ObjectMapper MAPPER =
      new ObjectMapper()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(SerializationFeature.WRITE_ENUMS_USING_TO_STRING)
          .enable(DeserializationFeature.READ_ENUMS_USING_TO_STRING);

  /** Copies the list. */
  public ComparisonFile {
    results = List.copyOf(results);
  }

  /** The file's text. */
  public String toJson() throws JsonProcessingException {
    return MAPPER.writeValueAsString(this) + "\n";
  }

  /** Reads a file's text. */
  public static ComparisonFile of(String json) throws IOException {
    return MAPPER.readValue(json, ComparisonFile.class);
  }
}
