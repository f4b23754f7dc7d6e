package io.github.hydragen.spi;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import org.jspecify.annotations.Nullable;

/** How this JVM was started, as far as a backend depends on it. */
public final class JvmFlags {
  private JvmFlags() {}

  /**
   * Whether a flag, for instance {@code UseCompactObjectHeaders}, is on; false where the JVM does
   * not have it.
   */
  public static boolean isOn(String flag) {
    return Boolean.TRUE.equals(value(flag));
  }

  /** Whether a flag is off; false where the JVM does not have it. */
  public static boolean isOff(String flag) {
    return Boolean.FALSE.equals(value(flag));
  }

  private static @Nullable Boolean value(String flag) {
    try {
      HotSpotDiagnosticMXBean jvm =
          ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
      return jvm == null ? null : Boolean.valueOf(jvm.getVMOption(flag).getValue());
    } catch (IllegalArgumentException e) {
      return null; // a JVM without the flag
    }
  }
}
