package io.github.hydragen.simulator.runtime;

import io.github.hydragen.simulator.FaultKind;
import io.github.hydragen.simulator.memory.LocalArray;
import io.github.hydragen.simulator.runtime.Collective.LoadMatrix;
import uk.ac.manchester.tornado.api.types.HalfFloat;

/** The rows of 16 bytes that {@code ldmatrix} reads from tiles in local memory. */
final class MatrixTile {
  private static final int ROW_BYTES = 16;

  private MatrixTile() {}

  /** Returns the 8 numbers of the row that {@code lane} names. */
  static short[] row(WorkItem lane, int address) {
    LoadMatrix load = (LoadMatrix) lane.collective();
    int start = address + load.byteOffset();
    KernelLaunch launch = lane.group().launch();
    LocalArray tile = launch.local().find(load.tile());
    if (tile == null || start % ROW_BYTES != 0) {
      throw launch
          .faults()
          .at(
              lane,
              lane.site(),
              FaultKind.MATRIX_OPERAND,
              tile == null
                  ? "the tile is not in local memory"
                  : "row address %d is not a multiple of 16".formatted(start));
    }
    return load.tile() instanceof int[] packed
        ? unpack(packed, start, tile, lane)
        : copy((HalfFloat[]) load.tile(), start, tile, lane);
  }

  private static short[] unpack(int[] packed, int start, LocalArray tile, WorkItem lane) {
    short[] row = new short[ROW_BYTES / Short.BYTES];
    for (int i = 0; i < row.length; i += 2) {
      int index = (start + i * Short.BYTES) / Integer.BYTES;
      lane.group().launch().watch().read(tile, index, lane, lane.site());
      row[i] = (short) packed[index];
      row[i + 1] = (short) (packed[index] >> Short.SIZE);
    }
    return row;
  }

  private static short[] copy(HalfFloat[] halves, int start, LocalArray tile, WorkItem lane) {
    short[] row = new short[ROW_BYTES / Short.BYTES];
    for (int i = 0; i < row.length; i++) {
      int index = start / Short.BYTES + i;
      lane.group().launch().watch().read(tile, index, lane, lane.site());
      row[i] = halves[index].getHalfFloatValue();
    }
    return row;
  }
}
