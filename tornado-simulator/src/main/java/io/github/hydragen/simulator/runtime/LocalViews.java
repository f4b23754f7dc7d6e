package io.github.hydragen.simulator.runtime;

import io.github.hydragen.simulator.FaultKind;
import io.github.hydragen.simulator.memory.LocalArray;
import java.util.IdentityHashMap;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * Local arrays that a kernel has cast to what Java would never let them be, for the two uses that
 * TornadoVM's CUDA backend has for them: a {@code float[]} as the FloatArray that {@code mmaStore}
 * writes to, behind room for a header, and a {@code long[]} as the {@code int[]} that a matrix
 * fragment is loaded from.
 */
public final class LocalViews {
  private final IdentityHashMap<Object, LocalArray> arrays = new IdentityHashMap<>();
  private final IdentityHashMap<LocalArray, Object> views = new IdentityHashMap<>();

  LocalViews() {}

  /** Stands for {@code (FloatArray) array}. */
  public static FloatArray asFloatArray(Object array, WorkItem item, int site) {
    if (array instanceof FloatArray already) {
      return already;
    }
    return (FloatArray) view(array, new FloatArray(0), array instanceof float[], item, site);
  }

  /** Stands for {@code (int[]) array}. */
  public static int[] asInts(Object array, WorkItem item, int site) {
    if (array instanceof int[] already) {
      return already;
    }
    return (int[]) view(array, new int[0], array instanceof long[], item, site);
  }

  private static Object view(
      Object array, Object token, boolean possible, WorkItem item, int site) {
    KernelLaunch launch = item.group().launch();
    LocalArray local = launch.local().find(array);
    if (local == null || !possible) {
      throw launch
          .faults()
          .at(
              item,
              site,
              FaultKind.MATRIX_OPERAND,
              "only local arrays of floats or longs are cast");
    }
    LocalViews all = launch.local().views();
    Object view = all.views.computeIfAbsent(local, l -> token);
    all.arrays.put(view, local);
    return view;
  }

  /** Returns the local array that a view is of; null where it is no view. */
  @Nullable LocalArray find(Object view) {
    return arrays.get(view);
  }
}
