package io.github.hydragen.simulator;

import static io.github.hydragen.simulator.Runs.EVERY;
import static io.github.hydragen.simulator.Runs.FIRST;
import static io.github.hydragen.simulator.Runs.grid;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.enums.MMAShape;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.ByteArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** The matrix instructions of bytes against a plain product of 16 by 32 and 32 by 8 matrices. */
class MatrixInstruction8BitTest {
  private static final int M = 16;
  private static final int N = 8;
  private static final int K = 32;

  private final KernelContext context = new KernelContext();
  private final int[] numbersA = new int[M * K];
  private final int[] numbersB = new int[K * N];
  private final ByteArray a = new ByteArray(M * K);
  private final ByteArray b = new ByteArray(K * N);

  private void fill(int most) {
    Random random = new Random(7);
    for (int i = 0; i < M * K; i++) {
      numbersA[i] = random.nextInt(2 * most + 1) - most;
    }
    for (int i = 0; i < K * N; i++) {
      numbersB[i] = random.nextInt(2 * most + 1) - most;
    }
  }

  private int product(int row, int column) {
    int sum = 0;
    for (int k = 0; k < K; k++) {
      sum += numbersA[row * K + k] * numbersB[k * N + column];
    }
    return sum;
  }

  static int four(ByteArray source, int first, int second, int third, int fourth) {
    return (source.get(first) & 0xFF)
        | ((source.get(second) & 0xFF) << 8)
        | ((source.get(third) & 0xFF) << 16)
        | ((source.get(fourth) & 0xFF) << 24);
  }

  /** Rows of 32 bytes. */
  static int wordOfA(ByteArray a, int word) {
    return four(a, 4 * word, 4 * word + 1, 4 * word + 2, 4 * word + 3);
  }

  /** Rows of 16 bytes: rows 2 r and 2 r + 1 of B in turns. */
  static int wordOfB(ByteArray b, int word) {
    int upper = word / 4 * 2 * N + word % 4 * 2;
    return four(b, upper, upper + N, upper + 1, upper + N + 1);
  }

  static void integers(KernelContext context, ByteArray a, ByteArray b, IntArray c) {
    int[] tileA = context.allocateIntLocalArray(M * K / 4);
    int[] tileB = context.allocateIntLocalArray(K * N / 4);
    for (int i = context.localIdx; i < M * K / 4; i += 32) {
      tileA[i] = wordOfA(a, i);
    }
    for (int i = context.localIdx; i < K * N / 4; i += 32) {
      tileB[i] = wordOfB(b, i);
    }
    context.localBarrier();
    byte[] fragmentA = context.mmaLoadAInt8(tileA, K);
    byte[] fragmentB = context.mmaLoadBInt8(tileB, K);
    int[] sum = context.mmaFragmentInt(-5);
    sum = context.mmaInt8(fragmentA, fragmentB, sum, MMAShape.M16N8K32);
    sum = context.mmaInt8(fragmentA, fragmentB, sum, MMAShape.M16N8K32);
    context.mmaStoreInt(sum, c, 0, 0, N);
  }

  @ParameterizedTest
  @ValueSource(ints = {4, 127})
  void int8(int most) {
    fill(most);
    IntArray c = new IntArray(M * N);
    for (int i = 0; i < M * K; i++) {
      a.set(i, (byte) numbersA[i]);
    }
    for (int i = 0; i < K * N; i++) {
      b.set(i, (byte) numbersB[i]);
    }
    Runs.run(
        grid(32, 32),
        g ->
            g.transferToDevice(FIRST, a, b)
                .task("k", MatrixInstruction8BitTest::integers, context, a, b, c)
                .transferToHost(EVERY, c));
    for (int i = 0; i < M * N; i++) {
      assertEquals(2 * product(i / N, i % N) - 5, c.get(i), "element " + i);
    }
  }

  static void fourBitsOfExponent(KernelContext context, ByteArray a, ByteArray b, FloatArray c) {
    int[] tileA = context.allocateIntLocalArray(M * K / 4);
    int[] tileB = context.allocateIntLocalArray(K * N / 4);
    for (int i = context.localIdx; i < M * K / 4; i += 32) {
      tileA[i] = wordOfA(a, i);
    }
    for (int i = context.localIdx; i < K * N / 4; i += 32) {
      tileB[i] = wordOfB(b, i);
    }
    context.localBarrier();
    float[] sum =
        context.mmaFP8E4M3(
            context.mmaLoadAFP8(tileA, K),
            context.mmaLoadBFP8(tileB, K),
            context.mmaFragment(0f),
            MMAShape.M16N8K32);
    context.mmaStore(sum, c, 0, 0, N);
  }

