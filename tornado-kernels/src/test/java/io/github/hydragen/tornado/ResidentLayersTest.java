package io.github.hydragen.tornado;

import static io.github.hydragen.tornado.StepData.SEQUENCES;
import static io.github.hydragen.tornado.StepData.options;
import static io.github.hydragen.tornado.StepData.out;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.hydragen.AttentionEngine;
import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;
import io.github.hydragen.Prefix;
import io.github.hydragen.ResidentStep;
import io.github.hydragen.ResidentStep.Layer;
import io.github.hydragen.SequenceBatch;
import io.github.hydragen.Tensor;
import io.github.hydragen.tornado.device.TestedDevice;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** Steps of several layers that stay on the device, compared with steps of each that do not. */
class ResidentLayersTest {
  private static final AttentionShape SHAPE = AttentionShape.of(4, 2, 32);

  /** Tokens of the device's arrays. */
  private static final int TOKENS = 16;

  private final StepData data = new StepData(12);

  /**
   * A layer whose queries and tokens come from {@code in}, and whose result goes to {@code out}, by
   * so many tasks that do the same.
   */
  private record Model(FloatArray in, FloatArray out, int additions, boolean last)
      implements DeviceKernels {
    private static final KernelContext CONTEXT = new KernelContext();

    @Override
    public void before(DeviceTensors tensors) {
      if (tensors.layer() == 0) {
        tensors.graph().transferToDevice(DataTransferMode.EVERY_EXECUTION, in);
      } else {
        tensors.takeOver(in);
      }
      tensors
          .graph()
          .task(
              tensors.name("project"),
              ModelKernels::project,
              CONTEXT,
              in,
              tensors.queries(),
              (FloatArray) tensors.keys(),
              (FloatArray) tensors.values(),
              SHAPE.kvRow());
      grid(tensors, "project");
    }

    @Override
    public void after(DeviceTensors tensors) {
      for (int i = 0; i < additions; i++) {
        String task = "add" + i;
        tensors
            .graph()
            .task(tensors.name(task), ModelKernels::add, CONTEXT, in, tensors.out(), out);
        grid(tensors, task);
      }
      if (last) {
        tensors.graph().transferToHost(DataTransferMode.EVERY_EXECUTION, out);
      } else {
        tensors.handOn(out);
      }
    }

    private static void grid(DeviceTensors tensors, String task) {
      WorkerGrid1D worker = new WorkerGrid1D(tensors.tokens() * SHAPE.queryRow());
      worker.setLocalWork(32, 1, 1);
      tensors.worker(task, worker);
    }
  }

  /** What a layer of the model does, with append and attend. */
  private static Tensor layer(SequenceBatch batch, Tensor in) {
    Tensor q = out(SHAPE);
    Tensor k = Tensor.of(new float[SEQUENCES * SHAPE.kvRow()], SEQUENCES, 2, 32);
    Tensor v = Tensor.of(new float[SEQUENCES * SHAPE.kvRow()], SEQUENCES, 2, 32);
    for (int i = 0; i < q.elements(); i++) {
      int column = i % SHAPE.queryRow();
      q.set(i, in.get(i) * 0.5f);
      if (column < SHAPE.kvRow()) {
        int at = i / SHAPE.queryRow() * SHAPE.kvRow() + column;
        k.set(at, in.get(i) * 0.25f);
        v.set(at, in.get(i));
      }
    }
    batch.append(k, v);
    Tensor attended = out(SHAPE);
    batch.attend(q, attended, null);
    for (int i = 0; i < q.elements(); i++) {
      attended.set(i, in.get(i) + attended.get(i));
    }
    return attended;
  }

  /** 17 layers are three graphs; layers of 40 tasks more, of which a graph holds two. */
  @ParameterizedTest
  @CsvSource({"1, 1", "2, 1", "3, 1", "17, 1", "5, 40"})
  void layersOfAModelFeedEachOther(int layers, int additions) {
    try (AttentionEngine engine = AttentionEngine.open(SHAPE, options())) {
      Prefix prompt = data.prefix(engine, 20);
      SequenceBatch[] host = new SequenceBatch[layers];
      Layer[] device = new Layer[layers];
      FloatArray hidden = new FloatArray(TOKENS * SHAPE.queryRow());
      hidden.init(0);
      FloatArray first = hidden;
      FloatArray last = hidden;
      for (int i = 0; i < layers; i++) {
        host[i] = engine.batch(SEQUENCES, 5);
        SequenceBatch batch = engine.batch(SEQUENCES, 5);
        host[i].attachAll(prompt);
        batch.attachAll(prompt);
        FloatArray next = new FloatArray(TOKENS * SHAPE.queryRow());
        device[i] = new Layer(batch, new Model(last, next, additions, i == layers - 1));
        last = next;
      }
      try (ResidentStep step = engine.residentStep(List.of(device))) {
        for (int i = 0; i < 4; i++) {
          Tensor in = data.tokens(SHAPE, 4);
          for (int j = 0; j < in.elements(); j++) {
            first.set(j, in.get(j));
          }
          step.execute();
          Tensor expected = in;
          for (SequenceBatch batch : host) {
            expected = layer(batch, expected);
          }
          for (int j = 0; j < in.elements(); j++) {
            assertEquals(expected.get(j), last.get(j), 1e-5f, "step " + i + ", element " + j);
          }
        }
        IllegalStateException uploaded =
            assertThrows(
                IllegalStateException.class,
                () ->
                    step.upload(
                        data.tokens(SHAPE, 4), data.tokens(SHAPE, 2), data.tokens(SHAPE, 2)));
        assertEquals("the step's kernels write its tensors: do not upload", uploaded.getMessage());
      }
      assertEquals(4, device[0].batch().length(0));
    }
  }

