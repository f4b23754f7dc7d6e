package io.github.hydragen.tornado.plan;

import io.github.hydragen.tornado.plan.SegmentModel.Work;
import io.github.hydragen.tornado.store.Cut;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Cuts prefixes for each tile of query rows at places of its own, so that all room of a device is
 * taken to the end: tiles are laid one behind the other and cut where a place is full. Each tile of
 * a prefix has as many segments, so one that would need fewer is cut once more.
 */
final class TileCuts {
  /** The time of a place is looked for in steps of so much. */
  private static final double STEP = 1.01;

  private final List<Work> prefixes;
  private final int places;
  private final double start;
  private final int shortest;
  private final int multiple;

  /** What is left of the place that is being filled, and how many there are. */
  private double left;

  private int taken;

  /**
   * Of some prefixes.
   *
   * @param places tiles that the device has room for at a time
   * @param start what a segment takes beside its keys, in keys
   * @param shortest the fewest keys that are worth a segment
   * @param multiple of which segments are, but for a prefix's last
   */
  TileCuts(List<Work> prefixes, int places, double start, int shortest, int multiple) {
    this.prefixes = prefixes;
    this.places = places;
    this.start = start;
    this.shortest = shortest;
    this.multiple = multiple;
  }

  /**
   * Cuts so that the fullest place has as little to do as may be.
   *
   * @param parts segments of a tile of the longest prefix; of others fewer, by their length
   * @return a cut for each prefix; null if there are no such cuts
   */
  @Nullable List<Cut> cut(int parts) {
    int longest = prefixes.stream().mapToInt(Work::keys).max().orElse(0);
    if (longest < parts * shortest) {
      return null;
    }
    double work = 0;
    for (Work prefix : prefixes) {
      work += prefix.tiles() * (prefix.keys() + parts(prefix, parts, longest) * start);
    }
    // Equal segments never take longer than this, so there is no need to look further.
    double most = 2 * work / places + longest + parts * start;
    for (double time = work / places; time < most; time *= STEP) {
      List<Cut> cuts = fill(time, parts, longest);
      if (cuts != null) {
        return cuts;
      }
    }
    return null;
  }

  private int parts(Work prefix, int parts, int longest) {
    int share = (int) Math.ceilDiv((long) parts * prefix.keys(), longest);
    return Math.max(1, Math.min(share, prefix.keys() / shortest));
  }

  /** Cuts so that no place takes longer than a time; null if there are too few places for that. */
  private @Nullable List<Cut> fill(double time, int parts, int longest) {
    left = time;
    taken = 1;
    List<Cut> cuts = new ArrayList<>();
    for (Work prefix : prefixes) {
      List<int[]> ends = new ArrayList<>();
      for (long tile = 0; tile < prefix.tiles(); tile++) {
        int[] ofTile = tile(prefix.keys(), parts(prefix, parts, longest), time);
        if (ofTile == null) {
          return null;
        }
        ends.add(ofTile);
      }
      cuts.add(Cut.ofTiles(ends));
    }
    return cuts;
  }

  private int @Nullable [] tile(int keys, int parts, double time) {
    int[] ends = new int[parts];
    int from = 0;
    for (int part = 0; part < parts; part++) {
      int after = parts - 1 - part;
      if (left - start < Math.min(shortest, keys) || (after == 0 && left - start < keys - from)) {
        left = time;
        taken++;
      }
      int length = after == 0 ? keys - from : segment(keys - from, after);
      if (length < Math.min(shortest, keys) || length + start > left || taken > places) {
        return null;
      }
      from += length;
      left -= length + start;
      ends[part] = from;
    }
    return ends;
  }

  /**
   * Keys of a segment that is not the tile's last: as many as there is time for. Where there is
   * time for the whole tile, all of its segments are in this place; where it ends too near to the
   * tile's end, some are left for those behind it.
   */
  private int segment(int keys, int after) {
    double fits = left - start;
    int most = (keys - after * shortest) / multiple * multiple;
    if (fits >= keys + after * start) {
      return Math.min(most, Math.max(shortest, keys / (after + 1) / multiple * multiple));
    }
    return Math.min(most, (int) fits / multiple * multiple);
  }
}
