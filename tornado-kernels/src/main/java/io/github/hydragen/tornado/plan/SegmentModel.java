package io.github.hydragen.tornado.plan;

import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * Into how many segments to cut the prefixes of a batch for the {@link
 * io.github.hydragen.tornado.kernels.MatrixPass}. A device has room for so many of its work-groups
 * at a time and starts the next one where one ends: too few leave room empty, and so does a last
 * round that is not full; many short ones begin and end more often, and leave more states to be
 * merged. Times are those of a key of a work-group, 0.067 us on an H200.
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

  private static final int[] PARTS = {2, 3, 4, 5, 6, 8, 11, 16, 23, 32, 45, 64};

  private final List<Work> prefixes;
  private final int places;

  /**
   * A prefix as its pass sees it.
   *
   * @param groups work-groups of a segment
   * @param keys all of them
   */
  public record Work(long groups, int keys) {
    /** How many segments it has, 1 or more, of so many keys at most. */
    public int parts(int keysOfSegment) {
      return Math.max(1, Math.ceilDiv(keys, keysOfSegment));
    }
  }

  /**
   * A model.
   *
   * @param places work-groups that the device has room for at a time
   */
  public SegmentModel(List<Work> prefixes, int places) {
    this.prefixes = prefixes;
    this.places = places;
  }

  /**
   * The keys that a segment should have at most.
   *
   * @param shortest the fewest that are worth a segment
   * @param step of which they are a multiple
   */
  public int keysOfSegment(int shortest, int step) {
    int longest = Math.max(1, prefixes.stream().mapToInt(Work::keys).max().orElse(0));
    int best = Math.ceilDiv(longest, step) * step;
    double least = time(best) / GAIN;
    for (int parts : PARTS) {
      int keys = Math.ceilDiv(Math.ceilDiv(longest, parts), step) * step;
      if (keys < shortest || lowerBound(keys) >= least) {
        break;
      }
      double time = time(keys);
      if (time < least) {
        least = time;
        best = keys;
      }
    }
    return best;
  }

  /** The time if all room were always taken, or less; the more segments, the longer it is. */
  private double lowerBound(int keysOfSegment) {
    double work = 0;
    for (Work prefix : prefixes) {
      int parts = prefix.parts(keysOfSegment);
      work += prefix.groups() * (prefix.keys() + parts * START);
    }
    return ALONE * work / places + states(keysOfSegment);
  }

  private double states(int keysOfSegment) {
    return prefixes.stream()
        .mapToDouble(p -> STATES * p.groups() * (p.parts(keysOfSegment) - 1))
        .sum();
  }

  /** The time until the last work-group has ended, and that of the states. */
  double time(int keysOfSegment) {
    // When how much room will be free.
    NavigableMap<Double, Long> free = new TreeMap<>(Map.of(0.0, (long) places));
    for (Work prefix : prefixes) {
      int parts = prefix.parts(keysOfSegment);
      for (int part = 0; part < parts; part++) {
        int keys = Math.min(keysOfSegment, prefix.keys() - part * keysOfSegment);
        run(free, prefix.groups(), START + keys);
      }
    }
    return end(free) + states(keysOfSegment);
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
