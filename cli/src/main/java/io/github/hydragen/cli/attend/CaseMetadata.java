package io.github.hydragen.cli.attend;

import io.github.hydragen.EngineOptions;
import io.github.hydragen.safetensors.SafetensorsException;
import io.github.hydragen.safetensors.SafetensorsFile;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** The strings in a case file's metadata. */
final class CaseMetadata {
  private static final String SCALE = "scale";
  private static final String CAUSAL = "causal";
  private static final String SOFT_CAP = "logit_soft_cap";
  private static final String WINDOW = "window";

  /** What a case may say, and what tools write into every file. */
  private static final Set<String> KNOWN = Set.of(SCALE, CAUSAL, SOFT_CAP, WINDOW, "format");

  private static final Pattern NUMBER =
      Pattern.compile("[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?");

  private CaseMetadata() {}

  static List<String> unknown(SafetensorsFile file) {
    return file.metadata().keySet().stream().filter(key -> !KNOWN.contains(key)).toList();
  }

  /** The options that the metadata sets; what it does not set has its default. */
  static EngineOptions options(SafetensorsFile file) throws SafetensorsException {
    EngineOptions options = EngineOptions.defaults();
    for (String key : file.metadata().keySet()) {
      String value = file.metadata().getOrDefault(key, "").strip();
      try {
        options = with(options, key, value);
      } catch (IllegalArgumentException e) {
        throw file.problem("metadata " + key + " is \"" + value + "\": " + expected(key));
      }
    }
    return options;
  }

  private static EngineOptions with(EngineOptions options, String key, String value) {
    return switch (key) {
      case SCALE -> options.withScale(number(value));
      case CAUSAL -> options.withCausal(truth(value));
      case SOFT_CAP -> options.withLogitSoftCap(number(value));
      case WINDOW -> options.withWindow(Integer.parseInt(value));
      default -> options;
    };
  }

  private static float number(String value) {
    if (!NUMBER.matcher(value).matches()) {
      throw new IllegalArgumentException("not a number");
    }
    return Float.parseFloat(value);
  }

  private static boolean truth(String value) {
    return switch (value.toLowerCase(Locale.ROOT)) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("neither true nor false");
    };
  }

  private static String expected(String key) {
    return switch (key) {
      case SCALE -> "it must be a finite number other than 0";
      case CAUSAL -> "it must be true or false";
      case SOFT_CAP -> "it must be a positive number, or 0 for none";
      default -> "it must be an integer from 0, or -1 for none";
    };
  }
}
