package io.github.hydragen.cli.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;
import io.github.hydragen.DeviceLimits;
import org.junit.jupiter.api.Test;

class RooflineTest {
  private static final Workload WORKLOAD =
      new Workload(10, 100, 1, AttentionShape.of(2, 1, 4), DataType.F32, 1);

  private static Roofline roofline(double flops, double bytes) {
    return new Roofline(new DeviceLimits(flops, bytes));
  }

  @Test
  void theLongerOfArithmeticAndTrafficBoundsAStep() {
    // 4 x 20 rows x 101 keys x 4 = 32320 operations; 100 + 10 tokens of 32 bytes.
    assertEquals(32_320, roofline(1e6, 1e6).stepMicros(WORKLOAD, Method.HYDRAGEN, 1), 1e-6);
    assertEquals(352e3, roofline(1e6, 1e4).stepMicros(WORKLOAD, Method.HYDRAGEN, 1), 1e-6);
  }

  @Test
  void withoutSharingEverySequenceReadsThePrefix() {
    assertEquals(
        10 * 101 * 32 * 1e6 / 1e4, roofline(1e12, 1e4).stepMicros(WORKLOAD, Method.FLASH, 1), 1e-3);
  }

  @Test
  void everyLayerTakesItsTime() {
    Workload layers = new Workload(10, 100, 1, AttentionShape.of(2, 1, 4), DataType.F32, 3);
    assertEquals(3 * 32_320, roofline(1e6, 1e6).stepMicros(layers, Method.HYDRAGEN, 1), 1e-6);
    assertEquals(3 * 352e3, roofline(1e6, 1e4).stepMicros(layers, Method.HYDRAGEN, 1), 1e-6);
    assertEquals(0.5, roofline(1e6, 1e4).fraction(layers, Method.HYDRAGEN, 3 * 0.704), 1e-9);
  }

  @Test
  void fractionIsTheLeastTimeOfTheTimeTaken() {
    assertEquals(0.5, roofline(1e6, 1e4).fraction(WORKLOAD, Method.HYDRAGEN, 0.704), 1e-9);
  }
}
