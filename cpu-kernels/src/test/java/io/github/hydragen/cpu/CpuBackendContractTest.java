package io.github.hydragen.cpu;

import io.github.hydragen.contract.AttentionBackendContract;

class CpuBackendContractTest extends AttentionBackendContract {
  @Override
  protected String backend() {
    return "cpu";
  }
}
