package io.github.hydragen.tornado;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.hydragen.AttentionShape;
import io.github.hydragen.Availability;
import io.github.hydragen.DataType;
import io.github.hydragen.DeviceInfo;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.Tensor;
import io.github.hydragen.spi.BackendBatch;
import io.github.hydragen.spi.BackendPrefix;
import io.github.hydragen.spi.BackendStep;
import io.github.hydragen.spi.StepLayer;
import io.github.hydragen.tornado.device.Device;
import io.github.hydragen.tornado.device.TestedDevice;
import io.github.hydragen.tornado.graph.Placer;
import io.github.hydragen.tornado.plan.StepPlanner;
import io.github.hydragen.tornado.store.Layout;
import io.github.hydragen.tornado.store.PrefixPool;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Suffixes that grow on the device, compared with ones to which the host appends. */
class GrowthTest {
  private static final DeviceInfo INFO = new DeviceInfo("test", "test", Availability.yes("test"));
  private static final int SEQUENCES = 2;

  private final SplittableRandom random = new SplittableRandom(5);

  private Tensor random(int tokens, int heads, int headDim) {
    float[] values = new float[tokens * heads * headDim];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat() * 2 - 1;
    }
    return Tensor.of(values, tokens, heads, headDim);
  }

  /**
   * Lengths of a step of several segments pass a multiple of their number, so that their starts
   * move, and go back, as after a truncation.
   */
  @ParameterizedTest(name = "{0} {1}/{2} heads, {4} tokens, {5} sequences an array")
  @CsvSource({
    "F32, 4, 2, 32, 64, 2",
    "F16, 12, 2, 32, 64, 1",
    "F32, 2, 1, 32, 640, 1",
    "BF16, 12, 2, 128, 64, 1",
    "F16, 12, 2, 128, 64, 2",
    "BF16, 2, 1, 128, 640, 2",
    "F16, 2, 2, 128, 64, 1"
  })
  void isWhatAppendAndAttendAre(
      DataType storage, int queryHeads, int kvHeads, int headDim, int capacity, int perArray) {
    AttentionShape shape = AttentionShape.of(queryHeads, kvHeads, headDim);
    Device tested = TestedDevice.device();
    EngineOptions options = EngineOptions.defaults().withStorage(storage);
    Layout layout = Layout.of(shape, options, tested);
    long most = (long) perArray * capacity * layout.kvRow();
    DeviceBackend backend = new DeviceBackend(INFO, tested, layout, most);
    StepPlanner.SuffixShape suffixShape =
        new Placer(backend.engine(), backend.sharingModel(), SEQUENCES, capacity).suffixShape();
    assertEquals(perArray * capacity, suffixShape.perStore());
    assertEquals(Math.max(1, capacity / PrefixPool.SHORTEST), suffixShape.parts(), "segments");
    int[] lengths = {1, capacity - 6};
    int filled = Arrays.stream(lengths).sum();
    FixedView hostView = new FixedView(0, 0);
    FixedView deviceView = new FixedView(0, 0);
    Tensor prompt = random(50, kvHeads, headDim);
    Tensor suffixes = random(filled, kvHeads, headDim);
    try (BackendPrefix prefix = backend.createPrefix(null, prompt, prompt);
        BackendBatch host = backend.createBatch(SEQUENCES, capacity);
        BackendBatch device = backend.createBatch(SEQUENCES, capacity)) {
      for (FixedView view : List.of(hostView, deviceView)) {
        Arrays.fill(view.prefixes, prefix);
      }
      host.append(hostView, lengths, suffixes, suffixes);
      device.append(deviceView, lengths, suffixes, suffixes);
      System.arraycopy(lengths, 0, hostView.lengths, 0, SEQUENCES);
      System.arraycopy(lengths, 0, deviceView.lengths, 0, SEQUENCES);
      try (BackendStep step =
          backend.residentStep(List.of(new StepLayer(device, deviceView, null)))) {
        for (int i = 0; i < 5; i++) {
          String what = "step " + i;
          Tensor q = random(SEQUENCES, queryHeads, headDim);
          Tensor kv = random(SEQUENCES, kvHeads, headDim);
          int[] one = {1, 1};
          host.append(hostView, one, kv, kv);
          advance(hostView, 1);
          float[] expected = new float[SEQUENCES * shape.queryRow()];
          host.attend(hostView, one, q, Tensor.of(expected, SEQUENCES, queryHeads, headDim), null);
          step.upload(0, q, kv, kv);
          advance(deviceView, 1);
          step.execute();
          float[] actual = new float[SEQUENCES * shape.queryRow()];
          step.download(0, Tensor.of(actual, SEQUENCES, queryHeads, headDim), null);
          assertArrayEquals(expected, actual, what);
          if (i == 2) {
            hostView.lengths[1] -= 2;
            deviceView.lengths[1] -= 2;
          }
        }
      }
    }
  }

  private static void advance(FixedView view, int tokens) {
    Arrays.setAll(view.lengths, s -> view.lengths[s] + tokens);
  }
}
