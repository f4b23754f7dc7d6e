package io.github.hydragen.tornado;

import io.github.hydragen.InsufficientMemoryException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.TornadoDeviceType;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;

/** A device and what the engines of this JVM hold on it. */
final class Device {
  private static final Map<String, AtomicLong> HELD = new ConcurrentHashMap<>();

  /** The most elements of a TornadoVM array. */
  private static final long MOST_ELEMENTS = Integer.MAX_VALUE;

  /** A size beyond this is a limit that somebody set, not a device's memory. */
  private static final long MOST_SHOWN = 1L << 50;

  private final String index;
  private final TornadoDevice device;
  private final long memoryLimit;
  private final AtomicLong held;

  /**
   * A device.
   *
   * @param index backend and device, for instance {@code 0:0}
   * @param memoryLimit bytes that TornadoVM takes at most
   */
  Device(String index, TornadoDevice device, long memoryLimit) {
    this.index = index;
    this.device = device;
    this.memoryLimit = Math.min(memoryLimit, device.getMaxGlobalMemory());
    this.held = HELD.computeIfAbsent(index, i -> new AtomicLong());
  }

  String index() {
    return index;
  }

  boolean isGpu() {
    return device.getDeviceType() == TornadoDeviceType.GPU;
  }

  /** The device in words. */
  String description() {
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

  int computeUnits() {
    return Math.max(1, device.getPhysicalDevice().getDeviceMaxComputeUnits());
  }

  /** The most elements of an array. */
  long mostElements(int bytes) {
    long header = 64;
    return Math.max(1, Math.min(MOST_ELEMENTS, (device.getMaxAllocMemory() - header) / bytes - 1));
  }

  /**
   * Counts memory as taken.
   *
   * @param what what it is for, in words
   * @throws InsufficientMemoryException if the device has not as much left; nothing is taken then
   */
  void take(String what, long bytes) {
    long left = memoryLimit - held.get();
    while (bytes <= left) {
      if (held.compareAndSet(memoryLimit - left, memoryLimit - left + bytes)) {
        return;
      }
      left = memoryLimit - held.get();
    }
    throw new InsufficientMemoryException(what + " on device " + index, bytes, Math.max(0, left));
  }

  /** Bytes that engines of this JVM hold. */
  long held() {
    return held.get();
  }

  void giveBack(long bytes) {
    held.addAndGet(-bytes);
  }

  /** Sends a plan to this device. */
  TornadoExecutionPlan place(TornadoExecutionPlan plan) {
    plan.withDevice(device);
    if (device.getTornadoVMBackend() == TornadoVMBackendType.OPENCL && !hasHalf()) {
      // Clang, inside PoCL, has the type under this name even where OpenCL's half is missing.
      plan.withCompilerFlags(TornadoVMBackendType.OPENCL, "-w -Dhalf=_Float16");
    }
    return plan;
  }

  private boolean hasHalf() {
    return !device.getPlatformName().contains("Portable Computing Language");
  }
}
