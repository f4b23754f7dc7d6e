package io.github.hydragen.tornado.device;

import io.github.hydragen.DataType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** TornadoVM's arrays over memory of an arena, so that it is freed when its owner is closed. */
public final class NativeArrays {
  private static final long ALIGNMENT = 64;

  private NativeArrays() {}

  /** Floats. */
  public static FloatArray floats(Arena arena, long elements) {
    return FloatArray.fromSegmentShallow(segment(arena, elements, Float.BYTES));
  }

  /** Ints. */
  public static IntArray ints(Arena arena, long elements) {
    return IntArray.fromSegmentShallow(segment(arena, elements, Integer.BYTES));
  }

  /** Longs. */
  public static LongArray longs(Arena arena, long elements) {
    return LongArray.fromSegmentShallow(segment(arena, elements, Long.BYTES));
  }

  /** An array of F32 or F16, or of BF16 with four numbers, a multiple of which they are, a long. */
  public static TornadoNativeArray stored(Arena arena, DataType type, long elements) {
    return switch (type) {
      case F32 -> floats(arena, elements);
      case F16 -> HalfFloatArray.fromSegmentShallow(segment(arena, elements, Short.BYTES));
      case BF16 -> longs(arena, elements / 4);
    };
  }

  private static MemorySegment segment(Arena arena, long elements, int bytes) {
    return arena.allocate(
        TornadoNativeArray.ARRAY_HEADER + Math.toIntExact(elements) * (long) bytes, ALIGNMENT);
  }
}
