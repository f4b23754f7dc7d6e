package io.github.hydragen;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class DataTypeTest {
  @Test
  void sizes() {
    assertEquals(4, DataType.F32.bytes());
  }
}
