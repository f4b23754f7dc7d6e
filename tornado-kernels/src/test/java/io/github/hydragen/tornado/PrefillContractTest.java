package io.github.hydragen.tornado;

import io.github.hydragen.contract.AttentionBackendContract;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/**
 * The contract where every call with more than one token of a sequence is made like that of a
 * prompt.
 */
class PrefillContractTest extends AttentionBackendContract {
  private static final String PREFILL = "hydragen.tornado.prefill";

  @BeforeAll
  static void always() {
    System.setProperty(PREFILL, "always");
  }

  @AfterAll
  static void automatic() {
    System.clearProperty(PREFILL);
  }

  @Override
  protected String backend() {
    return TestedDevice.backend();
  }

  /** The tuned kernels multiply in half precision. */
  @Override
  protected double tolerance() {
    return TestedDevice.device().tuned() ? 2e-3 : super.tolerance();
  }

  @Override
  protected int randomCases() {
    return 40;
  }

  @Override
  protected int soakOperations() {
    return 200;
  }

  /** On the simulator every thread is simulated, of padding too. */
  @Override
  protected long workLimit() {
    return Devices.simulated() ? 3_000_000 : 300_000_000;
  }
}
