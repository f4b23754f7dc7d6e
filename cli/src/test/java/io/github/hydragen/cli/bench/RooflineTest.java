package io.github.hydragen.cli.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;
import org.junit.jupiter.api.Test;

class RooflineTest {
  private static final Workload WORKLOAD =
      new Workload(10, 100, 1, AttentionShape.of(2, 1, 4), DataType.F32);

  @Test
  void arithmeticBoundsThePrefixAndTrafficTheSuffix() {
    // Prefix: 4 x 20 rows x 100 keys x 4 = 32000 operations, or 100 x 32 bytes.
    // Suffix: 4 x 20 rows x 1 key x 4 = 320 operations, or 10 x 32 bytes.
    Roofline limits = new Roofline(1e6, 1e4);
    assertEquals(320e3 + 32e3, limits.stepMicros(WORKLOAD, Method.HYDRAGEN, 1), 1e-3);
  }

  @Test
  void withoutSharingEverySequenceReadsThePrefix() {
    assertEquals(
        10 * 101 * 32 * 1e6 / 1e4,
        new Roofline(1e12, 1e4).stepMicros(WORKLOAD, Method.FLASH, 1),
        1e-3);
  }

  @Test
  void fractionIsTheLeastTimeOfTheTimeTaken() {
    assertEquals(0.5, new Roofline(1e6, 1e4).fraction(WORKLOAD, Method.HYDRAGEN, 0.704), 1e-9);
  }
}
