package io.github.hydragen.tornado.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.hydragen.tornado.plan.SegmentModel.Work;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SegmentModelTest {
  /** Of an H200, which has room for two on each of its 132 multiprocessors. */
  private static final int PLACES = 264;

  private static int keys(Work... prefixes) {
    return new SegmentModel(List.of(prefixes), PLACES).keysOfSegment(256, 32);
  }

  /** Work-groups of 128 rows: 8 for each 32 sequences of 32/8 heads. */
  @ParameterizedTest(name = "{0} work-groups, {1} keys")
  @CsvSource({
    // All at once: nothing is gained.
    "256, 4096, 4096",
    "256, 16384, 16384",
    "264, 4096, 4096",
    // Half of the room.
    "128, 2048, 1024",
    "128, 4096, 2048",
    // As short as segments may be.
    "16, 1024, 256",
    "8, 200, 224",
    // A second round for 16 work-groups, or more rounds that are nearly full.
    "280, 4096, 1376",
    "280, 16384, 2752",
    // Three quarters of the room, and long.
    "192, 16384, 4096",
    // What is gained is too little.
    "304, 2048, 2048",
    "1, 0, 32"
  })
  void fillsTheRoom(int groups, int length, int expected) {
    assertEquals(expected, keys(new Work(groups, length)));
  }

  /** 64 x 3 work-groups of 1,728 keys or fewer, beside which the short ones take three turns. */
  @Test
  void aLongOneAmongShortOnesIsCut() {
    assertEquals(1728, keys(new Work(64, 5120), new Work(100, 512), new Work(100, 512)));
  }

  @Test
  void theTimeIsThatOfRounds() {
    SegmentModel model = new SegmentModel(List.of(new Work(280, 4096)), PLACES);
    assertEquals(1.75 * (4096 + 220), model.time(4096));
    assertEquals(2.75 * (2048 + 220) + 140, model.time(2048));
    SegmentModel full = new SegmentModel(List.of(new Work(256, 4096)), PLACES);
    assertEquals(4096 + 220, full.time(4096));
  }

  @Test
  void prefixesBesideEachOtherAreNotCut() {
    assertEquals(2048, keys(Collections.nCopies(8, new Work(32, 2048)).toArray(new Work[0])));
  }

  @Test
  void anEmptyPrefixIsOneSegment() {
    assertEquals(1, new Work(8, 0).parts(256));
  }

  @Test
  void withoutPrefixesThereIsNothingToCut() {
    assertEquals(32, keys());
  }
}
