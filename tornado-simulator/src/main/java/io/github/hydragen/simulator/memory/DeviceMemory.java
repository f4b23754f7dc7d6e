package io.github.hydragen.simulator.memory;

import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import uk.ac.manchester.tornado.api.exceptions.TornadoOutOfMemoryException;
import uk.ac.manchester.tornado.api.exceptions.TornadoRuntimeException;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** The memory of the one simulated device, shared by all plans of the JVM. */
public final class DeviceMemory {
  private static final String LIMIT_PROPERTY = "tornado.device.memory";
  private static final Pattern SIZE = Pattern.compile("(\\d+)([KMG]?)B?");
  private static final AtomicLong USED = new AtomicLong();

  private DeviceMemory() {}

  /** Returns how much memory the device has: 4 GB unless {@code tornado.device.memory} is set. */
  public static long capacity() {
    String text = System.getProperty(LIMIT_PROPERTY, "4GB").toUpperCase(Locale.ROOT);
    Matcher size = SIZE.matcher(text);
    if (!size.matches()) {
      throw new TornadoRuntimeException(
          "-D%s=%s is not a size: write it as 512MB or 4GB".formatted(LIMIT_PROPERTY, text));
    }
    int shift =
        switch (size.group(2)) {
          case "K" -> 10;
          case "M" -> 20;
          case "G" -> 30;
          default -> 0;
        };
    return Long.parseLong(size.group(1)) << shift;
  }

  /** Allocates the device's copy of a host array. */
  public static DeviceArray allocate(TornadoNativeArray host) {
    long bytes = host.getNumBytesOfSegmentWithHeader();
    long used = USED.addAndGet(bytes);
    if (used > capacity()) {
      USED.addAndGet(-bytes);
      throw new TornadoOutOfMemoryException(
          "%d bytes more do not fit in the device's %d, of which %d are in use: set -D%s"
              .formatted(bytes, capacity(), used - bytes, LIMIT_PROPERTY));
    }
    return new DeviceArray(host);
  }

  /** Frees an array. */
  public static void free(DeviceArray array) {
    USED.addAndGet(-array.bytes());
    array.close();
  }
}
