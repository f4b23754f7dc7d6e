package io.github.hydragen.benchmarks.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class AxisTest {
  @Test
  void aLinearAxisBeginsAtZeroAndEndsAtARoundNumber() {
    Axis axis = Axis.linear(43, 100, 200);
    assertEquals(50, axis.to());
    assertEquals(List.of(0.0, 10.0, 20.0, 30.0, 40.0, 50.0), axis.ticks());
    assertEquals(100, axis.at(0));
    assertEquals(150, axis.at(25));
    assertEquals(200, axis.at(50));
  }

  @Test
  void aLogarithmicAxisHasEqualFactorsEquallyFarApart() {
    Axis axis = Axis.logarithmic(2, 300, 0, 300);
    assertEquals(List.of(1.0, 10.0, 100.0, 1000.0), axis.ticks());
    assertEquals(100, axis.at(10), 1e-9);
    assertEquals(200, axis.at(100), 1e-9);
  }

  @Test
  void aPowerOfTenAloneHasADecade() {
    Axis axis = Axis.logarithmic(10, 10, 0, 1);
    assertEquals(100, axis.to());
  }

  @Test
  void labelsHaveNoNeedlessDigits() {
    assertEquals("20", Axis.label(20));
    assertEquals("0.5", Axis.label(0.5));
    assertEquals("0.0001", Axis.label(1e-4));
  }
}
