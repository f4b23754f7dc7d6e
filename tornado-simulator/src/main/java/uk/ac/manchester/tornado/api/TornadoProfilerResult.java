package uk.ac.manchester.tornado.api;

import io.github.hydragen.simulator.engine.ExecutionProfile;
import uk.ac.manchester.tornado.api.profiler.ProfilerInterface;

/** What the profiler measured of one execution: host times of the simulator, in nanoseconds. */
public class TornadoProfilerResult implements ProfilerInterface {
  private final ExecutionProfile profile;

  TornadoProfilerResult(ExecutionProfile profile) {
    this.profile = profile;
  }

  @Override
  public long getTotalTime() {
    return getDeviceWriteTime() + getDeviceKernelTime() + getDeviceReadTime();
  }

  @Override
  public long getCompileTime() {
    return 0;
  }

  @Override
  public long getTornadoCompilerTime() {
    return 0;
  }

  @Override
  public long getDriverInstallTime() {
    return 0;
  }

  @Override
  public long getDataTransfersTime() {
    return getDeviceWriteTime() + getDeviceReadTime();
  }

  @Override
  public long getDeviceWriteTime() {
    return profile.copyInNanos();
  }

  @Override
  public long getDeviceReadTime() {
    return profile.copyOutNanos();
  }

  @Override
  public long getDataTransferDispatchTime() {
    return 0;
  }

  @Override
  public long getKernelDispatchTime() {
    return 0;
  }

  @Override
  public long getDeviceKernelTime() {
    return profile.kernelNanos();
  }

  @Override
  public String getProfileLog() {
    return profile.toString();
  }

  @Override
  public long getTotalBytesCopyIn() {
    return profile.bytesIn();
  }

  @Override
  public long getTotalBytesCopyOut() {
    return profile.bytesOut();
  }

  @Override
  public long getTotalBytesTransferred() {
    return getTotalBytesCopyIn() + getTotalBytesCopyOut();
  }

  @Override
  public long getTotalDeviceMemoryUsage() {
    return profile.deviceBytes();
  }
}
