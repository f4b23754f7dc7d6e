package io.github.hydragen.tornado;

import io.github.hydragen.contract.AttentionBackendContract;
import io.github.hydragen.tornado.device.Devices;
import io.github.hydragen.tornado.device.TestedDevice;

/** The contract on the device that is tested. */
abstract class DeviceContract extends AttentionBackendContract {
  @Override
  protected String backend() {
    return TestedDevice.backend();
  }

  /** A device behind a driver for the processor takes seconds to compile a graph. */
  @Override
  protected int randomCases() {
    return 40;
  }

  @Override
  protected int soakOperations() {
    return 200;
  }

  /** On the simulator every thread is simulated, of rows that are padding too. */
  @Override
  protected long workLimit() {
    return Devices.simulated() ? 3_000_000 : 300_000_000;
  }
}
