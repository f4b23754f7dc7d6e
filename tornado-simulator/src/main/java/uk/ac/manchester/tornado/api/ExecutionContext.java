package uk.ac.manchester.tornado.api;

import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;
import uk.ac.manchester.tornado.api.types.vectors.Half2;

/** What the threads of a work-group share: barriers, local memory and atomic additions. */
public interface ExecutionContext {
  /** Waits for every thread of the group and orders its accesses to local memory. */
  void localBarrier();

  /** Waits for every thread of the group and orders its accesses to global memory. */
  void globalBarrier();

  /** Allocates an array that the group shares; {@code size} is a constant. */
  int[] allocateIntLocalArray(int size);

  /** Allocates an array that the group shares; {@code size} is a constant. */
  long[] allocateLongLocalArray(int size);

  /** Allocates an array that the group shares; {@code size} is a constant. */
  float[] allocateFloatLocalArray(int size);

  /** Allocates an array that the group shares; {@code size} is a constant. */
  double[] allocateDoubleLocalArray(int size);

  /** Allocates an array that the group shares; {@code size} is a constant. */
  byte[] allocateByteLocalArray(int size);

  /** Allocates an array that the group shares; {@code size} is a constant. */
  HalfFloat[] allocateHalfFloatLocalArray(int size);

  /** Allocates an array that the group shares; {@code size} is a constant. */
  Half2[] allocateHalf2LocalArray(int size);

  /** Adds to an element of global memory, atomically. */
  void atomicAdd(IntArray array, int index, int val);

  /** Adds to an element of local memory, atomically. */
  void atomicAdd(int[] array, int index, int val);

  /** Adds to an element of global memory, atomically. */
  void atomicAdd(LongArray array, int index, long val);

  /** Adds to an element of global memory, atomically. */
  void atomicAdd(FloatArray array, int index, float val);
}
