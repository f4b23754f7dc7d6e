package io.github.hydragen.tornado.device;

/**
 * The device that the tests run on: the default one, or the one that {@code
 * -Dhydragen.test.device=B:D} names.
 */
public final class TestedDevice {
  private static final String KERNELS = "hydragen.tornado.kernels";

  /** Which kernels the JVM was started with. */
  private static final String OWN = System.getProperty(KERNELS, "auto");

  private TestedDevice() {}

  /** The device's index; empty for the default one. */
  public static String index() {
    return System.getProperty("hydragen.test.device", "");
  }

  /** The device itself. */
  public static Device device() {
    return Devices.find(index());
  }

  /** The backend's name as an engine's options take it. */
  public static String backend() {
    String name = Devices.simulated() ? "simulator" : "tornado";
    return index().isEmpty() ? name : name + ":" + index();
  }

  /** Has engines use {@code portable} or {@code tuned} kernels from now on. */
  public static void useKernels(String which) {
    System.setProperty(KERNELS, which);
  }

  /** Has engines use the kernels again that the JVM was started with. */
  public static void useOwnKernels() {
    System.setProperty(KERNELS, OWN);
  }
}
