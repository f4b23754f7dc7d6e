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
 *   <li>A {@code float[]} as a FloatArray, or an {@code int[]} as an IntArray, is what {@code
 *       mmaStore} and {@code mmaStoreInt} write to, behind room for a header. It lies in local
 *       memory or is the thread's own.
 *   <li>An {@code int[]} of the thread's own as a {@code HalfFloat[]} is a fragment: its first ints
 *       are the registers, with the numbers in lower halves first.
 *   <li>A local {@code long[]} as an {@code int[]} is a tile to load fragments from.
 *   <li>A fragment of half-precision numbers as an {@code int[]} is its registers.
 * </ul>
 */
public final class Casts {
  private Casts() {}

  /** Stands for {@code (FloatArray) array}. */
  public static @Nullable FloatArray asFloatArray(@Nullable Object array, WorkItem item, int site) {
    if (array == null || array instanceof FloatArray) {
      return (FloatArray) array;
    }
    check(array instanceof float[], array, "FloatArray", item, site);
    return view(array, FloatArray.class, () -> new FloatArray(0), item);
  }

  /** Stands for {@code (IntArray) array}. */
  public static @Nullable IntArray asIntArray(@Nullable Object array, WorkItem item, int site) {
    if (array == null || array instanceof IntArray) {
      return (IntArray) array;
    }
    check(array instanceof int[], array, "IntArray", item, site);
    return view(array, IntArray.class, () -> new IntArray(0), item);
  }

  /** Stands for {@code (HalfFloat[]) array}. */
  public static HalfFloat @Nullable [] asHalfFloats(
      @Nullable Object array, WorkItem item, int site) {
    if (array == null || array instanceof HalfFloat[]) {
      return (HalfFloat[]) array;
    }
    boolean own = array instanceof int[] && local(array, item) == null;
    check(own, array, "HalfFloat[]", item, site);
    return view(array, HalfFloat[].class, () -> new HalfFloat[0], item);
  }

  /** Stands for {@code (int[]) array}. */
  public static int @Nullable [] asInts(@Nullable Object array, WorkItem item, int site) {
    if (array == null || array instanceof int[]) {
      return (int[]) array;
    }
    boolean local = local(array, item) != null;
    if (array instanceof HalfFloat[] fragment && !local) {
      Object own = item.views().find(fragment);
      return own == null ? Fragments.registers(fragment) : (int[]) own;
    }
    check(array instanceof long[] && local, array, "int[]", item, site);
    return view(array, int[].class, () -> new int[0], item);
  }

  private static <T> T view(Object array, Class<T> type, Supplier<T> token, WorkItem item) {
    LocalArray local = local(array, item);
    return local == null
        ? item.views().view(array, type, token)
        : type.cast(item.group().launch().local().views().view(local, token::get));
  }

  private static @Nullable LocalArray local(Object array, WorkItem item) {
    return item.group().launch().local().find(array);
  }

  private static void check(boolean possible, Object array, String type, WorkItem item, int site) {
    if (!possible) {
      String detail =
          "%s %s is cast to %s: there is no such cast on a device"
              .formatted(
                  local(array, item) == null ? "a private" : "a local",
                  array.getClass().getSimpleName(),
                  type);
      throw KernelHooks.fault(FaultKind.MATRIX_OPERAND, detail, item, site);
    }
  }
}
