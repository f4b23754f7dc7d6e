package io.github.hydragen.benchmarks;

import io.github.hydragen.MemoryUsage;
import io.github.hydragen.Tensor;
import org.jspecify.annotations.Nullable;

/** An implementation that is ready to repeat one decode step. */
public interface Contender extends AutoCloseable {
  /** Does the step; the same every time. */
  void step();

  /** The outputs of the last step, F32 [batch, queryHeads, headDim]. */
  Tensor out();

  /** Their log-sum-exps, F32 [batch, queryHeads]. */
  Tensor lse();

  /** What it chose to do, in a few words; empty if there was nothing to choose. */
  default String choice() {
    return "";
  }

  /** Whether it is Java, which takes a while until it is compiled. */
  default boolean isCompiledWhileItRuns() {
    return false;
  }

  /** What it holds; null from one that does not count. */
  default @Nullable MemoryUsage memory() {
    return null;
  }

  @Override
  void close();
}
