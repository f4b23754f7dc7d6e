package io.github.hydragen;

import io.github.hydragen.spi.HostMemory;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The tensors of a call as all threads may touch them: of those that are confined to the caller's
 * thread there are copies, for as long as the call lasts.
 */
final class SharedTensors implements AutoCloseable {
  /** Never started: stands for "any other thread". */
  private static final Thread ANOTHER = Thread.ofPlatform().unstarted(() -> {});

  /** Bytes that are allocated without asking how many there are, which takes longer than these. */
  private static final long FEW_BYTES = 1 << 20;

  private final List<Target> targets = new ArrayList<>();
  private @Nullable Arena arena;

  /** What is written in the place of a tensor. */
  private record Target(Tensor tensor, Tensor copy) {}

  /** A tensor that is read. */
  Tensor source(String name, Tensor tensor) {
    if (isShared(tensor)) {
      return tensor;
    }
    Tensor copy = allocate(name, tensor);
    copy.segment().copyFrom(tensor.segment());
    return copy;
  }

  /** A tensor that is overwritten. */
  Tensor target(String name, Tensor tensor) {
    if (isShared(tensor)) {
      return tensor;
    }
    Tensor copy = allocate(name, tensor);
    targets.add(new Target(tensor, copy));
    return copy;
  }

  /** Copies what was written to the tensors that it is for. */
  void copyBack() {
    targets.forEach(target -> target.tensor.segment().copyFrom(target.copy.segment()));
  }

  private static boolean isShared(Tensor tensor) {
    return tensor.segment().isAccessibleBy(ANOTHER);
  }

  private Tensor allocate(String name, Tensor like) {
    long bytes = like.segment().byteSize();
    if (bytes > FEW_BYTES) {
      HostMemory.require(
          "a copy of %s, whose arena is confined to a thread,".formatted(name),
          bytes,
          "allocate it in a shared arena, which needs none");
    }
    Arena taken = arena == null ? Arena.ofShared() : arena;
    arena = taken;
    return Tensor.allocate(taken, like.type(), like.shape());
  }

  /** Frees the copies. */
  @Override
  public void close() {
    if (arena != null) {
      arena.close();
    }
  }
}
