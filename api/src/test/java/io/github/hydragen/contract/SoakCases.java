package io.github.hydragen.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.hydragen.AttentionShape;
import io.github.hydragen.EngineOptions;
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

  @TestFactory
  Stream<DynamicTest> randomOperations() {
    List<AttentionShape> shapes =
        List.of(
            AttentionShape.of(2, 2, 8), AttentionShape.of(4, 1, 16), AttentionShape.of(6, 2, 5));
    return shapes.stream()
        .map(shape -> DynamicTest.dynamicTest(shape + ", seed " + SEED, () -> live(shape)));
  }

  private void live(AttentionShape shape) {
    contract.assume(shape);
    try (Soak soak = new Soak(contract, shape, EngineOptions.defaults(), SEED)) {
      int operations = (contract.soakOperations() + 2) / 3;
      for (int i = 0; i < operations; i++) {
        soak.operate();
      }
      soak.freeEverything();
      assertEquals(0, soak.engine().memory().kvBytes(), "keys and values left");
    }
  }
}
