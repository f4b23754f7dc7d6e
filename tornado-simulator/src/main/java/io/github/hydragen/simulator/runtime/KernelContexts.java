package io.github.hydragen.simulator.runtime;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.KernelContext;

/** Makes contexts with ids, which the public API has no way to do. */
public final class KernelContexts {
  private static @Nullable Function<Integer[], KernelContext> factory;

  private KernelContexts() {}

  /** Sets how contexts are made; called when their class is initialised. */
  public static void register(Function<Integer[], KernelContext> constructor) {
    factory = constructor;
  }

  /** Returns a context; the ids are in the order of the fields of {@link KernelContext}. */
  public static KernelContext create(Integer[] ids) {
    Function<Integer[], KernelContext> constructor = factory;
    if (constructor == null) {
      throw new IllegalStateException("no KernelContext was ever made");
    }
    return constructor.apply(ids);
  }
}
