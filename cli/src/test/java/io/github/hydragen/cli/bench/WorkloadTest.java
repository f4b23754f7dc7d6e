package io.github.hydragen.cli.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;
import org.junit.jupiter.api.Test;

class WorkloadTest {
  @Test
  void bytesBeyondALongAreItsLargest() {
    AttentionShape shape = AttentionShape.of(1024, 1024, 256);
    Workload one = new Workload(1 << 18, 1 << 20, 1 << 20, shape, DataType.F32, 1);
    assertEquals(1L << 60, one.kvBytes(Method.FLASH));
    Workload all = new Workload(1 << 18, 1 << 20, 1 << 20, shape, DataType.F32, 1024);
    assertEquals(Long.MAX_VALUE, all.kvBytes(Method.FLASH));
  }
}
