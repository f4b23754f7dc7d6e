package io.github.hydragen.simulator.runtime;

import io.github.hydragen.simulator.runtime.Collective.LoadMatrix;
import io.github.hydragen.simulator.runtime.Collective.Multiply;
import java.util.Arrays;
import java.util.List;
import uk.ac.manchester.tornado.api.types.HalfFloat;

/**
 * The matrix instructions of a warp, with the register layouts of {@code ldmatrix} and of {@code
 * mma.sync} in the PTX instruction set, shapes m16n8k16 (n = 2 numbers a register) and m16n8k32 (n
 * = 4): with {@code g = lane / 4} and {@code t = lane % 4}, register {@code r} of A holds row
 * {@code g + 8 (r % 2)}, columns from {@code n t + 4 n (r / 2)} on; register {@code r} of B rows
 * from {@code n t + 4 n r} on, column {@code g}; element {@code e} of C and D row {@code g + 8 (e /
 * 2)}, column {@code 2 t + e % 2}.
 */
final class MatrixUnit {
  private static final int M = 16;
  private static final int N = 8;
  private static final int PAIR = 2;

  private MatrixUnit() {}

  static void load(List<WorkItem> items) {
    LoadMatrix operation = (LoadMatrix) items.getFirst().collective();
    MatrixLayout layout = operation.layout();
    short[][][] matrices = new short[layout.matrices()][][];
    for (int matrix = 0; matrix < matrices.length; matrix++) {
      matrices[matrix] =
          MatrixTile.rows(items.subList(matrix * N, (matrix + 1) * N), layout, matrix);
    }
    for (int lane = 0; lane < Warp.LANES; lane++) {
      short[] fragment = fragment(matrices, lane, layout.transposed());
      items.get(lane).release(operation.bytes() ? bytes(fragment) : halves(fragment));
    }
  }

  private static short[] fragment(short[][][] matrices, int lane, boolean transposed) {
    int g = lane / 4;
    int t = lane % 4;
    short[] fragment = new short[PAIR * matrices.length];
    for (int i = 0; i < fragment.length; i++) {
      short[][] matrix = matrices[i / PAIR];
      int place = PAIR * t + i % PAIR;
      fragment[i] = transposed ? matrix[place][g] : matrix[g][place];
    }
    return fragment;
  }

  private static HalfFloat[] halves(short[] fragment) {
    HalfFloat[] halves = new HalfFloat[fragment.length];
    Arrays.setAll(halves, i -> new HalfFloat(fragment[i]));
    return halves;
  }

  private static byte[] bytes(short[] fragment) {
    byte[] bytes = new byte[2 * fragment.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (fragment[i / 2] >> (i % 2 * Byte.SIZE));
    }
    return bytes;
  }

  static void multiply(List<WorkItem> items) {
    MatrixNumbers numbers = ((Multiply) items.getFirst().collective()).numbers();
    float[][] a = new float[M][numbers.depth()];
    float[][] b = new float[numbers.depth()][N];
    for (int lane = 0; lane < Warp.LANES; lane++) {
      Multiply operands = (Multiply) items.get(lane).collective();
      unpackA(a, lane, operands);
      unpackB(b, lane, operands);
    }
    for (int lane = 0; lane < Warp.LANES; lane++) {
      WorkItem item = items.get(lane);
      Object c = ((Multiply) item.collective()).c();
      item.release(
          c instanceof int[] sums
              ? product(a, b, lane, sums.clone())
              : product(a, b, lane, ((float[]) c).clone()));
    }
  }

  private static void unpackA(float[][] a, int lane, Multiply operands) {
    int each = operands.numbers().perRegister();
    for (int i = 0; i < 4 * each; i++) {
      int register = i / each;
      int row = lane / 4 + N * (register % 2);
      int column = each * (lane % 4) + 4 * each * (register / 2) + i % each;
      a[row][column] = operands.numbers().get(operands.a(), i);
    }
  }

  private static void unpackB(float[][] b, int lane, Multiply operands) {
    int each = operands.numbers().perRegister();
    for (int i = 0; i < 2 * each; i++) {
      int row = each * (lane % 4) + 4 * each * (i / each) + i % each;
      b[row][lane / 4] = operands.numbers().get(operands.b(), i);
    }
  }

  private static float[] product(float[][] a, float[][] b, int lane, float[] d) {
    for (int e = 0; e < d.length; e++) {
      for (int k = 0; k < b.length; k++) {
        d[e] += a[row(lane, e)][k] * b[k][column(lane, e)];
      }
    }
    return d;
  }

  private static int[] product(float[][] a, float[][] b, int lane, int[] d) {
    for (int e = 0; e < d.length; e++) {
      for (int k = 0; k < b.length; k++) {
        d[e] += (int) (a[row(lane, e)][k] * b[k][column(lane, e)]);
      }
    }
    return d;
  }

  /** Returns the row of element {@code e} of an accumulator fragment. */
  static int row(int lane, int e) {
    return lane / 4 + N * (e / PAIR);
  }

  /** Returns the column of element {@code e} of an accumulator fragment. */
  static int column(int lane, int e) {
    return PAIR * (lane % 4) + e % PAIR;
  }
}
