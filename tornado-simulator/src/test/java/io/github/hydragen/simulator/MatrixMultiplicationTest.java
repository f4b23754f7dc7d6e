package io.github.hydragen.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.WorkerGrid2D;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** A tiled matrix product: local memory, barriers in a loop and a helper that waits. */
class MatrixMultiplicationTest {
  private static final int TILE = 8;

  static void multiply(KernelContext context, FloatArray a, FloatArray b, FloatArray c, int n) {
    int row = context.localIdy;
    int column = context.localIdx;
    int globalRow = context.groupIdy * TILE + row;
    int globalColumn = context.groupIdx * TILE + column;
    float[] tileA = context.allocateFloatLocalArray(TILE * TILE);
    float[] tileB = context.allocateFloatLocalArray(TILE * TILE);
    float sum = 0f;
    for (int tile = 0; tile < n / TILE; tile++) {
      tileA[row * TILE + column] = a.get(globalRow * n + tile * TILE + column);
      tileB[row * TILE + column] = b.get((tile * TILE + row) * n + globalColumn);
      context.localBarrier();
      for (int k = 0; k < TILE; k++) {
        sum += tileA[row * TILE + k] * tileB[k * TILE + column];
      }
      context.localBarrier();
    }
    c.set(globalRow * n + globalColumn, sum);
  }

  @Test
  void equalsThePlainProduct() throws Exception {
    int n = 32;
    Random random = new Random(1);
    FloatArray a = new FloatArray(n * n);
    FloatArray b = new FloatArray(n * n);
    FloatArray c = new FloatArray(n * n);
    for (int i = 0; i < n * n; i++) {
      a.set(i, random.nextFloat());
      b.set(i, random.nextFloat());
    }
    WorkerGrid2D grid = new WorkerGrid2D(n, n);
    grid.setLocalWork(TILE, TILE, 1);
    TaskGraph graph =
        new TaskGraph("product")
            .transferToDevice(DataTransferMode.FIRST_EXECUTION, a, b)
            .task("multiply", MatrixMultiplicationTest::multiply, new KernelContext(), a, b, c, n)
            .transferToHost(DataTransferMode.EVERY_EXECUTION, c);
    try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot())) {
      plan.withGridScheduler(new GridScheduler("product.multiply", grid)).execute();
    }
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        float expected = 0f;
        for (int k = 0; k < n; k++) {
          expected += a.get(i * n + k) * b.get(k * n + j);
        }
        assertEquals(expected, c.get(i * n + j), 1e-4f);
      }
    }
  }
}
