package io.github.hydragen.tornado.plan;

import io.github.hydragen.spi.BatchView;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The lengths of a batch's suffixes, new tokens counted, that a step sends: all of a graph's layers
 * in one array, as each copy takes its time.
 *
 * @param first the int of the first sequence's
 */
public record Lengths(IntArray array, int first) {
  /** Takes in the lengths of the next execution. */
  public void write(BatchView view) {
    MemorySegment ints = array.getSegment();
    for (int s = 0; s < view.sequences(); s++) {
      ints.setAtIndex(ValueLayout.JAVA_INT, first + s, view.length(s));
    }
  }
}
