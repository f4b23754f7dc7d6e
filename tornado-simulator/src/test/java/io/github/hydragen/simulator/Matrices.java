package io.github.hydragen.simulator;

import java.util.Random;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;

/** Factors of the matrix instructions' size with small random integers, and their plain product. */
final class Matrices {
  static final int M = 16;
  static final int N = 8;
  static final int K = 16;

  /** [M, K]. */
  final HalfFloatArray a = new HalfFloatArray(M * K);

  /** [K, N]. */
  final HalfFloatArray b = new HalfFloatArray(K * N);

  Matrices(int seed) {
    Random random = new Random(seed);
    for (int i = 0; i < M * K; i++) {
      a.set(i, new HalfFloat(random.nextInt(9) - 4f));
    }
    for (int i = 0; i < K * N; i++) {
      b.set(i, new HalfFloat(random.nextInt(9) - 4f));
    }
  }

  /** An element of the product, with {@code b} read as [N, K] if it is transposed. */
  float product(int row, int column, boolean transposedB) {
    float sum = 0f;
    for (int k = 0; k < K; k++) {
      float right = b.get(transposedB ? column * K + k : k * N + column).getFloat32();
      sum += a.get(row * K + k).getFloat32() * right;
    }
    return sum;
  }

  /** Two numbers as kernels keep them in an int, the first in the lower half. */
  static int pair(HalfFloatArray source, int first, int second) {
    int low = source.get(first).getHalfFloatValue() & 0xFFFF;
    int high = source.get(second).getHalfFloatValue() & 0xFFFF;
    return low | (high << 16);
  }
}
