package io.github.hydragen.tornado.device;

import io.github.hydragen.spi.JvmFlags;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * Whether the tuned kernels find what they read. TornadoVM puts a header before an array's elements
 * whose size can be set, but {@code getHalf2} and {@code mmaStore} skip what the JVM has before the
 * elements of an array of its own. Only where both are the usual 16 bytes do they agree.
 */
public final class ArrayHeaders {
  private static final long USUAL = 16;

  private ArrayHeaders() {}

  /** What is not as it must be for tuned kernels, and the remedy; null where all is well. */
  public static @Nullable String unusual() {
    return unusual(TornadoNativeArray.ARRAY_HEADER, JvmFlags::isOn);
  }

  static @Nullable String unusual(long header, Predicate<String> flags) {
    if (flags.test("UseCompactObjectHeaders")) {
      return "the JVM has compact object headers: start it with -XX:-UseCompactObjectHeaders";
    }
    if (header != USUAL) {
      return ("TornadoVM's arrays have headers of %d bytes, not %d: start the JVM without"
              + " -Dtornado.panama.objectHeader, -XX:-UseCompressedOops and"
              + " -XX:-UseCompressedClassPointers")
          .formatted(header, USUAL);
    }
    return null;
  }
}
