package uk.ac.manchester.tornado.api.runtime;

import io.github.hydragen.simulator.engine.SimulatedRuntime;
import uk.ac.manchester.tornado.api.TornadoRuntime;

/** Access to the runtime. */
public class TornadoRuntimeProvider {
  private static final TornadoRuntime RUNTIME = new SimulatedRuntime();

  /** Creates the holder of the methods, as TornadoVM's API allows. */
  public TornadoRuntimeProvider() {}

  /** Returns the runtime of this JVM. */
  public static TornadoRuntime getTornadoRuntime() {
    return RUNTIME;
  }

  /** Tells whether the profiler is on for every plan. */
  public static boolean isProfilerEnabled() {
    return RUNTIME.isProfilerEnabled();
  }

  /** Sets a property of the runtime. */
  public static void setProperty(String key, String value) {
    System.setProperty(key, value);
  }

  /** Returns a property of the runtime, or {@code value} where it is not set. */
  public static String getProperty(String key, String value) {
    return System.getProperty(key, value);
  }
}
