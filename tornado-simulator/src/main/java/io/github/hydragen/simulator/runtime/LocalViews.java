package io.github.hydragen.simulator.runtime;

import io.github.hydragen.simulator.memory.LocalArray;
import java.util.IdentityHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Local arrays that a kernel has cast to what Java would never let them be: see {@link Casts}. All
 * threads of a group get the same object for the same array.
 */
final class LocalViews {
  private final IdentityHashMap<Object, LocalArray> arrays = new IdentityHashMap<>();
  private final IdentityHashMap<LocalArray, Object> views = new IdentityHashMap<>();

  /** Returns what stands for the array as the other type, which {@code token} makes. */
  Object view(LocalArray array, Supplier<Object> token) {
    Object view = views.computeIfAbsent(array, any -> token.get());
    arrays.put(view, array);
    return view;
  }

  /** Returns the local array that a view is of; null where it is no view. */
  @Nullable LocalArray find(Object view) {
    return arrays.get(view);
  }
}
