package io.github.hydragen.cli.attend;

import io.github.hydragen.safetensors.SafetensorsException;
import io.github.hydragen.safetensors.SafetensorsFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names in a case file: how many levels there are, and what is no part of a case.
 *
 * <p>An unknown name in the case's own name spaces is an error, since a slip there would change the
 * answer in silence; what other tools add elsewhere is ignored.
 *
 * @param levels levels of prefixes
 * @param ignored names that mean nothing here, a line each
 */
record CaseNames(int levels, List<String> ignored) {
  private static final Set<String> PLAIN = Set.of("q", "suffix.k", "suffix.v", "suffix.lengths");
  private static final Pattern OWN = Pattern.compile("(prefix|suffix)\\..*", Pattern.DOTALL);
  private static final Pattern LEVEL =
      Pattern.compile("prefix\\.(0|[1-9][0-9]{0,2})\\.(k|v|offsets|groups)");

  CaseNames {
    ignored = List.copyOf(ignored);
  }

  static CaseNames of(SafetensorsFile file) throws SafetensorsException {
    int deepest = -1;
    List<String> ignored = new ArrayList<>();
    for (String name : file.names()) {
      Matcher level = LEVEL.matcher(name);
      if (level.matches()) {
        deepest = Math.max(deepest, Integer.parseInt(level.group(1)));
      } else if (OWN.matcher(name).matches() && !PLAIN.contains(name)) {
        throw file.problem(
            "tensor \"%s\" is no part of a case: suffix.k, suffix.v, suffix.lengths, prefix.<i>.k,"
                    .formatted(name)
                + " prefix.<i>.v, prefix.<i>.offsets and prefix.<i>.groups are, for i from 0 to 999");
      } else if (!PLAIN.contains(name)) {
        ignored.add("tensor " + name + " is no part of a case and was ignored");
      }
    }
    CaseMetadata.unknown(file)
        .forEach(key -> ignored.add("metadata " + key + " means nothing here and was ignored"));
    return new CaseNames(deepest + 1, ignored);
  }
}