  static void fiveBitsOfExponent(KernelContext context, ByteArray a, ByteArray b, FloatArray c) {
    int[] tileA = context.allocateIntLocalArray(M * K / 4);
    int[] tileB = context.allocateIntLocalArray(K * N / 4);
    for (int i = context.localIdx; i < M * K / 4; i += 32) {
      tileA[i] = wordOfA(a, i);
    }
    for (int i = context.localIdx; i < K * N / 4; i += 32) {
      tileB[i] = wordOfB(b, i);
    }
    context.localBarrier();
    float[] sum =
        context.mmaFP8E5M2(
            context.mmaLoadAFP8(tileA, K),
            context.mmaLoadBFP8(tileB, K),
            context.mmaFragment(0f),
            MMAShape.M16N8K32);
    context.mmaStore(sum, c, 0, 0, N);
  }

  /** A small integer with 4 bits of exponent and 3 of mantissa, from its value's own bits. */
  private static byte e4m3(int value) {
    if (value == 0) {
      return 0;
    }
    int mantissa = (Float.floatToIntBits(Math.abs(value)) >> 20) & 7;
    int bits = ((Math.getExponent((float) value) + 7) << 3) | mantissa;
    return (byte) (value < 0 ? bits | 0x80 : bits);
  }

  private static byte e5m2(int value) {
    return (byte) (new HalfFloat(value).getHalfFloatValue() >> Byte.SIZE);
  }

  private FloatArray floats(boolean fiveBits) {
    FloatArray c = new FloatArray(M * N);
    Runs.run(
        grid(32, 32),
        g -> {
          g.transferToDevice(FIRST, a, b);
          if (fiveBits) {
            g.task("k", MatrixInstruction8BitTest::fiveBitsOfExponent, context, a, b, c);
          } else {
            g.task("k", MatrixInstruction8BitTest::fourBitsOfExponent, context, a, b, c);
          }
          return g.transferToHost(EVERY, c);
        });
    return c;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void fp8(boolean fiveBits) {
    fill(4);
    for (int i = 0; i < M * K; i++) {
      a.set(i, fiveBits ? e5m2(numbersA[i]) : e4m3(numbersA[i]));
    }
    for (int i = 0; i < K * N; i++) {
      b.set(i, fiveBits ? e5m2(numbersB[i]) : e4m3(numbersB[i]));
    }
    FloatArray c = floats(fiveBits);
    for (int i = 0; i < M * N; i++) {
      assertEquals(product(i / N, i % N), c.get(i), "element " + i);
    }
  }

  /** From the tables of the OCP 8-bit floating point specification. */
  @ParameterizedTest
  @CsvSource({
    "false, 7E, 448",
    "false, 01, 0x1p-9",
    "false, 08, 0x1p-6",
    "false, 87, -0x1.cp-7",
    "false, 7F, NaN",
    "false, FF, NaN",
    "true, 7B, 57344",
    "true, 01, 0x1p-16",
    "true, 84, -0x1p-14",
    "true, 7C, Infinity",
    "true, FE, NaN"
  })
  void theEndsOfTheRange(boolean fiveBits, String bits, float value) {
    a.init((byte) 0);
    b.init((byte) 0);
    a.set(3 * K + 21, (byte) Integer.parseInt(bits, 16));
    b.set(21 * N + 5, fiveBits ? e5m2(1) : e4m3(1));
    assertEquals(value, floats(fiveBits).get(3 * N + 5));
  }

  static void wrongShape(KernelContext context, IntArray c) {
    int[] sum =
        context.mmaInt8(new byte[16], new byte[8], context.mmaFragmentInt(0), MMAShape.M16N8K16);
    context.mmaStoreInt(sum, c, 0, 0, N);
  }

  static void wrongDepth(KernelContext context, IntArray c) {
    int[] tile = context.allocateIntLocalArray(M * K / 4);
    byte[] fragment = context.mmaLoadAInt8(tile, 16);
    c.set(0, fragment.length);
  }

  @Test
  void shapeOrDepthOfOtherNumbers() {
    IntArray c = new IntArray(M * N);
    Runs.fault(
        FaultKind.MATRIX_OPERAND,
        grid(32, 32),
        g -> g.task("k", MatrixInstruction8BitTest::wrongShape, context, c));
    Runs.fault(
        FaultKind.MATRIX_OPERAND,
        grid(32, 32),
        g -> g.task("k", MatrixInstruction8BitTest::wrongDepth, context, c));
  }
}
