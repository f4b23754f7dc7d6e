package io.github.hydragen;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TensorTest {
  @Test
  void rowMajor() {
    Tensor tensor = Tensor.of(new float[] {0, 1, 2, 3, 4, 5}, 2, 3);
    assertEquals(2, tensor.rank());
    assertEquals(3, tensor.size(1));
    assertEquals(6, tensor.elements());
    assertEquals("F32[2, 3]", tensor.toString());
    assertArrayEquals(new float[] {3, 4, 5}, tensor.rows(1, 2).toFloats());
    assertArrayEquals(new long[] {3, 2}, tensor.reshape(3, 2).shape());
  }

  @Test
  void rowsAreAView() {
    float[] array = new float[4];
    Tensor.of(array, 2, 2).rows(1, 2).set(0, 7);
    assertArrayEquals(new float[] {0, 0, 7, 0}, array);
    assertEquals(0, Tensor.of(array, 2, 2).rows(2, 2).elements());
    assertEquals(0, Tensor.of(new float[0], 0, 2).rows(0, 0).elements());
  }

  @ParameterizedTest
  @EnumSource
  void severalElementsAtOnce(DataType type) {
    Tensor tensor = Tensor.allocate(Arena.ofAuto(), type, 5);
    tensor.set(1, new float[] {1, -2, 0.5f});
    assertArrayEquals(new float[] {0, 1, -2, 0.5f, 0}, tensor.toFloats());
    float[] middle = new float[2];
    tensor.get(2, middle);
    assertArrayEquals(new float[] {-2, 0.5f}, middle);
    assertThrows(IndexOutOfBoundsException.class, () -> tensor.get(4, middle));
    assertThrows(IndexOutOfBoundsException.class, () -> tensor.get(-1, middle));
  }

  @Test
  void theShapeIsACopy() {
    long[] shape = {2, 2};
    Tensor tensor = Tensor.of(new float[4], shape);
    shape[0] = 4;
    tensor.shape()[1] = 9;
    assertArrayEquals(new long[] {2, 2}, tensor.shape());
  }

  @Test
  void aScalarHasNoDimensions() {
    Tensor scalar = Tensor.of(new float[] {3});
    assertEquals(0, scalar.rank());
    assertEquals(3, scalar.get(0));
    assertMessage("rows 0 to 1 are not in F32[]", () -> scalar.rows(0, 1));
  }

  @Test
  void messagesNameTheValue() {
    assertMessage(
        "a segment of 12 bytes does not hold shape [2, 2] of F32, which takes 4 x 4 bytes",
        () -> Tensor.of(new float[3], 2, 2));
    assertMessage(
        "shape [2, -1] has a negative size",
        () -> Tensor.of(MemorySegment.NULL, DataType.F16, 2, -1));
    assertMessage(
        "shape [4294967296, 4294967296] has more than 2^63 - 1 elements",
        () -> Tensor.of(MemorySegment.NULL, DataType.F16, 1L << 32, 1L << 32));
    assertMessage(
        "rows 1 to 3 are not in F32[2, 2]", () -> Tensor.of(new float[4], 2, 2).rows(1, 3));
    assertMessage(
        "a segment of 0 bytes does not hold shape [4611686018427387904] of F32, which takes"
            + " 4611686018427387904 x 4 bytes",
        () -> Tensor.of(MemorySegment.NULL, DataType.F32, 1L << 62));
    assertMessage(
        "a segment of 16 bytes does not hold shape [5] of F32, which takes 5 x 4 bytes",
        () -> Tensor.of(new float[4], 2, 2).reshape(5));
  }

  @Test
  void allocatedMemoryIsZeroAndAligned() {
    try (Arena arena = Arena.ofConfined()) {
      Tensor tensor = Tensor.allocate(arena, DataType.BF16, 3, 5);
      assertEquals(0, tensor.segment().address() % 64);
      assertArrayEquals(new float[15], tensor.toFloats());
    }
    assertMessage(
        "shape [4611686018427387904] of F32 has more than 2^63 - 1 bytes",
        () -> Tensor.allocate(Arena.ofAuto(), DataType.F32, 1L << 62));
  }

  @Test
  @SuppressWarnings("restricted") // Never read: no 8 GiB are needed for the check.
  void tooLargeForAnArray() {
    MemorySegment huge = MemorySegment.NULL.reinterpret(1L << 33);
    Tensor tensor = Tensor.of(huge, DataType.F16, 1L << 32);
    assertMessage("F16[4294967296] is too large for an array: copy it in rows", tensor::toFloats);
  }

  private static void assertMessage(String message, Runnable call) {
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, call::run);
    assertEquals(message, e.getMessage());
  }
}
