package io.github.hydragen.simulator.runtime;

import io.github.hydragen.simulator.FaultKind;
import io.github.hydragen.simulator.memory.LocalArray;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The casts in rewritten kernels, with the meaning that TornadoVM's CUDA backend gives them where
 * Java would throw. There, arrays are C arrays and a cast is none:
 *
 * <ul>
 *   <li>A local {@code float[]} as a FloatArray, or a local {@code int[]} as an IntArray, is what
 *       {@code mmaStore} and {@code mmaStoreInt} write to, behind room for a header. A local {@code
 *       int[]} as a FloatArray gets the bits of the floats.
 *   <li>A local {@code long[]} as an {@code int[]} is a tile to load fragments from.
 *   <li>A fragment of half-precision numbers as an {@code int[]} is its registers, and one of sums
 *       of ints as a {@code byte[]} is one of bytes.
 * </ul>
 *
 * <p>Everything else is a fault. An array of the thread's own cannot be cast at all: TornadoVM
 * knows its class, takes the cast for one that must fail, and cannot compile that.
 */
public final class Casts {
  private Casts() {}

  /** Stands for {@code (FloatArray) array}. */
  public static @Nullable FloatArray asFloatArray(@Nullable Object array, WorkItem item, int site) {
    if (array == null || array instanceof FloatArray) {
      return (FloatArray) array;
    }
    LocalArray local = local(array, item);
    if (local == null || !(array instanceof float[] || array instanceof int[])) {
      throw refused(array, "FloatArray", item, site);
    }
    return view(local, FloatArray.class, () -> new FloatArray(0), item);
  }

  /** Stands for {@code (IntArray) array}. */
  public static @Nullable IntArray asIntArray(@Nullable Object array, WorkItem item, int site) {
    if (array == null || array instanceof IntArray) {
      return (IntArray) array;
    }
    LocalArray local = local(array, item);
    if (local == null || !(array instanceof int[])) {
      throw refused(array, "IntArray", item, site);
    }
    return view(local, IntArray.class, () -> new IntArray(0), item);
  }

  /** Stands for {@code (HalfFloat[]) array}. */
  public static HalfFloat @Nullable [] asHalfFloats(
      @Nullable Object array, WorkItem item, int site) {
    if (array == null || array instanceof HalfFloat[]) {
      return (HalfFloat[]) array;
    }
    throw refused(array, "HalfFloat[]", item, site);
  }

  /** Stands for {@code (int[]) array}. */
  public static int @Nullable [] asInts(@Nullable Object array, WorkItem item, int site) {
    if (array == null || array instanceof int[]) {
      return (int[]) array;
    }
    LocalArray local = local(array, item);
    if (array instanceof HalfFloat[] fragment && local == null) {
      return Fragments.registers(fragment);
    }
    if (local == null || !(array instanceof long[])) {
      throw refused(array, "int[]", item, site);
    }
    return view(local, int[].class, () -> new int[0], item);
  }

  /** Stands for {@code (byte[]) array}, which is a fragment. */
  public static byte @Nullable [] fragmentAsBytes(@Nullable Object array, WorkItem item, int site) {
    if (array == null || array instanceof byte[]) {
      return (byte[]) array;
    }
    if (array instanceof int[] sums) {
      return Fragments.bytes(sums);
    }
    throw refused(array, "byte[]", item, site);
  }

  /** Stands for {@code (byte[]) array}, which is no fragment. */
  public static byte @Nullable [] asBytes(@Nullable Object array, WorkItem item, int site) {
    if (array == null || array instanceof byte[]) {
      return (byte[]) array;
    }
    throw refused(array, "byte[]", item, site);
  }

  private static <T> T view(LocalArray array, Class<T> type, Supplier<T> token, WorkItem item) {
    return type.cast(item.group().launch().local().views().view(array, token::get));
  }

  private static @Nullable LocalArray local(Object array, WorkItem item) {
    return item.group().launch().local().find(array);
  }

  private static RuntimeException refused(Object array, String type, WorkItem item, int site) {
    String detail =
        "%s %s is cast to %s: there is no such cast on a device"
            .formatted(
                local(array, item) == null ? "a private" : "a local",
                array.getClass().getSimpleName(),
                type);
    return KernelHooks.fault(FaultKind.MATRIX_OPERAND, detail, item, site);
  }
}
