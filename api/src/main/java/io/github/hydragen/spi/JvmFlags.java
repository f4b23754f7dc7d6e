package io.github.hydragen.spi;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;

/** How this JVM was started, as far as a backend depends on it. */
public final class JvmFlags {
  private JvmFlags() {}

  /**
   * Whether a flag, for instance {@code UseCompactObjectHeaders}, is on; false where the JVM does
   * not have it.
   */
  public static boolean isOn(String flag) {
    try {
      HotSpotDiagnosticMXBean jvm =
          ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
      return jvm != null && Boolean.parseBoolean(jvm.getVMOption(flag).getValue());
    } catch (IllegalArgumentException e) {
      // A JVM without the flag has not what it turns on.
      return false;
    }
  }
}
