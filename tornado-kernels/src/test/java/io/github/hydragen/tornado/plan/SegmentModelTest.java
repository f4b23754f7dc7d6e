package io.github.hydragen.tornado.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.hydragen.tornado.plan.SegmentModel.Work;
import io.github.hydragen.tornado.store.Cut;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SegmentModelTest {
  /** Of an H200, which has room for two on each of its 132 multiprocessors. */
  private static final int PLACES = 264;

  private static final int HEADS = 8;

  private static SegmentModel model(Work... prefixes) {
    return new SegmentModel(List.of(prefixes), HEADS, PLACES);
  }

  private static List<Cut> cuts(Work... prefixes) {
    return model(prefixes).cuts(256, 32);
  }

  /** Tiles of 128 rows: one for each 32 sequences of 32/8 heads. */
  @ParameterizedTest(name = "{0} tiles, {1} keys")
  @CsvSource({
    // All at once: nothing is gained.
    "32, 4096, 4096",
    "33, 4096, 4096",
    // Half of the room.
    "16, 2048, 1024",
    "16, 4096, 2048",
    // As short as segments may be.
    "2, 1024, 256",
    "1, 200, 200"
  })
  void equalSegmentsFillTheRoom(int tiles, int keys, int expected) {
    Cut cut = cuts(new Work(tiles, keys)).getFirst();
    assertEquals(1, cut.tiles());
    assertEquals(expected, cut.end(0, 0));
  }

  /**
   * Two tiles more than there is room for took twice as long, one more than half of the room 1.5
   * times as long as half.
   */
  @ParameterizedTest(name = "{0} tiles, {1} keys")
  @CsvSource({
    "35, 4096, 2, 1.2",
    "35, 2048, 2, 1.15",
    "17, 4096, 3, 1.2",
    "17, 16384, 3, 1.15",
    "24, 4096, 2, 1.1",
    "56, 16384, 2, 1.05"
  })
  void tilesAreCutWhereRoundsEnd(int tiles, int keys, int parts, double faster) {
    Work work = new Work(tiles, keys);
    Cut cut = cuts(work).getFirst();
    assertEquals(tiles, cut.tiles());
    assertEquals(parts, cut.parts());
    double least = Double.MAX_VALUE;
    for (int n = 1; n <= 8; n++) {
      least = Math.min(least, model(work).time(List.of(Cut.every(keys / n, keys))));
    }
    double time = model(work).time(List.of(cut));
    assertTrue(time * faster < least, time + " for " + least);
  }

  @Test
  void aLongOneAmongShortOnesIsCut() {
    List<Cut> cuts = cuts(new Work(8, 5120), new Work(12, 512), new Work(12, 512));
    assertTrue(cuts.get(0).parts() > 2);
    assertEquals(1, cuts.get(1).parts());
  }

  @Test
  void theTimeIsThatOfRounds() {
    SegmentModel some = model(new Work(35, 4096));
    assertEquals(1.75 * (4096 + 220), some.time(List.of(Cut.every(4096, 4096))));
    assertEquals(2.75 * (2048 + 220) + 140, some.time(List.of(Cut.every(2048, 4096))));
    assertEquals(4096 + 220, model(new Work(32, 4096)).time(List.of(Cut.every(4096, 4096))));
    // Two tiles, of 1,000 and 3,000 keys and of 2,000 and 2,000, have places of their own.
    Cut two = Cut.ofTiles(List.of(new int[] {1000, 4000}, new int[] {2000, 4000}));
    assertEquals(0.75 * 3220 + 8, model(new Work(2, 4000)).time(List.of(two)));
  }

  @Test
  void prefixesBesideEachOtherAreNotCut() {
    cuts(Collections.nCopies(8, new Work(4, 2048)).toArray(new Work[0]))
        .forEach(cut -> assertEquals(1, cut.parts()));
  }

  @Test
  void anEmptyPrefixIsOneSegment() {
    assertEquals(1, cuts(new Work(1, 0)).getFirst().parts());
    assertEquals(List.of(), cuts());
  }

  /**
   * Whatever there is to cut, segments are whole tiles of keys, none is short, and none is lost.
   */
  @Test
  void segmentsAreWholeAndLongEnough() {
    SplittableRandom random = new SplittableRandom(11);
    for (int i = 0; i < 200; i++) {
      Work[] works =
          Stream.generate(() -> new Work(1 + random.nextInt(60), random.nextInt(6000)))
              .limit(1 + random.nextInt(3))
              .toArray(Work[]::new);
      List<Cut> cuts =
          new SegmentModel(Arrays.asList(works), 1 + random.nextInt(12), 90).cuts(256, 32);
      assertEquals(works.length, cuts.size());
      for (int p = 0; p < works.length; p++) {
        checkCut(cuts.get(p), works[p]);
      }
    }
  }

  private static void checkCut(Cut cut, Work work) {
    int keys = Math.max(1, work.keys());
    assertTrue(cut.tiles() == 1 || cut.tiles() == work.tiles());
    for (int tile = 0; tile < cut.tiles(); tile++) {
      int from = 0;
      for (int part = 0; part < cut.parts(); part++) {
        int end = cut.end(tile, part);
        boolean last = part == cut.parts() - 1;
        assertEquals(0, last ? 0 : end % 32);
        boolean mayBeShort = last && (cut.tiles() == 1 || cut.parts() == 1);
        assertTrue(end - from >= 256 || mayBeShort, work + ": " + from + " to " + end);
        from = end;
      }
      assertEquals(keys, from);
    }
  }
}
