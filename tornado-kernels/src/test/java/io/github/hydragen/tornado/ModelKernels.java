package io.github.hydragen.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** A model small enough to be computed by the test too. */
final class ModelKernels {
  private ModelKernels() {}

  /** Element {@code i} of each output is an input's element times a number of its own. */
  static void project(
      KernelContext context, FloatArray in, FloatArray q, FloatArray k, FloatArray v, int kvRow) {
    int i = context.globalIdx;
    float x = in.get(i);
    q.set(i, x * 0.5f);
    int queryRow = 2 * kvRow;
    int at = i / queryRow * kvRow + i % kvRow;
    if (i % queryRow < kvRow) {
      k.set(at, x * 0.25f);
      v.set(at, x);
    }
  }

  /** What the next layer takes in. */
  static void add(KernelContext context, FloatArray in, FloatArray attended, FloatArray out) {
    int i = context.globalIdx;
    out.set(i, in.get(i) + attended.get(i));
  }
}
