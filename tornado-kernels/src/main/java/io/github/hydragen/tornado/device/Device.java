package io.github.hydragen.tornado.device;

import io.github.hydragen.InsufficientMemoryException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.TornadoExecutionResult;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.ProfilerMode;
import uk.ac.manchester.tornado.api.enums.TornadoDeviceType;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;
import uk.ac.manchester.tornado.api.exceptions.TornadoExecutionPlanException;
import uk.ac.manchester.tornado.api.exceptions.TornadoInternalError;

/** A device and what the engines of this JVM hold on it. */
public final class Device {
  private static final Map<String, AtomicLong> HELD = new ConcurrentHashMap<>();

  /** The most elements of a TornadoVM array. */
  private static final long MOST_ELEMENTS = Integer.MAX_VALUE;

  /** Whether CUDA devices run a step as one graph; true unless this property says false. */
  private static final String CUDA_GRAPHS = "hydragen.cudaGraphs";

  /**
   * Held while a CUDA graph is captured, shared by everything else: until the capture ends, CUDA
   * forbids the whole process calls such as allocating.
   */
  private static final ReadWriteLock CAPTURE = new ReentrantReadWriteLock();

  /** Which kernels engines use. */
  private static final String KERNELS = "hydragen.tornado.kernels";

  /** Whether kernels are timed. */
  private static final String PROFILE = "hydragen.tornado.profile";

  /** A size beyond this is a limit that somebody set, not a device's memory. */
  private static final long MOST_SHOWN = 1L << 50;

  private final String index;
  private final TornadoDevice device;
  private final long memoryLimit;
  private final boolean bf16Products;
  private final AtomicLong held;

  /**
   * A device.
   *
   * @param index backend and device, for instance {@code 0:0}
   * @param memoryLimit bytes that TornadoVM takes at most
   * @param bf16Products whether TornadoVM compiles products of BF16 matrices, if the device has any
   */
  Device(String index, TornadoDevice device, long memoryLimit, boolean bf16Products) {
    this.index = index;
    this.device = device;
    this.bf16Products = bf16Products;
    this.memoryLimit = Math.min(memoryLimit, device.getMaxGlobalMemory());
    this.held = HELD.computeIfAbsent(index, i -> new AtomicLong());
  }

  /** Backend and device, for instance {@code 0:0}. */
  public String index() {
    return index;
  }

  /**
   * Which kernels engines use where they fit: on CUDA devices the tuned ones, unless the property
   * {@value #KERNELS} says {@code portable}, and on the simulator, if it says {@code tuned}. With
   * {@code separate} these always have a kernel each for prefixes and suffixes. None where {@link
   * ArrayHeaders} are unusual.
   */
  public Kernels kernels() {
    String wanted = System.getProperty(KERNELS, "auto");
    boolean known = cuda() || device.getTornadoVMBackend() == TornadoVMBackendType.JAVA;
    boolean able = known && ArrayHeaders.unusual() == null;
    return switch (wanted) {
      case "auto" -> able && cuda() ? Kernels.JOINT : Kernels.PORTABLE;
      case "portable" -> Kernels.PORTABLE;
      case "separate" -> able ? Kernels.SEPARATE : Kernels.PORTABLE;
      case "tuned" -> able ? Kernels.JOINT : Kernels.PORTABLE;
      default ->
          throw new IllegalArgumentException(
              "-D%s=%s: choose auto, portable, tuned or separate".formatted(KERNELS, wanted));
    };
  }

  /** Whether it is reached by CUDA's driver. */
  public boolean cuda() {
    return device.getTornadoVMBackend() == TornadoVMBackendType.CUDA;
  }

  /** Whether NVIDIA's driver runs what is sent to it. */
  boolean nvidiaDriver() {
    return cuda() || device.getTornadoVMBackend() == TornadoVMBackendType.PTX;
  }

  /** Whether a device is one of the same backend's. */
  boolean sameBackend(Device other) {
    return device.getTornadoVMBackend() == other.device.getTornadoVMBackend();
  }

  /** Its number among those of its backend. */
  int number() {
    return Integer.parseInt(index.substring(index.indexOf(':') + 1));
  }

  /** Whether engines use kernels for NVIDIA's matrix units, where they fit. */
  public boolean tuned() {
    return kernels() != Kernels.PORTABLE;
  }

  /** Whether kernels may have products of BF16 matrices. */
  public boolean bf16Products() {
    return bf16Products;
  }

  /** Whether it is a GPU. */
  public boolean isGpu() {
    return device.getDeviceType() == TornadoDeviceType.GPU;
  }

  /**
   * Where the device stands among candidates for the default one, the best at 0. CUDA runs a step
   * as one graph and has tuned kernels, PTX reaches the same GPU without both, and OpenCL may reach
   * it too, or only the processor.
   */
  int rank() {
    if (!isGpu()) {
      return 3;
    }
    return switch (device.getTornadoVMBackend()) {
      case CUDA -> 0;
      case PTX -> 1;
      default -> 2;
    };
  }

  /** The device in words. */
  public String description() {
    String words =
        "%s, %s, %s, %d compute units"
            .formatted(
                device.getTornadoVMBackend(),
                device.getPlatformName().strip(),
                device.getPhysicalDevice().getDeviceName().strip(),
                computeUnits());
    long memory = device.getMaxGlobalMemory();
    return memory > MOST_SHOWN
        ? words
        : words + ", %.1f GiB".formatted(memory / (double) (1L << 30));
  }

