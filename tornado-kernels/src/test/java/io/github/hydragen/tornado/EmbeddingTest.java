package io.github.hydragen.tornado;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.hydragen.AttentionEngine;
import io.github.hydragen.AttentionShape;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.ResidentStep;
import io.github.hydragen.SequenceBatch;
import io.github.hydragen.Tensor;
import io.github.hydragen.tornado.device.TestedDevice;
import java.util.List;
import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** The resident step that {@code docs/embedding.md} shows, which takes its code from here. */
class EmbeddingTest {
  private static final AttentionShape SHAPE = AttentionShape.of(4, 2, 32);
  private static final int SEQUENCES = 3;

  /** The first token of a sequence sees itself alone: its output is its value. */
  @Test
  void aModelsKernelsAreRunAroundTheAttention() {
    KernelContext context = new KernelContext();
    int kvRow = SHAPE.kvRow();
    int threads = SEQUENCES * SHAPE.queryRow();
    FloatArray hidden = new FloatArray(threads);
    FloatArray result = new FloatArray(threads);
    result.init(0);
    for (int i = 0; i < threads; i++) {
      hidden.set(i, i % 7 - 3);
    }
    WorkerGrid1D worker = new WorkerGrid1D(threads);
    EngineOptions options = EngineOptions.defaults().withBackend(TestedDevice.backend());
    try (AttentionEngine engine = AttentionEngine.open(SHAPE, options)) {
      SequenceBatch batch = engine.batch(SEQUENCES, 2);
      // The page begins.
      DeviceKernels kernels =
          new DeviceKernels() {
            @Override
            public void before(DeviceTensors t) {
              FloatArray k = (FloatArray) t.keys(); // storage F32
              FloatArray v = (FloatArray) t.values();
              t.graph()
                  .transferToDevice(DataTransferMode.EVERY_EXECUTION, hidden)
                  .task(
                      t.name("project"),
                      ModelKernels::project,
                      context,
                      hidden,
                      t.queries(),
                      k,
                      v,
                      kvRow);
              t.worker("project", worker);
            }

            @Override
            public void after(DeviceTensors t) {
              t.graph()
                  .task(t.name("add"), ModelKernels::add, context, hidden, t.out(), result)
                  .transferToHost(DataTransferMode.EVERY_EXECUTION, result);
              t.worker("add", worker);
            }
          };
      ResidentStep step = engine.residentStep(List.of(new ResidentStep.Layer(batch, kernels)));
      step.execute(); // appends and attends; lengths advance by one
      // The page ends.
      assertEquals(1, batch.length(2));
      Tensor out = Tensor.of(new float[threads], SEQUENCES, SHAPE.queryHeads(), SHAPE.headDim());
      step.download(out, null);
      int group = SHAPE.queryHeads() / SHAPE.kvHeads();
      for (int i = 0; i < threads; i++) {
        int head = i / SHAPE.headDim() % SHAPE.queryHeads();
        int value =
            i / SHAPE.queryRow() * SHAPE.queryRow()
                + head / group * SHAPE.headDim()
                + i % SHAPE.headDim();
        assertEquals(hidden.get(value), out.get(i), 1e-5f, "output " + i);
        assertEquals(hidden.get(i) + out.get(i), result.get(i), 1e-5f, "result " + i);
      }
    }
  }
}
