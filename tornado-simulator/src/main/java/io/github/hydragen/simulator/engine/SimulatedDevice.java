package io.github.hydragen.simulator.engine;

import io.github.hydragen.simulator.memory.DeviceMemory;
import io.github.hydragen.simulator.runtime.Limits;
import uk.ac.manchester.tornado.api.TornadoTargetDevice;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.TornadoDeviceType;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;

/** The one device: what it is called and how much it has. */
final class SimulatedDevice implements TornadoDevice, TornadoTargetDevice {
  static final String NAME = "Hydragen TornadoVM simulator";

  @Override
  public String getDeviceName() {
    return NAME;
  }

  @Override
  public String getDescription() {
    return NAME + " (plain Java, no accelerator)";
  }

  @Override
  public String getPlatformName() {
    return NAME;
  }

  @Override
  public TornadoTargetDevice getPhysicalDevice() {
    return this;
  }

  @Override
  public TornadoDeviceType getDeviceType() {
    return TornadoDeviceType.CUSTOM;
  }

  @Override
  public long getMaxAllocMemory() {
    return DeviceMemory.capacity();
  }

  @Override
  public long getMaxGlobalMemory() {
    return DeviceMemory.capacity();
  }

  @Override
  public long getDeviceLocalMemorySize() {
    return Limits.LOCAL_MEMORY_BYTES;
  }

  @Override
  public long[] getDeviceMaxWorkgroupDimensions() {
    int threads = Limits.GROUP_THREADS;
    return new long[] {threads, threads, threads};
  }

  @Override
  public String getDeviceOpenCLCVersion() {
    return "none";
  }

  @Override
  public int getBackendIndex() {
    return 0;
  }

  @Override
  public TornadoVMBackendType getTornadoVMBackend() {
    return TornadoVMBackendType.JAVA;
  }

  @Override
  public boolean isSPIRVSupported() {
    return false;
  }

  @Override
  public long getDeviceGlobalMemorySize() {
    return DeviceMemory.capacity();
  }

  @Override
  public int getDeviceMaxComputeUnits() {
    return 1;
  }

  @Override
  public long[] getDeviceMaxWorkItemSizes() {
    return getDeviceMaxWorkgroupDimensions();
  }

  @Override
  public long[] getDeviceMaxWorkGroupSize() {
    return new long[] {Limits.GROUP_THREADS};
  }

  @Override
  public int getMaxThreadsPerBlock() {
    return Limits.GROUP_THREADS;
  }

  @Override
  public int getDeviceMaxClockFrequency() {
    return 0;
  }

  @Override
  public long getDeviceMaxConstantBufferSize() {
    return 0;
  }

  @Override
  public long getDeviceMaxAllocationSize() {
    return DeviceMemory.capacity();
  }

  @Override
  public String getDeviceInfo() {
    return getDescription();
  }

  @Override
  public String toString() {
    return NAME;
  }
}
