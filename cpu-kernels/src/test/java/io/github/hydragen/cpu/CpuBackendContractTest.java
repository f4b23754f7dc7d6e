package io.github.hydragen.cpu;

import io.github.hydragen.contract.AttentionBackendContract;

/** Runs in several JVMs: with the machine's vectors, with narrow ones and with none. */
class CpuBackendContractTest extends AttentionBackendContract {
  private static final boolean QUICK = Boolean.getBoolean("hydragen.test.quick");

  @Override
  protected String backend() {
    return "cpu";
  }

  @Override
  protected long workLimit() {
    return QUICK ? 10_000_000 : super.workLimit();
  }

  @Override
  protected int randomCases() {
    return QUICK ? 100 : super.randomCases();
  }

  @Override
  protected int soakOperations() {
    return QUICK ? 2_000 : super.soakOperations();
  }
}
