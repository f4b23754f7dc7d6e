package io.github.hydragen.cli.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.hydragen.DeviceInfo;
import io.github.hydragen.DeviceLimits;
import io.github.hydragen.cli.console.ExportFile;
import io.github.hydragen.spi.UserCache;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Limits that were measured, kept in a file for every device, number of threads and JVM. */
final class LimitsCache {
  private static final ObjectMapper MAPPER =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private final Path file;

  LimitsCache(Path file) {
    this.file = file;
  }

  /** The user's: {@code hydragen/limits.json} in the XDG cache directory. */
  static LimitsCache ofUser() {
    return new LimitsCache(UserCache.file("limits.json"));
  }

  /**
   * What the file knows, or else what is measured now and kept in it.
   *
   * @param threads that compute, 0 for one a processor
   * @param renew whether to measure in any case
   * @return empty where the backend cannot tell
   */
  Optional<DeviceLimits> get(
      DeviceInfo device, int threads, boolean renew, Supplier<Optional<DeviceLimits>> measure) {
    String key = key(device, threads);
    Optional<DeviceLimits> known = renew ? Optional.empty() : parse(read().get(key));
    if (known.isPresent()) {
      return known;
    }
    Optional<DeviceLimits> measured = measure.get();
    measured.ifPresent(limits -> keep(key, limits));
    return measured;
  }

  private static String key(DeviceInfo device, int threads) {
    int count = threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
    return String.join(
        "; ", device.name(), device.description(), count + " used", "Java " + Runtime.version());
  }

  private ObjectNode read() {
    try {
      if (Files.exists(file) && MAPPER.readTree(file.toFile()) instanceof ObjectNode known) {
        return known;
      }
    } catch (IOException e) {
      // Not readable as what it should be: it is only a cache, and is written anew.
      return MAPPER.createObjectNode();
    }
    return MAPPER.createObjectNode();
  }

  private static Optional<DeviceLimits> parse(@Nullable JsonNode entry) {
    if (entry == null) {
      return Optional.empty();
    }
    double flops = entry.path("flopsPerSecond").asDouble();
    double bytes = entry.path("bytesPerSecond").asDouble();
    return flops > 0 && bytes > 0 ? Optional.of(new DeviceLimits(flops, bytes)) : Optional.empty();
  }

  private void keep(String key, DeviceLimits limits) {
    ObjectNode all = read();
    ObjectNode entry = all.putObject(key);
    entry.put("flopsPerSecond", limits.flopsPerSecond());
    entry.put("bytesPerSecond", limits.bytesPerSecond());
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      ExportFile.checked("the cache of limits", file).write(text(all));
    } catch (IOException | IllegalArgumentException e) {
      // Without a cache they are measured in every run: slower by a second, nothing else.
      System.getLogger(LimitsCache.class.getName())
          .log(System.Logger.Level.DEBUG, "limits are not kept in " + file, e);
    }
  }

  private static String text(ObjectNode all) throws JsonProcessingException {
    return MAPPER.writeValueAsString(all) + "\n";
  }
}
