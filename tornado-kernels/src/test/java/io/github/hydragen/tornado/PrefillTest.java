package io.github.hydragen.tornado;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.hydragen.AttentionEngine;
import io.github.hydragen.AttentionShape;
import io.github.hydragen.Availability;
import io.github.hydragen.DataType;
import io.github.hydragen.DeviceInfo;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.ResidentStep;
import io.github.hydragen.SequenceBatch;
import io.github.hydragen.Tensor;
import io.github.hydragen.spi.BackendBatch;
import io.github.hydragen.spi.BackendPrefix;
import io.github.hydragen.tornado.device.Device;
import io.github.hydragen.tornado.device.TestedDevice;
import io.github.hydragen.tornado.store.Layout;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Calls with many tokens a sequence, and the memory that they take. */
class PrefillTest {
  private static final String PROPERTY = "hydragen.tornado.prefill";
  private static final AttentionShape SHAPE = AttentionShape.of(4, 2, 32);
  private static final int PREFIX = 40;
  private static final int TOKENS = 90;

  private final Device device = TestedDevice.device();

  @AfterEach
  void automatic() {
    System.clearProperty(PROPERTY);
  }

  private DeviceBackend open(String mode, DataType storage) {
    System.setProperty(PROPERTY, mode);
    return new DeviceBackend(
        new DeviceInfo("test", "test", Availability.yes("test")),
        device,
        Layout.of(SHAPE, EngineOptions.defaults().withStorage(storage), device));
  }

