package uk.ac.manchester.tornado.api.common;

import uk.ac.manchester.tornado.api.TornadoTargetDevice;
import uk.ac.manchester.tornado.api.enums.TornadoDeviceType;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;

/** A device of a backend. Sizes are in bytes. */
public interface TornadoDevice {
  String getDeviceName();

  String getDescription();

  String getPlatformName();

  TornadoTargetDevice getPhysicalDevice();

  TornadoDeviceType getDeviceType();

  long getMaxAllocMemory();

  long getMaxGlobalMemory();

  long getDeviceLocalMemorySize();

  long[] getDeviceMaxWorkgroupDimensions();

  String getDeviceOpenCLCVersion();

  int getBackendIndex();

  /** Returns the processors of the host that drives the device. */
  default int getAvailableProcessors() {
    return Runtime.getRuntime().availableProcessors();
  }

  TornadoVMBackendType getTornadoVMBackend();

  boolean isSPIRVSupported();
}