  /** Each layer has keys and lengths of its own, and outputs that the others leave alone. */
  @ParameterizedTest
  @EnumSource(DataType.class)
  void layersWithoutKernelsAreUploadedToOneByOne(DataType storage) {
    int count = 8;
    try (AttentionEngine engine = AttentionEngine.open(SHAPE, options().withStorage(storage))) {
      List<SequenceBatch> host = new ArrayList<>();
      List<SequenceBatch> device = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        Prefix prompt = data.prefix(engine, 10 + i);
        Tensor k = data.tokens(SHAPE, 2);
        for (List<SequenceBatch> batches : List.of(host, device)) {
          SequenceBatch batch = engine.batch(SEQUENCES, 9);
          batch.attachAll(prompt);
          batch.append(k, k, new int[] {i % 3, 2 - i % 3, 1});
          batches.add(batch);
        }
      }
      try (ResidentStep step =
          engine.residentStep(device.stream().map(b -> new Layer(b, null)).toList())) {
        for (int round = 0; round < 3; round++) {
          Tensor[] expected = new Tensor[count];
          for (int i = 0; i < count; i++) {
            Tensor q = data.tokens(SHAPE, 4);
            Tensor kv = data.tokens(SHAPE, 2);
            expected[i] = out(SHAPE);
            host.get(i).append(kv, kv);
            host.get(i).attend(q, expected[i], null);
            if (round == 0 && i == 5) {
              IllegalStateException missing =
                  assertThrows(IllegalStateException.class, step::execute);
              assertEquals(
                  "the device has no queries of layer 5 yet: upload them first",
                  missing.getMessage());
            }
            step.upload(i, q, kv, kv);
          }
          step.execute();
          for (int i = 0; i < count; i++) {
            Tensor actual = out(SHAPE);
            step.download(i, actual, null);
            for (long j = 0; j < actual.elements(); j++) {
              assertEquals(expected[i].get(j), actual.get(j), "round " + round + ", layer " + i);
            }
          }
          host.get(3).truncate(1, 1);
          device.get(3).truncate(1, 1);
        }
      }
    }
  }

  @Test
  void whatIsNoStepIsRefused() {
    long before = TestedDevice.device().held();
    try (AttentionEngine engine = AttentionEngine.open(SHAPE, options())) {
      Layer[] layers = new Layer[9];
      Arrays.setAll(layers, i -> new Layer(engine.batch(SEQUENCES, 2), null));
      refused(
          "a step of 9 layers without kernels is too long for a graph, which holds 8: have no more in a step",
          engine,
          layers);
      Layer fed =
          new Layer(layers[0].batch(), new Model(new FloatArray(1), new FloatArray(1), 1, true));
      refused(
          "some layers have kernels and some have none: give kernels to all, or upload to all",
          engine,
          layers[1],
          fed);
      DeviceKernels early = tensors -> tensors.takeOver(new FloatArray(1));
      IllegalStateException nothing =
          assertThrows(
              IllegalStateException.class,
              () -> engine.residentStep(List.of(new Layer(layers[1].batch(), early))));
      assertEquals(
          "there is no layer before the first to take arrays over from: transfer them to the device",
          nothing.getMessage());
      refused("a batch is in two layers: give each layer its own", engine, layers[1], layers[1]);
      FloatArray row = new FloatArray(TOKENS * SHAPE.queryRow());
      refused(
          "the tasks of layer 0 do not fit in its graph, which TornadoVM describes in 8,192 bytes: have fewer a layer, each with a worker, by which the engine counts them",
          engine,
          new Layer(layers[1].batch(), new Model(row, row, 300, true)));
      engine.residentStep(List.of(layers[0], layers[8])).close();
    }
    assertEquals(before, TestedDevice.device().held());
  }

  private static void refused(String message, AttentionEngine engine, Layer... layers) {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> engine.residentStep(List.of(layers)));
    assertEquals(message, refused.getMessage());
  }
}
