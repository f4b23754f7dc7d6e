package io.github.hydragen.simulator.runtime;

import io.github.hydragen.simulator.runtime.Collective.LoadMatrix;
import io.github.hydragen.simulator.runtime.Collective.Multiply;
import java.util.List;
import uk.ac.manchester.tornado.api.types.HalfFloat;

/**
 * The matrix instructions of a warp, with the register layouts of {@code ldmatrix} and of {@code
 * mma.sync.m16n8k16} in the PTX instruction set: with {@code g = lane / 4} and {@code t = lane %
 * 4}, register {@code r} of A holds row {@code g + 8 (r % 2)}, columns {@code 2 t + 8 (r / 2)} and
 * the next one; register {@code r} of B rows {@code 2 t + 8 r} and the next one, column {@code g};
 * element {@code e} of C and D row {@code g + 8 (e / 2)}, column {@code 2 t + e % 2}.
 */
final class MatrixUnit {
  private static final int M = 16;
  private static final int N = 8;
  private static final int K = 16;
  private static final int PAIR = 2;

  private MatrixUnit() {}

  static void load(List<WorkItem> items) {
    MatrixLayout layout = ((LoadMatrix) items.getFirst().collective()).layout();
    short[][][] matrices = new short[layout.matrices()][][];
    for (int matrix = 0; matrix < matrices.length; matrix++) {
      matrices[matrix] =
          MatrixTile.rows(items.subList(matrix * N, (matrix + 1) * N), layout, matrix);
    }
    for (int lane = 0; lane < Warp.LANES; lane++) {
      items.get(lane).release(fragment(matrices, lane, layout.transposed()));
    }
  }

  private static HalfFloat[] fragment(short[][][] matrices, int lane, boolean transposed) {
    int g = lane / 4;
    int t = lane % 4;
    HalfFloat[] fragment = new HalfFloat[PAIR * matrices.length];
    for (int i = 0; i < fragment.length; i++) {
      short[][] matrix = matrices[i / PAIR];
      int place = PAIR * t + i % PAIR;
      fragment[i] = new HalfFloat(transposed ? matrix[place][g] : matrix[g][place]);
    }
    return fragment;
  }

  static void multiply(List<WorkItem> items) {
    float[][] a = new float[M][K];
    float[][] b = new float[K][N];
    for (int lane = 0; lane < Warp.LANES; lane++) {
      Multiply operands = (Multiply) items.get(lane).collective();
      unpackA(a, lane, operands);
      unpackB(b, lane, operands);
    }
    for (int lane = 0; lane < Warp.LANES; lane++) {
      items.get(lane).release(product(a, b, lane, (Multiply) items.get(lane).collective()));
    }
  }

  private static void unpackA(float[][] a, int lane, Multiply operands) {
    for (int i = 0; i < M * K / Warp.LANES; i++) {
      int register = i / PAIR;
      int row = lane / 4 + N * (register % 2);
      int column = PAIR * (lane % 4) + N * (register / 2) + i % PAIR;
      a[row][column] = operands.a(i);
    }
  }

  private static void unpackB(float[][] b, int lane, Multiply operands) {
    for (int i = 0; i < K * N / Warp.LANES; i++) {
      int row = PAIR * (lane % 4) + N * (i / PAIR) + i % PAIR;
      b[row][lane / 4] = operands.b(i);
    }
  }

  private static float[] product(float[][] a, float[][] b, int lane, Multiply operands) {
    float[] d = operands.c();
    for (int e = 0; e < d.length; e++) {
      int row = row(lane, e);
      int column = column(lane, e);
      for (int k = 0; k < K; k++) {
        d[e] += a[row][k] * b[k][column];
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
