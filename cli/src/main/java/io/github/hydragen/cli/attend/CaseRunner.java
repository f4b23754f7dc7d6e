package io.github.hydragen.cli.attend;

import io.github.hydragen.AttentionEngine;
import io.github.hydragen.AttentionState;
import io.github.hydragen.DataType;
import io.github.hydragen.DeviceInfo;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.SequenceBatch;
import io.github.hydragen.Tensor;
import io.github.hydragen.spi.HostMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Computes a case. */
final class CaseRunner {
  private static final String SPLIT = "split the case into several of fewer sequences";

  /**
   * The answer.
   *
   * @param state F32: out [batch, newTokens, queryHeads, headDim] and lse without the last size
   * @param device what computed it
   * @param notes what is worth knowing, a line each
   */
  record Answer(AttentionState state, DeviceInfo device, List<String> notes) {
    Answer {
      notes = List.copyOf(notes);
    }
  }

  private final AttentionCase input;
  private final int[] lengths;
  private final long tokens;

  private CaseRunner(AttentionCase input) {
    this.input = input;
    this.lengths = input.lengths().stream().mapToInt(Integer::intValue).toArray();
    this.tokens = input.lengths().stream().mapToLong(Integer::longValue).sum();
  }

  /**
   * Computes a case.
   *
   * @param backend a name, or null for the best
   * @param arena owns the answer's memory
   * @throws io.github.hydragen.BackendUnavailableException if the backend is not available
   * @throws io.github.hydragen.InsufficientMemoryException if the case does not fit
   */
  static Answer run(AttentionCase input, @Nullable String backend, Arena arena) {
    return new CaseRunner(input).run(backend, arena);
  }

  private Answer run(@Nullable String backend, Arena arena) {
    EngineOptions options = input.options().withBackend(backend);
    try (AttentionEngine engine = AttentionEngine.open(input.shape(), options)) {
      GroupTree tree = new GroupTree(engine, input.levels());
      SequenceBatch batch = tree.batch(input.batch(), Collections.max(input.lengths()));
      append(batch);
      AttentionState answer = allocate(arena);
      batch.attend(input.queries(), answer.out(), answer.lse());
      return new Answer(answer, engine.device(), tree.copies());
    }
  }

  private AttentionState allocate(Arena arena) {
    Tensor q = input.queries();
    long bytes = (q.elements() + q.elements() / input.shape().headDim()) * Float.BYTES;
    HostMemory.require("the answer", bytes, SPLIT);
    return AttentionState.empty(arena, q.shape());
  }

  private void append(SequenceBatch batch) {
    try (Arena arena = Arena.ofShared()) {
      Tensor k = packed(input.suffixKeys(), arena);
      Tensor v = packed(input.suffixValues(), arena);
      batch.append(k, v, lengths);
    }
  }

  /** The sequences' tokens one after another: what lies behind them is left out. */
  private Tensor packed(Tensor padded, Arena arena) {
    long heads = padded.size(2);
    long headDim = padded.size(3);
    if (tokens == padded.size(0) * padded.size(1)) {
      return padded.reshape(tokens, heads, headDim);
    }
    DataType type = padded.type();
    long tokenBytes = heads * headDim * type.bytes();
    HostMemory.require(tokens + " suffix tokens", tokens * tokenBytes, SPLIT);
    Tensor packed = Tensor.allocate(arena, type, tokens, heads, headDim);
    long to = 0;
    for (int b = 0; b < lengths.length; b++) {
      long from = b * padded.size(1) * tokenBytes;
      long bytes = lengths[b] * tokenBytes;
      MemorySegment.copy(padded.segment(), from, packed.segment(), to, bytes);
      to += bytes;
    }
    return packed;
  }
}
