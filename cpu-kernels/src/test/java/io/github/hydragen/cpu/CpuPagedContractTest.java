package io.github.hydragen.cpu;

import io.github.hydragen.EngineOptions;
import io.github.hydragen.contract.AttentionBackendContract;

/** The contract with suffixes in the smallest pages, so that most sequences have several. */
class CpuPagedContractTest extends AttentionBackendContract {
  @Override
  protected String backend() {
    return "cpu";
  }

  @Override
  protected EngineOptions adapt(EngineOptions options) {
    return options.withPageTokens(16);
  }

  @Override
  protected long workLimit() {
    return 10_000_000;
  }

  @Override
  protected int randomCases() {
    return 100;
  }

  @Override
  protected int soakOperations() {
    return 9_000;
  }
}
