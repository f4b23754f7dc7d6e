package io.github.hydragen.tornado;

import static io.github.hydragen.tornado.StepData.SEQUENCES;
import static io.github.hydragen.tornado.StepData.options;
import static io.github.hydragen.tornado.StepData.out;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.hydragen.AttentionEngine;
import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.Prefix;
import io.github.hydragen.ResidentStep;
import io.github.hydragen.SequenceBatch;
import io.github.hydragen.StepKernels;
import io.github.hydragen.Tensor;
import io.github.hydragen.tornado.device.TestedDevice;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Steps that stay on the device, compared with those that do not. */
class ResidentStepTest {
  private static final AttentionShape SHAPE = AttentionShape.of(4, 2, 32);

  private final StepData data = new StepData(11);

  private static Tensor lse(AttentionShape shape) {
    return Tensor.of(new float[SEQUENCES * shape.queryHeads()], SEQUENCES, shape.queryHeads());
  }

  private static void assertEqual(Tensor expected, Tensor actual, String what) {
    for (long i = 0; i < expected.elements(); i++) {
      assertEquals(expected.get(i), actual.get(i), what + ", element " + i);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "F32, -1, 32",
    "F16, -1, 24",
    "BF16, -1, 32",
    "F32, 5, 32",
    "F16, -1, 128",
    "BF16, -1, 128"
  })
  void isWhatAppendAndAttendAre(DataType storage, int window, int headDim) {
    AttentionShape shape = AttentionShape.of(4, 2, headDim);
    EngineOptions options = options().withStorage(storage);
    try (AttentionEngine engine =
        AttentionEngine.open(shape, window < 0 ? options : options.withWindow(window))) {
      Prefix prompt = data.prefix(engine, 40);
      SequenceBatch host = engine.batch(SEQUENCES, 12);
      SequenceBatch device = engine.batch(SEQUENCES, 12);
      for (SequenceBatch batch : List.of(host, device)) {
        batch.attach(0, prompt);
        batch.attach(2, prompt);
      }
      Tensor k0 = data.tokens(shape, 2);
      host.append(k0, k0, new int[] {2, 0, 1});
      device.append(k0, k0, new int[] {2, 0, 1});
      Tensor expected = out(shape);
      Tensor actual = out(shape);
      Tensor expectedLse = lse(shape);
      Tensor actualLse = lse(shape);
      try (ResidentStep step = device.residentStep()) {
        for (int i = 0; i < 5; i++) {
          Tensor q = data.tokens(shape, 4);
          Tensor k = data.tokens(shape, 2);
          Tensor v = data.tokens(shape, 2);
          host.append(k, v);
          host.attend(q, expected, expectedLse);
          step.upload(q, k, v);
          step.execute();
          step.download(actual, actualLse);
          assertEqual(expected, actual, "step " + i);
          assertEqual(expectedLse, actualLse, "log-sum-exp of step " + i);
          if (i == 2) {
            host.truncate(0, 3);
            device.truncate(0, 3);
          }
        }
      }
      Tensor q = data.tokens(shape, 4);
      host.attend(q, expected, null);
      device.attend(q, actual, null);
      assertEqual(expected, actual, "on the host again");
    }
  }

  @Test
  void whatWasUploadedStays() {
    try (AttentionEngine engine = AttentionEngine.open(SHAPE, options())) {
      SequenceBatch host = engine.batch(SEQUENCES, 4);
      SequenceBatch device = engine.batch(SEQUENCES, 4);
      Tensor q = data.tokens(SHAPE, 4);
      Tensor k = data.tokens(SHAPE, 2);
      Tensor expected = out(SHAPE);
      Tensor actual = out(SHAPE);
      try (ResidentStep step = device.residentStep()) {
        step.upload(q, k, k);
        for (int i = 0; i < 3; i++) {
          step.execute();
          host.append(k, k);
        }
        host.attend(q, expected, null);
        step.download(actual, null);
        assertEqual(expected, actual, "third execution");
        assertEquals(3, device.length(1));
      }
    }
  }

  /** Tokens that only the device has reach the host when a suffix is promoted. */
  @Test
  void aSuffixOfTheDeviceCanBePromoted() {
    try (AttentionEngine engine = AttentionEngine.open(SHAPE, options())) {
      SequenceBatch host = engine.batch(SEQUENCES, 6);
      SequenceBatch device = engine.batch(SEQUENCES, 6);
      try (ResidentStep step = device.residentStep()) {
        for (int i = 0; i < 3; i++) {
          Tensor k = data.tokens(SHAPE, 2);
          step.upload(data.tokens(SHAPE, 4), k, k);
          step.execute();
          host.append(k, k);
        }
        Prefix ofDevice = device.promote(1);
        Prefix ofHost = host.promote(1);
        IllegalStateException stale = assertThrows(IllegalStateException.class, step::execute);
        assertEquals(
            "a sequence was attached or detached since the step was made: close it, make another",
            stale.getMessage());
        device.attach(2, ofDevice);
        host.attach(2, ofHost);
      }
      Tensor q = data.tokens(SHAPE, 4);
      Tensor expected = out(SHAPE);
      Tensor actual = out(SHAPE);
      host.attend(q, expected, null);
      device.attend(q, actual, null);
      assertEqual(expected, actual, "below the promoted suffix");
    }
  }

  @Test
  void usedWronglyItSaysWhatToDo() {
    long before = TestedDevice.device().held();
    try (AttentionEngine engine = AttentionEngine.open(SHAPE, options())) {
      SequenceBatch batch = engine.batch(SEQUENCES, 1);
      Tensor q = data.tokens(SHAPE, 4);
      Tensor k = data.tokens(SHAPE, 2);
      ResidentStep step = batch.residentStep();
      fails("the device has no queries yet: upload them first", step::execute);
      fails("there are no outputs yet: execute the step first", () -> step.download(q, null));
      String held =
          "the batch has a resident step, which alone appends and attends: close it first";
      fails(held, () -> batch.append(k, k));
      fails(held, () -> batch.attend(q, out(SHAPE), null));
      fails(held, batch::residentStep);
      step.upload(q, k, k);
      step.execute();
      fails("sequence 0 has 1 tokens and cannot take 1 more: the capacity is 1", step::execute);
      step.close();
      step.close();
      fails("the step is closed", step::execute);
      StepKernels foreign = new StepKernels() {};
      IllegalArgumentException refused =
          assertThrows(IllegalArgumentException.class, () -> batch.residentStep(foreign));
      assertEquals(
          "the step's kernels are a %s: implement io.github.hydragen.tornado.DeviceKernels"
              .formatted(foreign.getClass().getName()),
          refused.getMessage());
      ResidentStep open = batch.residentStep();
      batch.close();
      fails("the step is closed", open::execute);
    }
    assertEquals(before, TestedDevice.device().held());
  }

  private static void fails(String message, Runnable call) {
    assertEquals(message, assertThrows(IllegalStateException.class, call::run).getMessage());
  }
}
