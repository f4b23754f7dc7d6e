package io.github.hydragen.simulator.engine;

import org.jspecify.annotations.Nullable;

/** Calls the kernel of a task as the plain Java method it is. */
@FunctionalInterface
public interface KernelCall {
  /** Calls the kernel with these arguments. */
  void apply(@Nullable Object[] arguments);
}
