package io.github.hydragen.tornado;

import io.github.hydragen.tornado.device.Devices;
import io.github.hydragen.tornado.device.TestedDevice;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.condition.EnabledIf;

/** The contract on the TornadoVM that is on the path, with the kernels for every device. */
@EnabledIf(value = "onThePath", disabledReason = "TornadoVM is not on the path")
class TornadoContractTest extends DeviceContract {
  /** One that is there and does not start is not a reason to pass. */
  static boolean onThePath() {
    return Devices.apiPresent() && !Devices.simulated();
  }

  @BeforeAll
  static void portable() {
    TestedDevice.useKernels("portable");
  }

  @AfterAll
  static void automatic() {
    TestedDevice.useOwnKernels();
  }
}
