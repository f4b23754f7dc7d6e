package io.github.hydragen.tornado;

import io.github.hydragen.tornado.device.TestedDevice;
import org.junit.jupiter.api.condition.EnabledIf;

/**
 * The contract where the device has tuned kernels, which engines then use for BF16 and F16 and a
 * head dimension of up to 128; everything else is as in {@link TornadoContractTest}.
 */
@EnabledIf(value = "tuned", disabledReason = "the device has no tuned kernels")
class TunedContractTest extends DeviceContract {
  static boolean tuned() {
    return TestedDevice.device().tuned();
  }

  /** The tuned kernels multiply in half precision. */
  @Override
  protected double tolerance() {
    return 2e-3;
  }
}
