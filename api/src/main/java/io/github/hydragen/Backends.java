package io.github.hydragen;

import io.github.hydragen.spi.AttentionBackendProvider;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The backends on the module or class path, and the rule that picks one. */
public final class Backends {
  /** The system property that names a backend. */
  public static final String PROPERTY = "hydragen.backend";

  /** The environment variable that names a backend. */
  public static final String VARIABLE = "HYDRAGEN_BACKEND";

  /** A provider and the device asked of it. */
  record Choice(AttentionBackendProvider provider, String device) {}

  private Backends() {}

  /** All providers, the one that is tried first in front. */
  public static List<AttentionBackendProvider> providers() {
    List<AttentionBackendProvider> providers = new ArrayList<>();
    ServiceLoader.load(AttentionBackendProvider.class).forEach(providers::add);
    providers.sort(
        Comparator.comparingInt(AttentionBackendProvider::priority)
            .reversed()
            .thenComparing(AttentionBackendProvider::name));
    return providers;
  }

  /**
   * The name that is in force: the first that is set (and not blank).
   *
   * @param names by falling precedence
   * @return null where none is set
   */
  static @Nullable String firstSet(@Nullable String... names) {
    for (String name : names) {
      if (name != null && !name.isBlank()) {
        return name.strip();
      }
    }
    return null;
  }

  /**
   * Measures what the device that these options choose can do at best; takes a second or so.
   *
   * @return empty where its backend cannot tell
   * @throws BackendUnavailableException if the named backend, or any, is not available
   */
  public static Optional<DeviceLimits> measureLimits(EngineOptions options) {
    Choice choice = choose(options.backend());
    return choice.provider().measureLimits(choice.device(), options.threads());
  }

  /**
   * Measures, on the device that these options choose, what its backend decides from; see {@link
   * EngineOptions.Sharing#AUTO}. Takes a few seconds for each storage type and number of threads,
   * and is kept for this user and machine; until then, backends go by what was measured elsewhere.
   *
   * @param renew whether to measure also what is known from before
   * @throws BackendUnavailableException if the named backend, or any, is not available
   */
  public static void calibrate(EngineOptions options, boolean renew) {
    Choice choice = choose(options.backend());
    choice.provider().calibrate(options, choice.device(), renew);
  }

  /**
   * Picks the backend.
   *
   * @param explicit a name, with a device behind a colon if wanted, or null
   * @throws BackendUnavailableException if the named one is unknown or not available, or none is
   */
  static Choice choose(@Nullable String explicit) {
    return choose(
        providers(), firstSet(explicit, System.getProperty(PROPERTY), System.getenv(VARIABLE)));
  }

  static Choice choose(List<AttentionBackendProvider> providers, @Nullable String name) {
    return name == null ? best(providers) : named(providers, name);
  }

  private static Choice named(List<AttentionBackendProvider> providers, String name) {
    int colon = name.indexOf(':');
    String base = colon < 0 ? name : name.substring(0, colon);
    for (AttentionBackendProvider provider : providers) {
      if (provider.name().equals(base)) {
        Availability availability = provider.availability();
        if (!availability.available()) {
          throw new BackendUnavailableException(
              "backend " + base + " is not available: " + sentence(availability));
        }
        return new Choice(provider, colon < 0 ? "" : name.substring(colon + 1));
      }
    }
    String known =
        providers.stream().map(AttentionBackendProvider::name).collect(Collectors.joining(", "));
    throw new BackendUnavailableException(
        "there is no backend " + name + " here: choose one of " + known);
  }

  private static Choice best(List<AttentionBackendProvider> providers) {
    StringBuilder refusals = new StringBuilder();
    for (AttentionBackendProvider provider : providers) {
      if (provider.priority() >= 0) {
        Availability availability = provider.availability();
        if (availability.available()) {
          return new Choice(provider, "");
        }
        refusals.append("; ").append(provider.name()).append(": ").append(sentence(availability));
      }
    }
    throw new BackendUnavailableException(
        "no backend is available"
            + (refusals.isEmpty()
                ? ": put hydragen-cpu-kernels on the module or class path"
                : refusals.toString()));
  }

  private static String sentence(Availability availability) {
    return availability.remedy().isEmpty()
        ? availability.reason()
        : availability.reason() + "; " + availability.remedy();
  }
}
