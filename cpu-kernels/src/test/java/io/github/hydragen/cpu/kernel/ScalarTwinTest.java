package io.github.hydragen.cpu.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.Tensor;
import io.github.hydragen.cpu.memory.MemoryAccount;
import io.github.hydragen.cpu.simd.Simd;
import io.github.hydragen.cpu.store.KvLayout;
import io.github.hydragen.cpu.store.KvRun;
import io.github.hydragen.cpu.store.KvStore;
import io.github.hydragen.cpu.store.KvWriter;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Both kernels on vectors against both on scalars, at awkward sizes. */
class ScalarTwinTest {
  private static final int[] LENGTHS = {1, 13, 207, 4098};
  private static final int[] STREAM_ROWS = {1, 2, 3, 5, 7, 16, 32};
  private static final int[] MATRIX_ROWS = {1, 17, 33, 70};

  private record Kernels(StreamKernel stream, MatrixKernel matrix) {
    static Kernels of(Simd simd, KvLayout layout) {
      EngineOptions options = EngineOptions.defaults();
      return new Kernels(
          new StreamKernel(simd, layout, options), new MatrixKernel(simd, layout, options));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, F32",
    "3, BF16",
    "8, F16",
    "13, F16",
    "40, F32",
    "64, BF16",
    "80, F16",
    "96, F32",
    "128, BF16",
    "128, F16",
    "192, F32",
    "256, BF16"
  })
  void agree(int headDim, DataType type) {
    assumeFalse(Simd.best().isScalar(), "this JVM has no vectors: " + Simd.best().remedy());
    KvLayout layout = new KvLayout(AttentionShape.of(1, 1, headDim), type);
    Kernels vectors = Kernels.of(Simd.best(), layout);
    Kernels scalars = Kernels.of(new Simd.Scalars(""), layout);
    SplittableRandom random = new SplittableRandom(headDim);
    for (int length : LENGTHS) {
      try (KvStore store = store(layout, length, random)) {
        for (int from : new int[] {0, Math.min(5, length - 1), length / 2}) {
          KvRun run = new KvRun().set(store, 0, from, length);
          for (int rows : STREAM_ROWS) {
            compareStreams(vectors.stream, scalars.stream, rows, headDim, run, random);
          }
          for (int rows : MATRIX_ROWS) {
            compareMatrices(vectors.matrix, scalars.matrix, rows, headDim, run, random);
          }
        }
      }
    }
  }

  private static KvStore store(KvLayout layout, int length, SplittableRandom random) {
    int headDim = layout.shape.headDim();
    KvStore store = new KvStore(layout, new MemoryAccount(), 1, length);
    KvWriter writer = new KvWriter(layout);
    KvRun run = new KvRun().set(store, 0, 0, length);
    for (int t = 0; t < length; t++) {
      Tensor k = Tensor.of(row(headDim, random), headDim);
      Tensor v = Tensor.of(row(headDim, random), headDim);
      writer.write(store, run, t, k, v, 0);
    }
    return store;
  }

  private static float[] row(int n, SplittableRandom random) {
    float[] row = new float[n];
    for (int i = 0; i < n; i++) {
      row[i] = (float) random.nextDouble(-1, 1);
    }
    return row;
  }

  private static void compareStreams(
      StreamKernel a, StreamKernel b, int rows, int headDim, KvRun run, SplittableRandom random) {
    a.begin(rows);
    b.begin(rows);
    for (int r = 0; r < rows; r++) {
      float[] query = row(headDim, random);
      a.query(r, query);
      b.query(r, query);
    }
    a.attend(run);
    b.attend(run);
    RowOutput x = new RowOutput(headDim);
    RowOutput y = new RowOutput(headDim);
    for (int r = 0; r < rows; r++) {
      a.state(r, x);
      b.state(r, y);
      compare("stream, row " + r + " of " + rows + ", " + run.from + " to " + run.to, x, y);
    }
  }

  private static void compareMatrices(
      MatrixKernel a, MatrixKernel b, int rows, int headDim, KvRun run, SplittableRandom random) {
    int n = Math.min(rows, Math.min(a.maxRows(), b.maxRows()));
    a.begin(n);
    b.begin(n);
    for (int r = 0; r < n; r++) {
      float[] query = row(headDim, random);
      a.query(r, query);
      b.query(r, query);
    }
    a.attend(run);
    b.attend(run);
    RowOutput x = new RowOutput(headDim);
    RowOutput y = new RowOutput(headDim);
    for (int r = 0; r < n; r++) {
      a.state(r, x);
      b.state(r, y);
      compare("matrix, row " + r + " of " + n + ", " + run.from + " to " + run.to, x, y);
    }
  }

  private static void compare(String where, RowOutput a, RowOutput b) {
    assertEquals(
        b.max + Math.log(b.sum) / Math.log(2), a.max + Math.log(a.sum) / Math.log(2), 2e-5, where);
    for (int e = 0; e < a.out.length; e++) {
      assertEquals(b.out[e] / b.sum, a.out[e] / a.sum, 2e-5, where + ", element " + e);
    }
  }
}
