package io.github.hydragen.simulator.engine;

import java.util.List;
import uk.ac.manchester.tornado.api.TornadoBackend;
import uk.ac.manchester.tornado.api.TornadoRuntime;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.TornadoDeviceType;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;
import uk.ac.manchester.tornado.api.exceptions.TornadoBackendNotFound;
import uk.ac.manchester.tornado.api.exceptions.TornadoDeviceNotFound;

/** The simulator as a runtime with one backend of one device. */
public final class SimulatedRuntime implements TornadoRuntime {
  private final TornadoBackend backend = new Backend();

  /** Creates the runtime. */
  public SimulatedRuntime() {}

  @Override
  public TornadoBackend getBackend(int index) {
    if (index != 0) {
      throw new TornadoBackendNotFound(
          "Backend %d does not exist: the simulator has backend 0 only".formatted(index));
    }
    return backend;
  }

  @Override
  public TornadoVMBackendType getBackendType(int index) {
    return getBackend(index).getBackendType();
  }

  @Override
  public int getNumBackends() {
    return 1;
  }

  @Override
  public TornadoDevice getDefaultDevice() {
    return backend.getDefaultDevice();
  }

  @Override
  public boolean isProfilerEnabled() {
    return false;
  }

  private static final class Backend implements TornadoBackend {
    private final TornadoDevice device = new SimulatedDevice();

    @Override
    public TornadoDevice getDefaultDevice() {
      return device;
    }

    @Override
    public int getNumDevices() {
      return 1;
    }

    @Override
    public TornadoDevice getDevice(int index) {
      if (index != 0) {
        throw new TornadoDeviceNotFound(
            "Device %d does not exist: the simulator has device 0 only".formatted(index));
      }
      return device;
    }

    @Override
    public List<TornadoDevice> getAllDevices() {
      return List.of(device);
    }

    @Override
    public TornadoDeviceType getTypeDefaultDevice() {
      return device.getDeviceType();
    }

    @Override
    public String getName() {
      return SimulatedDevice.NAME;
    }

    @Override
    public int getNumPlatforms() {
      return 1;
    }

    @Override
    public TornadoVMBackendType getBackendType() {
      return TornadoVMBackendType.JAVA;
    }
  }
}
