package io.github.hydragen.tornado.simulated;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.hydragen.AttentionEngine;
import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.EngineOptions.Sharing;
import io.github.hydragen.Prefix;
import io.github.hydragen.SequenceBatch;
import io.github.hydragen.simulator.KernelStatistics;
import io.github.hydragen.simulator.SimulatorStatistics;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What the attention kernels ask of memory, at the original's head layout made small, and with
 * other head dimensions.
 */
class KernelTrafficTest {
  /** Arguments of the attention kernels. */
  private static final int KEYS = 2;

  private static final int VALUES = 3;

  @ParameterizedTest
  @CsvSource({
    "F32, 128, 2, 2, 40, hydragen.prefix0tile, hydragen.suffix0stream",
    "F16, 128, 2, 2, 40, hydragen.prefix0tile, hydragen.suffix0stream",
    "F32, 128, 8, 2, 12, hydragen.prefix0tile, hydragen.suffix0stream",
    "F16, 128, 8, 1, 5, hydragen.prefix0tile, hydragen.suffix0stream",
    "F32, 128, 2, 2, 8, hydragen.prefix0stream, hydragen.suffix0stream",
    "F32, 192, 2, 2, 20, hydragen.prefix0tile, hydragen.suffix0stream",
    "F16, 256, 2, 1, 10, hydragen.prefix0tile, hydragen.suffix0stream",
    "F32, 64, 2, 2, 20, hydragen.prefix0tile, hydragen.suffix0stream",
    "F16, 96, 2, 2, 20, hydragen.prefix0tile, hydragen.suffix0stream"
  })
  void keysAndValuesAreReadInWholeLinesAndBanksNeverCollide(
      DataType storage,
      int headDim,
      int queryHeads,
      int kvHeads,
      int batch,
      String prefixTask,
      String suffixTask) {
    AttentionShape shape = AttentionShape.of(queryHeads, kvHeads, headDim);
    EngineOptions options =
        EngineOptions.defaults()
            .withBackend("simulator")
            .withStorage(storage)
            .withSharing(Sharing.ALWAYS);
    try (SimulatorStatistics statistics = SimulatorStatistics.record();
        AttentionEngine engine = AttentionEngine.open(shape, options)) {
      step(engine, shape, batch);
      check(statistics.kernel(prefixTask));
      check(statistics.kernel(suffixTask));
    }
  }

  private static void step(AttentionEngine engine, AttentionShape shape, int sequences) {
    Prefix prefix = engine.prefix(random(70 * shape.kvRow()), random(70 * shape.kvRow()));
    SequenceBatch batch = engine.batch(sequences, 45);
    batch.attachAll(prefix);
    float[] tokens = random(sequences * 37 * shape.kvRow());
    batch.append(tokens, tokens);
    float[] q = random(sequences * shape.queryRow());
    batch.attend(q, new float[q.length], null);
  }

  private static float[] random(int elements) {
    SplittableRandom random = new SplittableRandom(1);
    float[] values = new float[elements];
    for (int i = 0; i < elements; i++) {
      values[i] = random.nextFloat() - 0.5f;
    }
    return values;
  }

  private static void check(KernelStatistics kernel) {
    assertTrue(kernel.loadsOf(KEYS).accesses() > 0, kernel::task);
    assertTrue(kernel.loadsOf(KEYS).isCoalesced(), kernel::task);
    assertTrue(kernel.loadsOf(VALUES).isCoalesced(), kernel::task);
    assertEquals(0, kernel.local().bankConflicts(), kernel::task);
  }
}
