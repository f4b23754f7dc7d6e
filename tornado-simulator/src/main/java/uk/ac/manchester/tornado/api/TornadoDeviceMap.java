package uk.ac.manchester.tornado.api;

import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.TornadoDeviceType;
import uk.ac.manchester.tornado.api.runtime.TornadoRuntimeProvider;

/** The backends and devices of this JVM. */
public class TornadoDeviceMap {
  private final List<TornadoBackend> backends;

  /** Lists the backends. */
  public TornadoDeviceMap() {
    TornadoRuntime runtime = TornadoRuntimeProvider.getTornadoRuntime();
    backends = IntStream.range(0, runtime.getNumBackends()).mapToObj(runtime::getBackend).toList();
  }

  /** Returns the number of backends. */
  public int getNumBackends() {
    return backends.size();
  }

  /** Returns the backends, by index. */
  public List<TornadoBackend> getAllBackends() {
    return backends;
  }

  /** Returns the backends for which {@code predicate} holds. */
  public List<TornadoBackend> getBackendsWithPredicate(
      Predicate<? super TornadoBackend> predicate) {
    return backends.stream().filter(predicate).toList();
  }

  /** Returns the backends with a device for which {@code predicate} holds. */
  public List<TornadoBackend> getBackendsWithDevicePredicate(
      Predicate<? super TornadoDevice> predicate) {
    return getBackendsWithPredicate(b -> b.getAllDevices().stream().anyMatch(predicate));
  }

  /** Returns the devices whose names contain {@code deviceName}, in either case. */
  public Stream<TornadoDevice> getDevicesByName(String deviceName) {
    String name = deviceName.toLowerCase(Locale.ROOT);
    return devices()
        .filter(d -> d.getPhysicalDevice().getDeviceName().toLowerCase(Locale.ROOT).contains(name));
  }

  /** Returns the devices of this type. */
  public Stream<TornadoDevice> getDevicesByType(TornadoDeviceType deviceType) {
    return devices().filter(d -> d.getDeviceType() == deviceType);
  }

  private Stream<TornadoDevice> devices() {
    return backends.stream().flatMap(b -> b.getAllDevices().stream());
  }
}
