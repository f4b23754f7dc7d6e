package io.github.hydragen.tornado.plan;

import io.github.hydragen.tornado.device.Device;
import io.github.hydragen.tornado.kernels.StreamPassF32;
import io.github.hydragen.tornado.store.Layout;

/**
 * Decides whether one pass over a prefix serves all of its sequences, by estimated times.
 *
 * <p>A pass has as many work items as its rows need, each of all of the prefix's keys. Its time is
 * the larger of its instructions, for rows that pad the last item too, and of what it reads: the
 * first item from memory, the others from a cache if the prefix fits there. A shared pass has all
 * rows, separate ones each a sequence's. So sharing wins but for few rows of a cached prefix, most
 * of whose tile would be padding.
 *
 * <p>TornadoVM says how many compute units a device has, and nothing of what they can do: the rest
 * is nominal, and the instructions are counted in the kernels' loops. Only ratios matter.
 */
public final class SharingModel {
  /** What a compute unit does in a microsecond: instructions of 32 threads, bytes from memory. */
  private record Unit(double instructions, double bytes) {}

  private static final Unit GPU = new Unit(6000, 25_000);
  private static final Unit PROCESSOR = new Unit(2500, 8_000);

  /** How much faster a cache is than memory, and what it holds. */
  private static final double CACHE_FACTOR = 3;

  private static final double CACHE_BYTES = 32 << 20;

  private final Layout layout;
  private final Unit unit;
  private final int units;

  /** For an engine on a device. */
  public SharingModel(Layout layout, Device device) {
    this.layout = layout;
    this.unit = device.isGpu() ? GPU : PROCESSOR;
    this.units = device.computeUnits();
  }

  /**
   * What is expected of a prefix.
   *
   * @param shared whether one pass serves all
   */
  public record Estimate(boolean shared, double sharedMicros, double separateMicros) {}

  /**
   * Estimates and decides.
   *
   * @param tokens of the prefix
   * @param sequences that see it, 1 or more
   * @param queries their query tokens
   */
  public Estimate estimate(int tokens, int sequences, int queries) {
    double shared = micros(tokens, 1, queries);
    double separate = micros(tokens, sequences, (queries + sequences - 1) / sequences);
    boolean share =
        switch (layout.options().sharing()) {
          case ALWAYS -> true;
          case NEVER -> false;
          case AUTO -> shared <= separate;
        };
    return new Estimate(share, shared, separate);
  }

  /** Time of passes over the same keys, each of so many query tokens. */
  private double micros(int tokens, int passes, int queries) {
    int rows = queries * layout.shape().groupSize();
    boolean tiled = layout.tuned() || rows > StreamPassF32.MAX_ROWS;
    PassShape shape = PassShape.of(layout);
    int itemRows = tiled ? shape.tileRows() : shape.streamRows();
    int itemsEach = (rows + itemRows - 1) / itemRows;
    double heads = layout.shape().kvHeads();
    double items = heads * passes * itemsEach;
    double instructions = items * tokens * (tiled ? tileKey(itemRows) : streamKey(itemRows));
    double bytes = layout.kvBytes(tokens) / heads;
    double again = Math.max(0, items - heads) * bytes;
    boolean cached = layout.kvBytes(tokens) <= CACHE_BYTES;
    double read = Math.min(items, heads) * bytes + again / (cached ? CACHE_FACTOR : 1);
    return Math.max(instructions / unit.instructions(), read / unit.bytes()) / units;
  }

  /** Instructions of 32 threads that a tile of so many rows needs for each of its keys. */
  private double tileKey(int rows) {
    if (layout.tuned()) {
      // As compiled for Hopper: 940 of a warp for 32 rows and 32 keys.
      return 940 * (rows / 32.0) / 32;
    }
    // Loads from local memory and multiply-adds, of the scores and of the outputs.
    double elements = rows > 16 ? 14 / 8.0 + 11 / 8.0 : 5 / 2.0 + 3 / 2.0;
    return rows * layout.paddedDim() * elements / 32;
  }

  /** The same of the stream pass. */
  private double streamKey(int rows) {
    int columns = layout.paddedDim() / 32;
    int loadsAndMultiplyAdds = 2 * columns * (1 + rows);
    int exchanges = 3 * rows;
    return loadsAndMultiplyAdds + exchanges;
  }
}
