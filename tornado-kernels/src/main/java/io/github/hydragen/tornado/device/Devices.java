package io.github.hydragen.tornado.device;

import io.github.hydragen.Availability;
import io.github.hydragen.BackendUnavailableException;
import java.net.URL;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.TornadoBackend;
import uk.ac.manchester.tornado.api.TornadoDeviceMap;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;

/** Starts TornadoVM, or the simulator in its place, and lists its devices. */
public final class Devices {
  /** Whether TornadoVM runs a kernel that it cannot compile as sequential Java instead. */
  private static final String BAILOUT = "tornado.recover.bailout";

  /** Bytes that TornadoVM takes of a device at most. */
  private static final String MEMORY = "tornado.device.memory";

  /**
   * Whether TornadoVM has CUDA pin host memory. Closing a plan unpins that of all plans, and what a
   * CUDA graph copies must stay as it was when the graph was captured.
   */
  private static final String PINNING = "tornado.cuda.host.pinning";

  /**
   * Places in each list of events that TornadoVM clears before an execution, lists that only plans
   * with concurrent tasks use. Its own 32,768 take longer to clear than a short step to run.
   */
  private static final String EVENTS = "tornado.max.events";

  /**
   * Whether TornadoVM inlines methods of any size into a kernel. By default it refuses to compile
   * those beyond 600 nodes of its graphs, as the passes are that a joint kernel consists of.
   */
  private static final String INLINING = "tornado.compiler.fullInlining";

  /** Bytes for the code that TornadoVM makes of a graph. Its own 4,096 are three layers. */
  private static final String CODE = "tornado.tvm.maxbytecodesize";

  private static final int CODE_BYTES = 1 << 18;

  /** What has graphs be long where TornadoVM is started before it is asked for devices here. */
  public static final String LONG_GRAPHS = "-D" + CODE + "=" + CODE_BYTES;

  /** A class of the simulator's that TornadoVM does not have. */
  private static final String SIMULATOR = "io.github.hydragen.simulator.SimulatorFault";

  private static final String API = "uk.ac.manchester.tornado.api.TornadoExecutionPlan";

  /** Why TornadoVM does not start, once it is known. */
  private static @Nullable String failure;

  private Devices() {}

  /** Whether TornadoVM's API is on the path, its own or the simulator's. */
  public static boolean apiPresent() {
    return origin(API) != null;
  }

  /** Whether the API in use is the simulator's. */
  public static boolean simulated() {
    URL simulator = origin(SIMULATOR);
    return simulator != null && simulator.equals(origin(API));
  }

  /** Where a class comes from, or null where there is none. */
  private static @Nullable URL origin(String className) {
    try {
      Class<?> found = Class.forName(className, false, Devices.class.getClassLoader());
      return found.getProtectionDomain().getCodeSource().getLocation();
    } catch (ClassNotFoundException e) {
      return null;
    }
  }

  /**
   * The devices, each backend's in TornadoVM's order.
   *
   * @throws BackendUnavailableException if kernels that do not compile would be run as Java
   * @throws RuntimeException or LinkageError whatever TornadoVM throws where it cannot start
   */
  public static List<Device> list() {
    // Read once by TornadoVM when it starts.
    defaultProperty(BAILOUT, "False");
    defaultProperty(MEMORY, Long.toString(Long.MAX_VALUE / 2));
    defaultProperty(EVENTS, "256");
    defaultProperty(INLINING, "True");
    defaultProperty(CODE, Integer.toString(CODE_BYTES));
    if (Device.cudaGraphs()) {
      defaultProperty(PINNING, "False");
    }
    if (Boolean.parseBoolean(System.getProperty(BAILOUT))) {
      throw new BackendUnavailableException(
          "-D%s=True would run kernels that do not compile as wrong Java: set it to False"
              .formatted(BAILOUT));
    }
    long memory = bytes(System.getProperty(MEMORY, ""));
    List<Device> devices = new ArrayList<>();
    TornadoDeviceMap map = start();
    List<TornadoBackend> backends = map.getAllBackends();
    // Beside a PTX driver TornadoVM refuses products of BF16 on the CUDA device too.
    boolean ptx = backends.stream().anyMatch(b -> b.getBackendType() == TornadoVMBackendType.PTX);
    for (int b = 0; b < backends.size(); b++) {
      for (int d = 0; d < backends.get(b).getNumDevices(); d++) {
        devices.add(new Device(b + ":" + d, backends.get(b).getDevice(d), memory, !ptx));
      }
    }
    return devices;
  }

