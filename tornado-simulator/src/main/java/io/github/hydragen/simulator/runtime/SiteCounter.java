package io.github.hydragen.simulator.runtime;

import io.github.hydragen.simulator.GlobalTraffic;
import io.github.hydragen.simulator.LocalTraffic;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Counts the requests of one instruction to one array. */
final class SiteCounter {
  private static final int SECTOR_BYTES = 32;
  private static final int WORD_BYTES = 4;
  private static final int BANKS = 32;

  private final Requests requests = new Requests();
  private final long start;
  private final int elementBytes;
  private final int accessBytes;
  private final boolean global;
  private final @Nullable SectorReuse reuse;
  private final long[] addresses = new long[Warp.LANES];
  private final long[] units = new long[2 * Warp.LANES];
  private long accesses;
  private long requestCount;
  private long sectors;
  private long idealSectors;
  private long sectorsAgain;
  private long conflicts;

  /**
   * Creates a counter.
   *
   * @param start the address of element 0
   * @param elementBytes the size of an element
   * @param accessBytes how many bytes an access is of
   * @param global whether the array is in global memory
   * @param reuse who read the array; null where that does not matter
   */
  SiteCounter(
      long start, int elementBytes, int accessBytes, boolean global, @Nullable SectorReuse reuse) {
    this.start = start;
    this.elementBytes = elementBytes;
    this.accessBytes = accessBytes;
    this.global = global;
    this.reuse = reuse;
  }

  /** Notes an access; true where it is the first since the last request was counted. */
  boolean add(int lane, int index) {
    boolean first = requests.isEmpty();
    requests.add(lane, index);
    accesses++;
    return first;
  }

  /** Counts the requests that the noted accesses make up. */
  void count() {
    for (int row = 0; row < requests.rows(); row++) {
      int lanes = requests.copyRow(row, addresses);
      for (int i = 0; i < lanes; i++) {
        addresses[i] = start + addresses[i] * elementBytes;
      }
      if (global) {
        countSectors(lanes);
      } else {
        countTurns(lanes);
      }
      requestCount++;
    }
    requests.clear();
  }

  private void countSectors(int lanes) {
    int touched = 0;
    for (int i = 0; i < lanes; i++) {
      units[touched++] = addresses[i] / SECTOR_BYTES;
      units[touched++] = (addresses[i] + accessBytes - 1) / SECTOR_BYTES;
    }
    int different = distinct(units, touched);
    sectors += different;
    if (reuse != null) {
      sectorsAgain += reuse.again(units, different);
    }
    long asked = (long) distinct(addresses, lanes) * accessBytes;
    long offset = addresses[0] % SECTOR_BYTES;
    idealSectors += (offset + asked + SECTOR_BYTES - 1) / SECTOR_BYTES;
  }

  /** Accesses of 8 bytes are served half a warp at a time. */
  private void countTurns(int lanes) {
    int atOnce = accessBytes > WORD_BYTES ? Warp.LANES / 2 : Warp.LANES;
    for (int from = 0; from < lanes; from += atOnce) {
      int words = 0;
      for (int i = from; i < Math.min(lanes, from + atOnce); i++) {
        units[words++] = addresses[i] / WORD_BYTES;
        units[words++] = (addresses[i] + accessBytes - 1) / WORD_BYTES;
      }
      conflicts += turns(units, words) - 1;
    }
  }

  /** Counts one request of 8 lanes for 16 bytes each. */
  void countMatrix(long[] rows) {
    int wordsPerRow = 4;
    long[] words = new long[rows.length * wordsPerRow];
    for (int i = 0; i < words.length; i++) {
      words[i] = rows[i / wordsPerRow] / WORD_BYTES + i % wordsPerRow;
    }
    accesses += rows.length;
    requestCount++;
    conflicts += turns(words, words.length) - 1;
  }

  private static int turns(long[] words, int count) {
    int different = distinct(words, count);
    int[] busy = new int[BANKS];
    int turns = 0;
    for (int i = 0; i < different; i++) {
      turns = Math.max(turns, ++busy[(int) (words[i] % BANKS)]);
    }
    return turns;
  }

  /** Sorts, moves the different ones to the front and returns how many there are. */
  private static int distinct(long[] values, int count) {
    Arrays.sort(values, 0, count);
    int different = 0;
    for (int i = 0; i < count; i++) {
      if (i == 0 || values[i] != values[i - 1]) {
        values[different++] = values[i];
      }
    }
    return different;
  }

  GlobalTraffic globalTraffic() {
    return global
        ? new GlobalTraffic(
            accesses, accesses * accessBytes, requestCount, sectors, idealSectors, sectorsAgain)
        : GlobalTraffic.NONE;
  }

  LocalTraffic localTraffic() {
    return global ? LocalTraffic.NONE : new LocalTraffic(accesses, requestCount, conflicts);
  }
}