  private static Tensor random(int seed, int tokens, int heads) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[tokens * heads * SHAPE.headDim()];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextFloat() * 2 - 1;
    }
    return Tensor.of(values, tokens, heads, SHAPE.headDim());
  }

  /** The outputs of a prompt of {@value #TOKENS} tokens behind a prefix. */
  private static float[] prompt(DeviceBackend backend) {
    FixedView view = new FixedView(0);
    int[] counts = {TOKENS};
    float[] out = new float[TOKENS * SHAPE.queryRow()];
    try (BackendPrefix prefix =
            backend.createPrefix(null, random(1, PREFIX, 2), random(2, PREFIX, 2));
        BackendBatch batch = backend.createBatch(1, TOKENS)) {
      view.prefixes[0] = prefix;
      batch.append(view, counts, random(3, TOKENS, 2), random(4, TOKENS, 2));
      view.lengths[0] = TOKENS;
      batch.attend(
          view, counts, random(5, TOKENS, 4), Tensor.of(out, TOKENS, 4, SHAPE.headDim()), null);
    }
    return out;
  }

  @ParameterizedTest
  @EnumSource(DataType.class)
  void oneExecutionIsAsGoodAsMany(DataType storage) {
    DeviceBackend never = open("never", storage);
    DeviceBackend always = open("always", storage);
    try {
      float tolerance = (float) Math.max(2e-6, never.tolerance() / 4);
      assertArrayEquals(prompt(never), prompt(always), tolerance);
    } finally {
      never.close();
      always.close();
    }
  }

  private static Tensor sequence(Tensor tokens) {
    long[] shape = tokens.shape();
    return tokens.reshape(1, shape[0], shape[1], shape[2]);
  }

  private static void append(SequenceBatch batch, Tensor tokens) {
    batch.append(sequence(tokens), sequence(tokens));
  }

  private static float[] attend(SequenceBatch batch, Tensor queries) {
    float[] out = new float[(int) queries.elements()];
    Tensor to = Tensor.of(out, queries.shape());
    batch.attend(sequence(queries), sequence(to), null);
    return out;
  }

  /** Its keys are kept for the next call, but for those that a step changed on the device. */
  @Test
  void aPromptSeesWhatWasWrittenSinceTheLast() {
    System.setProperty(PROPERTY, "always");
    EngineOptions options = EngineOptions.defaults().withBackend(TestedDevice.backend());
    try (AttentionEngine engine = AttentionEngine.open(SHAPE, options);
        SequenceBatch batch = engine.batch(1, 90);
        SequenceBatch other = engine.batch(1, 90)) {
      Tensor first = random(1, 80, 2);
      Tensor start = random(1, 20, 2);
      Tensor token = random(2, 1, 2);
      Tensor last = random(3, 30, 2);
      append(batch, first);
      attend(batch, random(4, 80, 4));
      batch.truncate(0, 20);
      append(other, start);
      try (ResidentStep step = batch.residentStep()) {
        step.upload(random(4, 1, 4), token, token);
        for (int i = 0; i < 15; i++) {
          step.execute();
          append(other, token);
        }
      }
      append(batch, last);
      append(other, last);
      Tensor queries = random(5, 30, 4);
      float[] out = attend(batch, queries);
      assertArrayEquals(attend(other, queries), out, 2e-6f);
    }
  }

  @ParameterizedTest
  @CsvSource({
    // A step of each sequence, a few tokens of one: the batch's own graph.
    "64, 0, 300, 1, false",
    "1, 0, 100, 100, false",
    // Prompts.
    "1, 0, 2048, 2048, true",
    "64, 2048, 512, 512, true",
    // Many long suffixes, to which few tokens come: sending all keys takes longer.
    "64, 0, 4096, 10, false",
  })
  void isForCallsThatWouldBeManyExecutions(
      int sequences, int prefix, int length, int count, boolean expected) {
    DeviceBackend backend = open("auto", DataType.BF16);
    int[] lengths = new int[sequences];
    Arrays.fill(lengths, length);
    FixedView view = new FixedView(lengths);
    int[] counts = new int[sequences];
    Arrays.fill(counts, count);
    try (BackendPrefix shared =
        backend.createPrefix(null, random(1, prefix, 2), random(2, prefix, 2))) {
      Arrays.fill(view.prefixes, shared);
      long total = (long) sequences * count;
      int atOnce = Math.max(16, sequences);
      assertEquals(expected, backend.prefill().serves(view, counts, total, atOnce));
    }
  }

  @Test
  void itsMemoryIsTheEnginesUntilThatIsClosed() {
    long before = device.held();
    DeviceBackend backend = open("always", DataType.F32);
    prompt(backend);
    long held = device.held();
    assertTrue(held > before);
    assertEquals(held - before, backend.memory().allocatedBytes());
    prompt(backend);
    assertEquals(held, device.held(), "the graph is used again");
    backend.close();
    assertEquals(before, device.held());
    assertEquals(0, backend.memory().allocatedBytes());
  }

  @Test
  void whoeverNeedsItsMemoryGetsIt() {
    DeviceBackend backend = open("always", DataType.F32);
    try {
      prompt(backend);
      long taken = device.untaken() - 1000;
      device.hold("a test", taken, "wait");
      backend.engine().take("a test", 1001);
      device.giveBack(taken + 1001);
      assertEquals(0, backend.memory().allocatedBytes());
    } finally {
      backend.close();
    }
  }

  @Test
  void withoutMemoryForItACallIsMadeAsOthersAre() {
    DeviceBackend backend = open("always", DataType.F32);
    long taken = device.untaken() - 300_000;
    device.hold("a test", taken, "wait");
    try {
      float[] scarce = prompt(backend);
      assertEquals(0, backend.memory().allocatedBytes());
      device.giveBack(taken);
      taken = 0;
      assertArrayEquals(prompt(backend), scarce, 2e-6f);
      assertFalse(backend.memory().allocatedBytes() == 0);
    } finally {
      device.giveBack(taken);
      backend.close();
    }
  }

  @Test
  void anUnknownModeIsRefused() {
    IllegalArgumentException refused =
        assertThrows(IllegalArgumentException.class, () -> open("sometimes", DataType.F32));
    assertEquals(
        "-Dhydragen.tornado.prefill=sometimes: choose auto, always or never", refused.getMessage());
  }
}
