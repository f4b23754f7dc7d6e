package io.github.hydragen.simulator.runtime;

import io.github.hydragen.simulator.FaultKind;
import io.github.hydragen.simulator.SimulatorFault;
import io.github.hydragen.simulator.memory.LocalArray;
import io.github.hydragen.simulator.runtime.Collective.LoadMatrix;
import java.util.List;
import uk.ac.manchester.tornado.api.types.HalfFloat;

/** The rows of 16 bytes that {@code ldmatrix} reads from tiles in local memory. */
final class MatrixTile {
  private static final int ROW_BYTES = 16;

  private MatrixTile() {}

  /** Returns matrix {@code matrix}, of which each of 8 lanes names a row. */
  static short[][] rows(List<WorkItem> lanes, MatrixLayout layout, int matrix) {
    short[][] rows = new short[lanes.size()][];
    long[] addresses = new long[rows.length];
    LocalArray tile = tile(lanes.getFirst());
    for (int i = 0; i < rows.length; i++) {
      WorkItem lane = lanes.get(i);
      int start = layout.rowAddress(matrix, i) + ((LoadMatrix) lane.collective()).byteOffset();
      rows[i] = row(lane, tile(lane), start);
      addresses[i] = tile(lane).address(0) + start;
    }
    WorkItem first = lanes.getFirst();
    first.group().launch().log().matrix(tile, addresses, first.site());
    return rows;
  }

  private static LocalArray tile(WorkItem lane) {
    LocalArray tile = lane.group().launch().local().find(((LoadMatrix) lane.collective()).tile());
    if (tile == null) {
      throw fault(lane, FaultKind.MATRIX_OPERAND, "the tile is not in local memory");
    }
    return tile;
  }

  private static short[] row(WorkItem lane, LocalArray tile, int start) {
    if (start % ROW_BYTES != 0) {
      throw fault(
          lane,
          FaultKind.MISALIGNED_ACCESS,
          "row address %d is not a multiple of 16".formatted(start));
    }
    int index = start / tile.elementBytes();
    int count = ROW_BYTES / tile.elementBytes();
    lane.group().launch().watch().readRow(tile, index, count, lane, lane.site());
    short[] row = new short[ROW_BYTES / Short.BYTES];
    for (int i = 0; i < row.length; i++) {
      row[i] = number(tile.array(), index, i);
    }
    return row;
  }

  /** Returns number {@code i} of those that begin with element {@code index} of a packed array. */
  private static short number(Object array, int index, int i) {
    if (array instanceof int[] pairs) {
      return (short) (pairs[index + i / 2] >> (i % 2 * Short.SIZE));
    }
    if (array instanceof long[] fours) {
      return (short) (fours[index + i / 4] >> (i % 4 * Short.SIZE));
    }
    return ((HalfFloat[]) array)[index + i].getHalfFloatValue();
  }

  private static SimulatorFault fault(WorkItem lane, FaultKind kind, String detail) {
    return lane.group().launch().faults().at(lane, lane.site(), kind, detail);
  }
}
