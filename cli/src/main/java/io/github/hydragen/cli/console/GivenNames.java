package io.github.hydragen.cli.console;

import java.util.Arrays;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.stream.Collectors;

/** Has errors of the API, which names its parameters, name what the user gave instead. */
public final class GivenNames {
  private GivenNames() {}

  /**
   * Calls the API with what options set.
   *
   * @param options their names; {@code --query-heads} is the parameter {@code queryHeads}
   * @throws IllegalArgumentException the call's own, with the options' names
   */
  public static <T> T in(Supplier<T> call, String... options) {
    return in(
        call, Arrays.stream(options).collect(Collectors.toMap(GivenNames::parameter, o -> o)));
  }

  /**
   * Calls the API.
   *
   * @param given what the user gave for a parameter, by the parameter's name
   * @throws IllegalArgumentException the call's own, with the names of what was given
   */
  public static <T> T in(Supplier<T> call, Map<String, String> given) {
    try {
      return call.get();
    } catch (IllegalArgumentException e) {
      String message = String.valueOf(e.getMessage());
      for (Map.Entry<String, String> name : given.entrySet()) {
        message =
            message.replaceAll(
                "(?<![\\w-])" + name.getKey() + "\\b", Matcher.quoteReplacement(name.getValue()));
      }
      throw new IllegalArgumentException(message, e);
    }
  }

  private static String parameter(String option) {
    StringBuilder name = new StringBuilder();
    for (String word : option.substring("--".length()).split("-", -1)) {
      name.append(
          name.isEmpty() ? word : Character.toUpperCase(word.charAt(0)) + word.substring(1));
    }
    return name.toString();
  }
}
