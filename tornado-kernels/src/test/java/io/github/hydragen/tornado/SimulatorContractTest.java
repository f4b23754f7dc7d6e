package io.github.hydragen.tornado;

import io.github.hydragen.contract.AttentionBackendContract;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.condition.EnabledIf;

/**
 * The contract on the simulator, which also fails on any fault that it finds in a portable kernel.
 */
@EnabledIf(value = "available", disabledReason = "TornadoVM is on the path in its place")
class SimulatorContractTest extends AttentionBackendContract {
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

  @Override
  protected String backend() {
    return "simulator";
  }

  @Override
  protected int randomCases() {
    return 40;
  }

  @Override
  protected int soakOperations() {
    return 200;
  }

  /** Every thread is simulated. */
  @Override
  protected long workLimit() {
    return 20_000_000;
  }
}