  /** Its compute units, at least 1. */
  public int computeUnits() {
    return Math.max(1, device.getPhysicalDevice().getDeviceMaxComputeUnits());
  }

  /** The most elements of an array. */
  public long mostElements(int bytes) {
    long header = 64;
    return Math.max(1, Math.min(MOST_ELEMENTS, (device.getMaxAllocMemory() - header) / bytes - 1));
  }

  /**
   * Counts memory as taken.
   *
   * @param what what it is for, in words
   * @param remedy what helps if there is too little, in words
   * @throws InsufficientMemoryException if the device has not as much left; nothing is taken then
   */
  public void take(String what, long bytes, String remedy) {
    requireFree(what, bytes, remedy);
    hold(what, bytes, remedy);
  }

  /** {@link #take} by what engines of this JVM hold alone. */
  public void hold(String what, long bytes, String remedy) {
    long taken = held.get();
    while (bytes <= memoryLimit - taken) {
      if (held.compareAndSet(taken, taken + bytes)) {
        return;
      }
      taken = held.get();
    }
    throw new InsufficientMemoryException(what + " on device " + index, bytes, left(), remedy);
  }

  /**
   * Checks before arrays are sent for the first time that there is room: other programs may use the
   * device too, which {@link #held} does not know.
   *
   * @throws InsufficientMemoryException if the driver says that less is free
   */
  public void requireFree(String what, long bytes, String remedy) {
    if (bytes > free()) {
      throw new InsufficientMemoryException(what + " on device " + index, bytes, free(), remedy);
    }
  }

  /** Bytes that no program has; the largest number if the driver does not say. */
  public long free() {
    return CudaContexts.freeMemory(this);
  }

  /** Bytes that are not taken, neither by engines of this JVM nor by others. */
  public long left() {
    return Math.min(untaken(), free());
  }

  /** Bytes that no engine of this JVM has taken. */
  public long untaken() {
    return Math.max(0, memoryLimit - held.get());
  }

  /** Bytes that engines of this JVM hold. */
  public long held() {
    return held.get();
  }

  /** Counts memory as given back that was taken. */
  public void giveBack(long bytes) {
    held.addAndGet(-bytes);
  }

  /**
   * Sends a plan, whose grid stays the same, to this device.
   *
   * @param timed whether its kernels are timed, which a CUDA graph does not allow
   */
  public TornadoExecutionPlan place(TornadoExecutionPlan plan, boolean timed) {
    placeOnce(plan);
    if (timed) {
      plan.withProfiler(ProfilerMode.SILENT);
    } else if (capturesGraphs()) {
      plan.withCUDAGraph();
    }
    if (device.getTornadoVMBackend() == TornadoVMBackendType.OPENCL && !hasHalf()) {
      // Clang, inside PoCL, has the type under this name even where OpenCL's half is missing.
      plan.withCompilerFlags(TornadoVMBackendType.OPENCL, "-w -Dhalf=_Float16");
    }
    return plan;
  }

  /** Sends a plan, which is executed once, to this device. */
  TornadoExecutionPlan placeOnce(TornadoExecutionPlan plan) {
    return plan.withDevice(device);
  }

  /**
   * Runs what is selected of a plan that was placed here.
   *
   * @param first whether it is its first execution
   */
  public TornadoExecutionResult execute(TornadoExecutionPlan plan, boolean first) {
    Lock lock = first && capturesGraphs() ? CAPTURE.writeLock() : CAPTURE.readLock();
    lock.lock();
    try {
      return plan.execute();
    } catch (RuntimeException | TornadoInternalError e) {
      throw new IllegalStateException("TornadoVM failed: " + message(e), e);
    } finally {
      lock.unlock();
    }
  }

  private static @Nullable String message(Throwable thrown) {
    Throwable cause = thrown;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
  }

  /** Whether TornadoVM can say how long kernels ran; what the simulator does says nothing. */
  public boolean canTimeKernels() {
    return device.getTornadoVMBackend() != TornadoVMBackendType.JAVA;
  }

  /** Frees what a plan holds here. */
  public void close(TornadoExecutionPlan plan) {
    uncaptured(
        () -> {
          try {
            plan.close();
          } catch (TornadoExecutionPlanException | RuntimeException | TornadoInternalError e) {
            throw new IllegalStateException("TornadoVM did not free the device: " + message(e), e);
          }
        });
  }

  /** Makes calls that CUDA forbids while a graph is captured. */
  void uncaptured(Runnable calls) {
    CAPTURE.readLock().lock();
    try {
      calls.run();
    } finally {
      CAPTURE.readLock().unlock();
    }
  }

  /** Whether engines time kernels unless told otherwise. */
  public static boolean profiles() {
    return Boolean.getBoolean(PROFILE);
  }

  static boolean cudaGraphs() {
    return Boolean.parseBoolean(System.getProperty(CUDA_GRAPHS, "true"));
  }

  /** On the simulator too, which then holds the grid to what it was. */
  private boolean capturesGraphs() {
    return cudaGraphs() && (cuda() || device.getTornadoVMBackend() == TornadoVMBackendType.JAVA);
  }

  private boolean hasHalf() {
    return !device.getPlatformName().contains("Portable Computing Language");
  }
}
