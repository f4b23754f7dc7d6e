package io.github.hydragen.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.EngineOptions.Sharing;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** A long life of random joins, leaves, forks, appends and steps on a few engines. */
abstract class SoakCases {
  private static final long SEED = Long.getLong("hydragen.test.seed", 20_240_207L);
  private final AttentionBackendContract contract;

  SoakCases(AttentionBackendContract contract) {
    this.contract = contract;
  }

  /** One engine's life. */
  private record Life(AttentionShape shape, DataType storage, Sharing sharing) {}

  @TestFactory
  Stream<DynamicTest> randomOperations() {
    List<Life> lives =
        List.of(
            new Life(AttentionShape.of(2, 2, 8), DataType.F32, Sharing.AUTO),
            new Life(AttentionShape.of(4, 1, 16), DataType.F16, Sharing.ALWAYS),
            new Life(AttentionShape.of(6, 2, 5), DataType.BF16, Sharing.NEVER));
    return lives.stream()
        .map(life -> DynamicTest.dynamicTest(life + ", seed " + SEED, () -> live(life)));
  }

  private void live(Life life) {
    EngineOptions options =
        EngineOptions.defaults().withStorage(life.storage).withSharing(life.sharing);
    contract.assume(life.shape);
    contract.assume(new Scenario("", life.shape).options(options).features());
    assumeTrue(contract.sharings().contains(life.sharing), () -> "not run with " + life.sharing);
    try (Soak soak = new Soak(contract, life.shape, options, SEED)) {
      int operations = (contract.soakOperations() + 2) / 3;
      for (int i = 0; i < operations; i++) {
        soak.operate();
      }
      soak.freeEverything();
      assertEquals(0, soak.engine().memory().kvBytes(), "keys and values left");
    }
  }
}
