package uk.ac.manchester.tornado.api;

/** The properties of a physical device. Sizes are in bytes. */
public interface TornadoTargetDevice {
  String getDeviceName();

  long getDeviceGlobalMemorySize();

  long getDeviceLocalMemorySize();

  int getDeviceMaxComputeUnits();

  long[] getDeviceMaxWorkItemSizes();

  long[] getDeviceMaxWorkGroupSize();

  int getMaxThreadsPerBlock();

  int getDeviceMaxClockFrequency();

  long getDeviceMaxConstantBufferSize();

  long getDeviceMaxAllocationSize();

  String getDeviceInfo();
}
