package io.github.hydragen.tornado;

import io.github.hydragen.tornado.device.TestedDevice;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/**
 * The contract where every call with more than one token of a sequence is made like that of a
 * prompt.
 */
class PrefillContractTest extends DeviceContract {
  private static final String PREFILL = "hydragen.tornado.prefill";

  @BeforeAll
  static void always() {
    System.setProperty(PREFILL, "always");
  }

  @AfterAll
  static void automatic() {
    System.clearProperty(PREFILL);
  }

  /** The tuned kernels multiply in half precision. */
  @Override
  protected double tolerance() {
    return TestedDevice.device().tuned() ? 2e-3 : super.tolerance();
  }
}