  /**
   * Starts TornadoVM. It fails once with the reason, and then because it has failed: so the first
   * reason is kept.
   */
  private static synchronized TornadoDeviceMap start() {
    if (failure != null) {
      throw new IllegalStateException(failure);
    }
    try {
      return TornadoExecutionPlan.getTornadoDeviceMap();
    } catch (RuntimeException | LinkageError e) {
      failure = reason(e);
      throw e;
    }
  }

  /** The innermost cause in one line: TornadoVM wraps what a driver said several times. */
  public static String reason(Throwable thrown) {
    Throwable cause = thrown;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    String message = cause.getMessage();
    return message == null
        ? cause.getClass().getSimpleName()
        : message.lines().findFirst().orElse("").strip();
  }

  /**
   * The device with an index.
   *
   * @param index backend and device as {@code B:D}, or empty for the default one
   */
  public static Device find(String index) {
    List<Device> devices = list();
    if (index.isEmpty() && !devices.isEmpty()) {
      return preferred(devices);
    }
    for (Device device : devices) {
      if (device.index().equals(index)) {
        return device;
      }
    }
    List<String> known = devices.stream().map(Device::index).toList();
    throw new BackendUnavailableException(
        "there is no TornadoVM device " + index + ": choose one of " + known);
  }

  /**
   * Whether what is sent to a device runs there. TornadoVM 5.2.0 has one context for all CUDA
   * devices, so that all run on the first, silently.
   *
   * @param all the devices of this process
   */
  public static Availability reached(Device device, List<Device> all) {
    return reached(device, all, CudaContexts::of, System.getenv("CUDA_VISIBLE_DEVICES"));
  }

  /**
   * {@link #reached(Device, List)} by what is given.
   *
   * @param contexts in which TornadoVM works for a device; 0 if it is not known
   * @param visible the devices that CUDA shows to this process, joined by commas; null for all
   */
  static Availability reached(
      Device device, List<Device> all, ToLongFunction<Device> contexts, @Nullable String visible) {
    Device first = all.stream().filter(device::sameBackend).findFirst().orElse(device);
    if (device.index().equals(first.index()) || !device.nvidiaDriver()) {
      return Availability.yes("TornadoVM lists it");
    }
    long context = contexts.applyAsLong(device);
    if (context != 0 && context != contexts.applyAsLong(first)) {
      return Availability.yes("TornadoVM lists it, with a context of its own");
    }
    int number = device.number();
    String[] shown = visible == null ? new String[0] : visible.split(",");
    String only = number < shown.length ? shown[number].strip() : String.valueOf(number);
    return Availability.no(
        context == 0
            ? "without native access nobody can tell whether TornadoVM uses it"
            : "TornadoVM runs on %s what is sent to it".formatted(first.index()),
        "have a process for it alone: start with CUDA_VISIBLE_DEVICES=%s and choose %s"
            .formatted(only, first.index()));
  }

  /** The default one of some devices: of the best {@link Device#rank}, the first. */
  public static Device preferred(List<Device> devices) {
    return Collections.min(devices, Comparator.comparingInt(Device::rank));
  }

  /**
   * Whether graphs can have many tasks. TornadoVM reads how long their code may be only once, which
   * may have been before {@link #list} asked for more.
   */
  public static boolean longGraphs() {
    if (simulated()) {
      return true;
    }
    try {
      Class<?> builder =
          Class.forName("uk.ac.manchester.tornado.runtime.graph.TornadoVMBytecodeBuilder");
      return builder.getField("MAX_TORNADO_VM_BYTECODE_SIZE").getInt(null) >= CODE_BYTES;
    } catch (ReflectiveOperationException | LinkageError e) {
      return false;
    }
  }

  private static void defaultProperty(String name, String value) {
    if (System.getProperty(name) == null) {
      System.setProperty(name, value);
    }
  }

  /** Reads a size as TornadoVM does: digits, then for instance nothing, MB or GB. */
  static long bytes(String size) {
    String digits = size.replaceAll("[^0-9]", "");
    String unit = size.substring(digits.length()).toUpperCase(Locale.ROOT);
    int power = unit.isEmpty() ? 0 : "KMGTPE".indexOf(unit.charAt(0)) + 1;
    return Long.parseLong(digits) << (10 * power);
  }
}
