package io.github.hydragen;

import io.github.hydragen.EngineOptions.Sharing;
import io.github.hydragen.contract.AttentionBackendContract;
import java.util.List;

/**
 * The reference against itself: bookkeeping, errors and memory; {@link ReferenceOracleTest} checks
 * its numbers.
 */
class ReferenceBackendContractTest extends AttentionBackendContract {
  @Override
  protected String backend() {
    return "reference";
  }

  @Override
  protected List<Sharing> sharings() {
    return List.of(Sharing.NEVER);
  }

  /** The same code on both sides: large cases would show nothing new. */
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
