package io.github.hydragen.tornado.plan;

import io.github.hydragen.tornado.store.Cut;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * How to cut the prefixes of a batch into segments for the {@link
 * io.github.hydragen.tornado.kernels.MatrixPass}. A device has room for so many of its work-groups
 * at a time and starts the next one where one ends: too few leave room empty, and so does a last
 * round that is not full; many short ones begin and end more often, and leave more states to be
 * merged. So prefixes are cut into equal segments, or where that leaves much room empty, each tile
 * of query rows at places of its own ({@link TileCuts}).
 *
 * <p>Times are those of a key of a work-group, 0.067 us on an H200.
 */
public final class SegmentModel {
  /** What a work-group takes beside its keys: 15 us on an H200. */
  private static final double START = 220;

  /** Writing and reading a state of each of a work-group's rows, 128 KB at 4 TB/s. */
  private static final double STATES = 0.5;

  /** What a work-group takes that has a multiprocessor to itself, of what two take there. */
  private static final double ALONE = 0.75;

  /**
   * How many times as long it must take as a whole for a prefix to be cut: 1,200 sequences behind
   * 2,048 tokens (32/8 heads) should have taken 1.11 times as long, and did not.
   */
  private static final double GAIN = 1.12;

  /**
   * What is left of the time, at most, if tiles of rows are cut at places of their own: 1024
   * sequences behind 16,384 tokens (32/8 heads) should have taken 0.99 of it, and took 1.04.
   */
  private static final double GAIN_OF_TILES = 0.95;

  private static final int[] PARTS = {2, 3, 4, 5, 6, 8, 11, 16, 23, 32, 45, 64};

  /** Segments of the longest prefix where each tile of rows is cut at places of its own. */
  private static final int[] PARTS_OF_TILES = {2, 3, 4, 5, 6, 8};

  /** Beyond so many rounds of work-groups the last one hardly counts. */
  private static final int MOST_ROUNDS = 16;

  private final List<Work> prefixes;
  private final int heads;
  private final int places;

  /**
   * A prefix as its pass sees it.
   *
   * @param tiles of query rows, each of which is a work-group for each key/value head
   * @param keys all of them
   */
  public record Work(long tiles, int keys) {}

  /**
   * A model.
   *
   * @param heads key/value heads
   * @param places work-groups that the device has room for at a time
   */
  public SegmentModel(List<Work> prefixes, int heads, int places) {
    this.prefixes = prefixes;
    this.heads = heads;
    this.places = places;
  }

  /**
   * How to cut each prefix.
   *
   * @param shortest the fewest keys that are worth a segment
   * @param step of which segments are a multiple, but for a prefix's last
   */
  public List<Cut> cuts(int shortest, int step) {
    List<Cut> best = equal(shortest, step);
    double least = time(best);
    long tiles = prefixes.stream().mapToLong(Work::tiles).sum();
    if (tiles * heads > (long) MOST_ROUNDS * places) {
      return best;
    }
    TileCuts ofTiles = new TileCuts(prefixes, Math.max(1, places / heads), START, shortest, step);
    for (int parts : PARTS_OF_TILES) {
      List<Cut> cuts = ofTiles.cut(parts);
      double time = cuts == null ? Double.MAX_VALUE : time(cuts);
      if (cuts != null && time < GAIN_OF_TILES * least) {
        best = cuts;
        least = time;
      }
    }
    return best;
  }

  /** Cuts of all prefixes in segments of as many keys. */
  private List<Cut> equal(int shortest, int step) {
    int longest = Math.max(1, prefixes.stream().mapToInt(Work::keys).max().orElse(0));
    int best = Math.ceilDiv(longest, step) * step;
    double least = time(every(best, shortest, step)) / GAIN;
    for (int parts : PARTS) {
      int keys = Math.ceilDiv(Math.ceilDiv(longest, parts), step) * step;
      if (keys < shortest || lowerBound(keys) >= least) {
        break;
      }
      double time = time(every(keys, shortest, step));
      if (time < least) {
        least = time;
        best = keys;
      }
    }
    return every(best, shortest, step);
  }

  /** Segments of so many keys at most; those of a prefix are as long as each other. */
  private List<Cut> every(int keysOfSegment, int shortest, int step) {
    return prefixes.stream()
        .map(
            prefix -> {
              int keys = Math.max(1, prefix.keys());
              int each = Math.ceilDiv(keys, Math.ceilDiv(keys, keysOfSegment));
              return Cut.every(Math.max(shortest, Math.ceilDiv(each, step) * step), keys);
            })
        .toList();
  }

  /** The time if all room were always taken, or less; the more segments, the longer it is. */
  private double lowerBound(int keysOfSegment) {
    double work = 0;
    double states = 0;
    for (Work prefix : prefixes) {
      int parts = Math.max(1, Math.ceilDiv(prefix.keys(), keysOfSegment));
      work += heads * prefix.tiles() * (prefix.keys() + parts * START);
      states += STATES * heads * prefix.tiles() * (parts - 1);
    }
    return ALONE * work / places + states;
  }

  /** The time until the last work-group has ended, the longest first, and that of the states. */
  double time(List<Cut> cuts) {
    NavigableMap<Integer, Long> lengths = new TreeMap<>();
    double states = 0;
    for (int p = 0; p < cuts.size(); p++) {
      Cut cut = cuts.get(p);
      long tiles = prefixes.get(p).tiles();
      states += STATES * heads * tiles * (cut.parts() - 1);
      for (int tile = 0; tile < cut.tiles(); tile++) {
        // Tiles that are cut alike.
        long alike = heads * (tiles / cut.tiles());
        int from = 0;
        for (int part = 0; part < cut.parts(); part++) {
          lengths.merge(cut.end(tile, part) - from, alike, Long::sum);
          from = cut.end(tile, part);
        }
      }
    }
    // When how much room will be free.
    NavigableMap<Double, Long> free = new TreeMap<>(Map.of(0.0, (long) places));
    lengths.descendingMap().forEach((keys, groups) -> run(free, groups, START + keys));
    return end(free) + states;
  }

  /** When the last ends; from when on half of the room is free, none has another beside it. */
  private double end(NavigableMap<Double, Long> free) {
    double last = free.lastKey();
    double half = last;
    long busy = 0;
    for (Map.Entry<Double, Long> ends : free.descendingMap().entrySet()) {
      if (busy > places / 2) {
        break;
      }
      half = ends.getKey();
      busy += ends.getValue();
    }
    return half + ALONE * (last - half);
  }

  private static void run(NavigableMap<Double, Long> free, long groups, double time) {
    for (long left = groups; left > 0; ) {
      Map.Entry<Double, Long> first = free.pollFirstEntry();
      long taken = Math.min(left, first.getValue());
      if (taken < first.getValue()) {
        free.put(first.getKey(), first.getValue() - taken);
      }
      free.merge(first.getKey() + time, taken, Long::sum);
      left -= taken;
    }
  }
}
