package io.github.hydragen.tornado;

import io.github.hydragen.tornado.device.TestedDevice;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.condition.EnabledIf;

/**
 * The contract on the simulator, which also fails on any fault that it finds in a portable kernel.
 */
@EnabledIf(value = "available", disabledReason = "TornadoVM is on the path in its place")
class SimulatorContractTest extends DeviceContract {
  static boolean available() {
    return new SimulatorBackendProvider().availability().available();
  }

  @BeforeAll
  static void portable() {
    TestedDevice.useKernels("portable");
  }

  @AfterAll
  static void automatic() {
    TestedDevice.useOwnKernels();
  }

  /** Every thread is simulated. */
  @Override
  protected long workLimit() {
    return 20_000_000;
  }
}
