package io.github.hydragen.tornado;

import io.github.hydragen.contract.AttentionBackendContract;
import org.junit.jupiter.api.condition.EnabledIf;

/**
 * The contract where the device has tuned kernels, which engines then use for BF16 and F16 and a
 * head dimension of up to 128; everything else is as in {@link TornadoContractTest}.
 */
@EnabledIf(value = "tuned", disabledReason = "the device has no tuned kernels")
class TunedContractTest extends AttentionBackendContract {
  static boolean tuned() {
    return TestedDevice.device().tuned();
  }

  @Override
  protected String backend() {
    return TestedDevice.backend();
  }

  /** The tuned kernels multiply in half precision. */
  @Override
  protected double tolerance() {
    return 2e-3;
  }

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
