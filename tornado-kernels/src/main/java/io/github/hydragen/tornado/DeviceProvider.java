package io.github.hydragen.tornado;

import io.github.hydragen.AttentionShape;
import io.github.hydragen.Availability;
import io.github.hydragen.BackendUnavailableException;
import io.github.hydragen.DeviceInfo;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.spi.AttentionBackend;
import io.github.hydragen.spi.AttentionBackendProvider;
import io.github.hydragen.tornado.device.ArrayHeaders;
import io.github.hydragen.tornado.device.Device;
import io.github.hydragen.tornado.device.Devices;
import io.github.hydragen.tornado.store.Layout;
import java.util.List;

/** What the providers of TornadoVM and of its simulator have in common. */
abstract sealed class DeviceProvider implements AttentionBackendProvider
    permits TornadoBackendProvider, SimulatorBackendProvider {
  /** Why the API on the path is not the one that this provider needs, or null if it is. */
  abstract Availability path();

  abstract String remedy();

  @Override
  public final Availability availability() {
    Availability path = path();
    if (!path.available()) {
      return path;
    }
    try {
      List<Device> devices = Devices.list();
      return devices.isEmpty()
          ? Availability.no("TornadoVM finds no device", remedy())
          : Availability.yes(
              devices.size() + " device(s), the default is " + Devices.preferred(devices).index());
    } catch (RuntimeException | LinkageError e) {
      return Availability.no("TornadoVM does not start: " + Devices.reason(e), remedy());
    }
  }

  @Override
  public final List<DeviceInfo> devices() {
    Availability availability = availability();
    if (!availability.available()) {
      return List.of();
    }
    List<Device> devices = Devices.list();
    return devices.stream().map(d -> info(d, Devices.reached(d, devices))).toList();
  }

  private DeviceInfo info(Device device, Availability reached) {
    return new DeviceInfo(
        name() + ":" + device.index(), device.description() + kernels(device), reached);
  }

  private static String kernels(Device device) {
    if (device.tuned()) {
      return ", tuned for bf16 and f16 with head dims up to 128";
    }
    String unusual = device.cuda() ? ArrayHeaders.unusual() : null;
    return unusual == null ? "" : ", no tuned kernels (" + unusual + ")";
  }

  @Override
  public final AttentionBackend open(AttentionShape shape, EngineOptions options, String device) {
    require("backend " + name(), availability());
    Device found = Devices.find(device);
    Availability reached = Devices.reached(found, Devices.list());
    require("device %s:%s".formatted(name(), found.index()), reached);
    Layout layout = Layout.of(shape, options, found);
    DeviceInfo info = info(found, reached);
    if (layout.tuned()) {
      info =
          new DeviceInfo(info.name(), info.description() + ", tensor cores", info.availability());
    }
    return new DeviceBackend(info, found, layout);
  }

  private static void require(String what, Availability availability) {
    if (!availability.available()) {
      throw new BackendUnavailableException(
          "%s is not available: %s; %s"
              .formatted(what, availability.reason(), availability.remedy()));
    }
  }
}
