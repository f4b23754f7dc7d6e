package uk.ac.manchester.tornado.api;

import java.util.List;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.TornadoDeviceType;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;

/** A code generator and the devices it can drive. */
public interface TornadoBackend {
  TornadoDevice getDefaultDevice();

  int getNumDevices();

  TornadoDevice getDevice(int index);

  List<TornadoDevice> getAllDevices();

  TornadoDeviceType getTypeDefaultDevice();

  String getName();

  int getNumPlatforms();

  TornadoVMBackendType getBackendType();
}
