package io.github.hydragen.simulator.runtime;

import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Arrays of a thread's own that it has cast to another type: see {@link Casts}. */
final class PrivateViews {
  private final IdentityHashMap<Object, Object> arrays = new IdentityHashMap<>();
  private final IdentityHashMap<Object, Map<Class<?>, Object>> views = new IdentityHashMap<>();

  /** Returns what stands for the array as the type, which {@code token} makes. */
  <T> T view(Object array, Class<T> type, Supplier<T> token) {
    Map<Class<?>, Object> known = views.computeIfAbsent(array, any -> new HashMap<>());
    T view = type.cast(known.computeIfAbsent(type, any -> token.get()));
    arrays.put(view, array);
    return view;
  }

  /** Returns the array that a view is of; null where it is no view. */
  @Nullable Object find(Object view) {
    return arrays.get(view);
  }
}
