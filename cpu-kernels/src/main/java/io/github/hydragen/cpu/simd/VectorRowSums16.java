package io.github.hydragen.cpu.simd;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;

import io.github.hydragen.DataType;
import io.github.hydragen.cpu.store.KvLayout;
import io.github.hydragen.cpu.store.KvStrip;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * {@link RowSums} on F16 and BF16 data, two rows to a word, widened as {@link Half} says. Loops
 * have a class for each type, so that shifts and masks are constants: with both in fields, and BF16
 * shifted by 0, a row of BF16 from a cache took twice the time. Only four rows of weights gain by
 * an int for the offset: the loops for one and two count a long.
 */
abstract class VectorRowSums16 extends VectorRowSums {
  static final VectorSpecies<Integer> I = F.vectorShape().withLanes(int.class);
  static final long BYTES = 4L * LANES;

  /** Bytes from a row of a whole strip to the next: a constant, see {@link VectorRowSums}. */
  static final int ROW = 2 * KvLayout.STRIP;

  static final ByteOrder ORDER = ByteOrder.nativeOrder();

  private final int shift;
  private final int mask;
  private final float factor;

  VectorRowSums16(DataType type) {
    this.shift = Half.shift(type);
    this.mask = Half.mask(type);
    this.factor = Half.factor(type);
  }

  @Override
  public float factor() {
    return factor;
  }

  @Override
  public void add(
      int weights, float[] w, int wAt, int wStride, KvStrip x, float[] o, int oAt, int oStride) {
    int from = x.from + (x.from & 1);
    int to = x.to - (x.to & 1);
    if (x.from < from) {
      addHalf(weights, w, wAt, wStride, x, x.from, o, oAt, oStride);
    }
    if (from < to) {
      addRows(weights, w, wAt, wStride, x, from, to, o, oAt, oStride);
    }
    if (to < x.to && to >= x.from) {
      addHalf(weights, w, wAt, wStride, x, to, o, oAt, oStride);
    }
  }

  /** One row whose neighbour in the words must not be read: that may be anything. */
  private void addHalf(
      int weights,
      float[] w,
      int wAt,
      int wStride,
      KvStrip x,
      int i,
      float[] o,
      int oAt,
      int oStride) {
    long row = x.offset + 4L * (i >> 1) * x.width;
    int up = (i & 1) == 0 ? 16 : 0;
    for (int r = 0; r < weights; r++) {
      float weight = w[wAt + r * wStride + i];
      int out = oAt + r * oStride;
      for (int c = 0; c < x.columns; c += LANES) {
        IntVector u = IntVector.fromMemorySegment(I, x.memory, row + 4L * c, ORDER);
        FloatVector v = u.lanewise(LSHL, up).lanewise(ASHR, shift).and(mask).reinterpretAsFloats();
        v.mul(weight).add(FloatVector.fromArray(F, o, out + c)).intoArray(o, out + c);
      }
    }
  }
}
