package io.github.hydragen.tornado.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.github.hydragen.Availability;
import io.github.hydragen.BackendUnavailableException;
import io.github.hydragen.tornado.SimulatorBackendProvider;
import io.github.hydragen.tornado.TornadoBackendProvider;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.TornadoDeviceType;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;

/** Devices and the two providers, of which one is available at a time. */
class DevicesTest {
  @Test
  void oneOfTheTwoProvidersIsAvailableAndTheOtherSaysWhatToDo() {
    Availability tornado = new TornadoBackendProvider().availability();
    Availability simulator = new SimulatorBackendProvider().availability();
    assertNotEquals(tornado.available(), simulator.available());
    Availability other = tornado.available() ? simulator : tornado;
    assertTrue(other.remedy().contains("TORNADOVM_HOME"), other.remedy());
    assertFalse(other.reason().isEmpty());
  }

  @Test
  void anUnknownDeviceIsRefusedWithTheKnownOnes() {
    BackendUnavailableException refused =
        assertThrows(BackendUnavailableException.class, () -> Devices.find("9:9"));
    String message = String.valueOf(refused.getMessage());
    assertTrue(message.contains("9:9: choose one of [0:0"), message);
  }

  /** Else each layer of a resident step would be a graph, on which no result depends. */
  @Test
  void graphsMayBeLongOnceDevicesWereListed() {
    Devices.list();
    assertTrue(Devices.longGraphs());
  }

  /** All that a device is asked when a default is chosen. */
  private static Device device(String index, TornadoVMBackendType backend, TornadoDeviceType type) {
    InvocationHandler answers =
        (proxy, method, arguments) ->
            switch (method.getName()) {
              case "getTornadoVMBackend" -> backend;
              case "getDeviceType" -> type;
              case "getMaxGlobalMemory" -> 1L << 30;
              default -> throw new UnsupportedOperationException(method.getName());
            };
    Class<?>[] types = {TornadoDevice.class};
    Object proxy = Proxy.newProxyInstance(TornadoDevice.class.getClassLoader(), types, answers);
    return new Device(index, (TornadoDevice) proxy, Long.MAX_VALUE, true);
  }

  @Test
  void theDefaultIsTheBestBackendsFirstGpu() {
    Device processor = device("0:0", TornadoVMBackendType.OPENCL, TornadoDeviceType.CPU);
    Device openCl = device("0:1", TornadoVMBackendType.OPENCL, TornadoDeviceType.GPU);
    Device ptx = device("1:0", TornadoVMBackendType.PTX, TornadoDeviceType.GPU);
    Device cuda = device("2:0", TornadoVMBackendType.CUDA, TornadoDeviceType.GPU);
    Device second = device("2:1", TornadoVMBackendType.CUDA, TornadoDeviceType.GPU);
    assertSame(cuda, Devices.preferred(List.of(processor, openCl, ptx, cuda, second)));
    assertSame(ptx, Devices.preferred(List.of(processor, openCl, ptx)));
    assertSame(openCl, Devices.preferred(List.of(processor, openCl)));
    assertSame(processor, Devices.preferred(List.of(processor)));
  }

  /** What {@link Devices#reached} says of the second of two devices with such contexts. */
  private static Availability second(
      TornadoVMBackendType backend, long first, long second, @Nullable String visible) {
    Device one = device("1:0", backend, TornadoDeviceType.GPU);
    Device two = device("1:1", backend, TornadoDeviceType.GPU);
    Device other = device("0:0", TornadoVMBackendType.OPENCL, TornadoDeviceType.GPU);
    List<Device> all = List.of(other, one, two);
    return Devices.reached(two, all, d -> d == two ? second : first, visible);
  }

  @Test
  void aGpuWhoseWorkRunsOnAnotherIsRefused() {
    for (var backend : List.of(TornadoVMBackendType.CUDA, TornadoVMBackendType.PTX)) {
      Availability shared = second(backend, 5, 5, null);
      assertFalse(shared.available());
      assertEquals("TornadoVM runs on 1:0 what is sent to it", shared.reason());
      assertTrue(shared.remedy().endsWith("CUDA_VISIBLE_DEVICES=1 and choose 1:0"));
      assertTrue(second(backend, 5, 5, "6, 7").remedy().contains("CUDA_VISIBLE_DEVICES=7 "));
      assertTrue(second(backend, 5, 6, null).available());
      assertFalse(second(backend, 0, 0, null).available());
    }
  }

  @Test
  void whereNvidiasDriverIsNotInUseOrNothingElseIsNobodyAsksForContexts() {
    ToLongFunction<Device> never = d -> fail(d.index());
    Device openCl = device("0:0", TornadoVMBackendType.OPENCL, TornadoDeviceType.GPU);
    Device second = device("0:1", TornadoVMBackendType.OPENCL, TornadoDeviceType.GPU);
    Device cuda = device("1:0", TornadoVMBackendType.CUDA, TornadoDeviceType.GPU);
    List<Device> all = List.of(openCl, second, cuda);
    for (Device device : all) {
      assertTrue(Devices.reached(device, all, never, null).available());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "CUDA, auto, JOINT",
    "CUDA, tuned, JOINT",
    "CUDA, separate, SEPARATE",
    "CUDA, portable, PORTABLE",
    "PTX, auto, PORTABLE",
    "OPENCL, separate, PORTABLE",
    "JAVA, auto, PORTABLE",
    "JAVA, tuned, JOINT",
    "JAVA, separate, SEPARATE"
  })
  void kernelsAreThoseThatTheBackendHas(
      TornadoVMBackendType backend, String wanted, Kernels expected) {
    Device device = device("0:0", backend, TornadoDeviceType.GPU);
    try {
      TestedDevice.useKernels(wanted);
      assertEquals(expected, device.kernels());
      assertEquals(expected != Kernels.PORTABLE, device.tuned());
    } finally {
      TestedDevice.useOwnKernels();
    }
  }

  @ParameterizedTest
  @CsvSource({"123, 123", "2B, 2", "3KB, 3072", "4GB, 4294967296", "1MB, 1048576"})
  void sizesAreReadAsTornadoVmDoes(String size, long bytes) {
    assertEquals(bytes, Devices.bytes(size));
  }
}
