package io.github.hydragen.tornado;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.hydragen.AttentionShape;
import io.github.hydragen.Availability;
import io.github.hydragen.DataType;
import io.github.hydragen.DeviceInfo;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.InsufficientMemoryException;
import io.github.hydragen.Tensor;
import io.github.hydragen.spi.BackendBatch;
import io.github.hydragen.spi.BackendPrefix;
import io.github.hydragen.tornado.device.Device;
import io.github.hydragen.tornado.device.TestedDevice;
import io.github.hydragen.tornado.graph.Pipeline;
import io.github.hydragen.tornado.store.Layout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Storage that is split over several arrays, and the memory of the device. */
class DeviceBatchTest {
  private static final AttentionShape SHAPE = AttentionShape.of(4, 2, 32);
  private static final DeviceInfo INFO = new DeviceInfo("test", "test", Availability.yes("test"));
  private static final long UNLIMITED = Integer.MAX_VALUE;

  private final Device device = TestedDevice.device();

  private DeviceBackend open(long mostElements) {
    return new DeviceBackend(
        INFO, device, Layout.of(SHAPE, EngineOptions.defaults()), mostElements);
  }

  private static Tensor random(int seed, int tokens, int heads) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[tokens * heads * SHAPE.headDim()];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat() * 2 - 1;
    }
    return Tensor.of(values, tokens, heads, SHAPE.headDim());
  }

  /** Three sequences below a prefix, filled, then stepped twice; the second step's outputs. */
  private float[] outputs(long mostElements) {
    FixedView view = new FixedView(0, 0, 0);
    DeviceBackend backend = open(mostElements);
    try (BackendPrefix prefix = backend.createPrefix(null, random(1, 50, 2), random(2, 50, 2));
        BackendBatch batch = backend.createBatch(3, 20)) {
      Arrays.fill(view.prefixes, prefix);
      float[] out = new float[3 * SHAPE.queryRow()];
      int[] filled = {5, 0, 11};
      batch.append(view, filled, random(3, 16, 2), random(4, 16, 2));
      System.arraycopy(filled, 0, view.lengths, 0, 3);
      for (int step = 0; step < 2; step++) {
        int[] one = {1, 1, 1};
        batch.append(view, one, random(5 + step, 3, 2), random(7 + step, 3, 2));
        Arrays.setAll(view.lengths, s -> view.lengths[s] + 1);
        batch.attend(
            view, one, random(9 + step, 3, 4), Tensor.of(out, 3, 4, SHAPE.headDim()), null);
      }
      return out;
    }
  }

  @Test
  void splittingStorageOverArraysChangesNothing() {
    float[] whole = outputs(UNLIMITED);
    int sequence = 20 * SHAPE.kvRow();
    assertArrayEquals(whole, outputs(2L * sequence), 2e-6f, "two arrays of suffixes");
    assertArrayEquals(whole, outputs(sequence), 2e-6f, "three of suffixes, three of prefixes");
  }

  /**
   * In a whole step the root's rows make a tile; alone, its eight are streamed like the child's.
   */
  @Test
  void oneSequenceAloneFitsInAPipelineBuiltForAll() {
    AttentionShape shape = AttentionShape.of(8, 1, 32);
    Layout layout = Layout.of(shape, EngineOptions.defaults());
    DeviceBackend backend = new DeviceBackend(INFO, device, layout, UNLIMITED);
    FixedView view = new FixedView(0, 0, 0);
    try (BackendPrefix root = backend.createPrefix(null, random(1, 50, 1), random(2, 50, 1));
        BackendPrefix child = backend.createPrefix(root, random(3, 9, 1), random(4, 9, 1));
        BackendBatch batch = backend.createBatch(3, 4)) {
      view.prefixes[0] = root;
      view.prefixes[1] = root;
      view.prefixes[2] = child;
      float[] all = new float[3 * shape.queryRow()];
      float[] alone = new float[shape.queryRow()];
      Tensor q = random(5, 3, 8);
      batch.attend(view, new int[] {1, 1, 1}, q, Tensor.of(all, 3, 8, 32), null);
      batch.attend(view, new int[] {0, 0, 1}, q.rows(2, 3), Tensor.of(alone, 1, 8, 32), null);
      assertArrayEquals(Arrays.copyOfRange(all, 2 * alone.length, all.length), alone, 2e-6f);
    }
  }

  /**
   * The prefixes of three sequences at the last of several steps, each after an append and with
   * prefixes joined before it.
   */
  private float[] joined(DeviceBackend backend, int[][] stepsOfPrefixes, List<Pipeline> used) {
    List<BackendPrefix> prefixes = new ArrayList<>();
    for (int p = 0; p < 6; p++) {
      int tokens = 300 - 9 * p;
      prefixes.add(
          backend.createPrefix(null, random(40 + p, tokens, 2), random(50 + p, tokens, 2)));
    }
    FixedView view = new FixedView(0, 0, 0);
    float[] out = new float[3 * SHAPE.queryRow()];
    int[] one = {1, 1, 1};
    try (DeviceBatch batch = (DeviceBatch) backend.createBatch(3, 20)) {
      for (int step = 0; step < stepsOfPrefixes.length; step++) {
        view.attachments++;
        for (int s = 0; s < 3; s++) {
          view.prefixes[s] = prefixes.get(stepsOfPrefixes[step][s]);
        }
        batch.append(view, one, random(60 + step, 3, 2), random(70 + step, 3, 2));
        Arrays.setAll(view.lengths, s -> view.lengths[s] + 1);
        batch.attend(
            view, one, random(80 + step, 3, 4), Tensor.of(out, 3, 4, SHAPE.headDim()), null);
        used.add(Objects.requireNonNull(batch.pipeline()));
      }
    }
    prefixes.forEach(BackendPrefix::close);
    return out;
  }

  @Test
  void aPrefixThatJoinsIsAllThatIsSent() {
    List<Pipeline> used = new ArrayList<>();
    int[][] steps = {{0, 0, 0}, {0, 1, 0}, {2, 1, 0}, {2, 3, 0}, {4, 3, 5}};
    float[] joined = joined(open(UNLIMITED), steps, used);
    assertSame(used.get(0), used.get(1), "there is room for one more");
    assertNotSame(used.get(1), used.get(2), "and not for two");
    assertSame(used.get(2), used.get(3), "there is more room after that");
    int[][] fromTheStart = new int[steps.length][];
    Arrays.fill(fromTheStart, steps[steps.length - 1]);
    float[] expected = joined(open(UNLIMITED), fromTheStart, new ArrayList<>());
    assertArrayEquals(expected, joined, 2e-6f);
  }

  /** Of CUDA graphs, which are captured once, too. */
  @Test
  void closingABatchLeavesAnotherAsItWas() {
    DeviceBackend backend = open(UNLIMITED);
    FixedView view = new FixedView(0);
    int[] one = {1};
    Tensor q = random(3, 1, 4);
    float[] before = new float[SHAPE.queryRow()];
    float[] after = new float[SHAPE.queryRow()];
    float[] later = new float[SHAPE.queryRow()];
    try (BackendPrefix prefix = backend.createPrefix(null, random(1, 90, 2), random(2, 90, 2));
        BackendBatch batch = backend.createBatch(1, 20)) {
      view.prefixes[0] = prefix;
      batch.attend(view, one, q, Tensor.of(before, 1, 4, SHAPE.headDim()), null);
      for (int round = 0; round < 3; round++) {
        try (BackendBatch other = backend.createBatch(1, 9)) {
          float[] ignored = new float[SHAPE.queryRow()];
          FixedView none = new FixedView(0);
          other.attend(none, one, q, Tensor.of(ignored, 1, 4, SHAPE.headDim()), null);
        }
        batch.attend(view, one, q, Tensor.of(after, 1, 4, SHAPE.headDim()), null);
        assertArrayEquals(before, after);
      }
      batch.append(view, one, random(5, 1, 2), random(6, 1, 2));
      view.lengths[0] = 1;
      batch.attend(view, one, random(7, 1, 4), Tensor.of(later, 1, 4, SHAPE.headDim()), null);
    }
    assertFalse(Arrays.equals(before, later), "new queries and tokens arrive");
  }

  @Test
  void withoutMemoryForMoreABatchHasNoRoom() {
    long before = device.held();
    FixedView view = new FixedView(0);
    DeviceBackend backend = open(UNLIMITED);
    try (BackendPrefix prefix = backend.createPrefix(null, random(1, 900, 2), random(2, 900, 2));
        DeviceBatch batch = (DeviceBatch) backend.createBatch(1, 20)) {
      long taken = device.left() - 2 * backend.engine().layout().kvBytes(900);
      device.take("a test", taken, "wait");
      try {
        view.prefixes[0] = prefix;
        float[] out = new float[SHAPE.queryRow()];
        Tensor to = Tensor.of(out, 1, 4, SHAPE.headDim());
        batch.attend(view, new int[] {1}, random(3, 1, 4), to, null);
      } finally {
        device.giveBack(taken);
      }
    }
    assertEquals(before, device.held());
  }

  @Test
  void aSequenceThatNoArrayHoldsIsRefused() {
    IllegalArgumentException refused =
        assertThrows(
            IllegalArgumentException.class, () -> open(19L * SHAPE.kvRow()).createBatch(1, 20));
    assertEquals(
        "capacity 20 is too large for one device array: choose 19 or less", refused.getMessage());
  }

  @Test
  void closingGivesTheDevicesMemoryBack() {
    long before = device.held();
    outputs(UNLIMITED);
    assertEquals(before, device.held());
  }

  @Test
  void moreThanTheDeviceHasIsRefusedAndNothingIsTaken() {
    long before = device.held();
    InsufficientMemoryException refused =
        assertThrows(
            InsufficientMemoryException.class, () -> device.take("a test", Long.MAX_VALUE, "wait"));
    String message = String.valueOf(refused.getMessage());
    assertTrue(message.startsWith("a test on device "), message);
    assertTrue(message.endsWith(" GiB are available: wait"), message);
    assertEquals(before, device.held());
  }

  @Test
  void aNarrowerTypeIsAdvisedWhereThatHelps() {
    String smaller = "take fewer sequences, a smaller capacity or shorter prefixes";
    assertEquals(smaller + ", or store it as F16 or BF16", remedy(DataType.F32));
    assertEquals(smaller, remedy(DataType.F16));
    assertEquals(
        smaller + ", or store it as F16: the device keeps BF16 as F32", remedy(DataType.BF16));
  }

  private String remedy(DataType storage) {
    Layout layout = Layout.of(SHAPE, EngineOptions.defaults().withStorage(storage));
    return new DeviceBackend(INFO, device, layout, UNLIMITED).engine().remedy();
  }
}
