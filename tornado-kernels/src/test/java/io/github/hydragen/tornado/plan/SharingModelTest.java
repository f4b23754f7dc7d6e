package io.github.hydragen.tornado.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.EngineOptions.Sharing;
import io.github.hydragen.tornado.device.Devices;
import io.github.hydragen.tornado.plan.SharingModel.Estimate;
import io.github.hydragen.tornado.store.Layout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When a prefix is shared. */
class SharingModelTest {
  private static SharingModel model(AttentionShape shape, Sharing sharing) {
    EngineOptions options = EngineOptions.defaults().withSharing(sharing);
    return new SharingModel(Layout.of(shape, options), Devices.find(""));
  }

  private static SharingModel model(Sharing sharing) {
    return model(AttentionShape.of(32, 32, 128), sharing);
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "64, 1024", "8, 16384", "1024, 16384", "256, 100"})
  void whereManySeeItOrItIsLong(int sequences, int tokens) {
    Estimate estimate = model(Sharing.AUTO).estimate(tokens, sequences, sequences);
    assertTrue(estimate.shared(), estimate.toString());
    assertTrue(estimate.sharedMicros() > 0, estimate.toString());
    assertTrue(estimate.sharedMicros() <= estimate.separateMicros(), estimate.toString());
  }

  /** Forty rows would be two tiles of 32. */
  @Test
  void notWhereATileWouldBeMostlyPadding() {
    EngineOptions options = EngineOptions.defaults().withStorage(DataType.F16);
    Layout layout = Layout.of(AttentionShape.of(8, 1, 128), options);
    SharingModel model = new SharingModel(layout, Devices.find(""));
    Estimate estimate = model.estimate(64, 5, 5);
    assertFalse(estimate.shared(), estimate.toString());
    assertTrue(estimate.sharedMicros() > estimate.separateMicros(), estimate.toString());
  }

  @Test
  void estimatesGrowWithTokensAndSequences() {
    SharingModel model = model(AttentionShape.of(32, 8, 128), Sharing.AUTO);
    Estimate once = model.estimate(20_000, 64, 64);
    Estimate longer = model.estimate(40_000, 64, 64);
    Estimate more = model.estimate(20_000, 128, 128);
    assertEquals(2 * once.sharedMicros(), longer.sharedMicros(), 1e-6 * longer.sharedMicros());
    assertEquals(2 * once.separateMicros(), more.separateMicros(), 1e-6 * more.separateMicros());
    assertTrue(more.sharedMicros() >= once.sharedMicros());
  }

  @Test
  void theOptionDecidesUnlessItIsAuto() {
    assertTrue(model(Sharing.ALWAYS).estimate(64, 9, 9).shared());
    assertFalse(model(Sharing.NEVER).estimate(16_384, 1024, 1024).shared());
  }

  @Test
  void noQueriesTakeNoTime() {
    Estimate estimate = model(Sharing.AUTO).estimate(64, 9, 0);
    assertEquals(new Estimate(true, 0, 0), estimate);
  }
}
