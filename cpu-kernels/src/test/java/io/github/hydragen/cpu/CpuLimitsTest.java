package io.github.hydragen.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.hydragen.DeviceLimits;
import io.github.hydragen.cpu.simd.Simd;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CpuLimitsTest {
  /** Bounds so wide that only a wrong unit, or a loop without effect, is beyond them. */
  @Test
  void limitsAreThoseOfAProcessor() {
    Optional<DeviceLimits> limits = new CpuBackendProvider().measureLimits("", 1);
    assertEquals(!Simd.best().isScalar(), limits.isPresent());
    limits.ifPresent(
        l -> {
          assertTrue(l.flopsPerSecond() > 1e8 && l.flopsPerSecond() < 1e13, l.toString());
          assertTrue(l.bytesPerSecond() > 1e7 && l.bytesPerSecond() < 1e13, l.toString());
        });
  }
}
