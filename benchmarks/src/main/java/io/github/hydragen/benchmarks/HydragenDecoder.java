package io.github.hydragen.benchmarks;

import io.github.hydragen.AttentionEngine;
import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.MemoryUsage;
import io.github.hydragen.Prefix;
import io.github.hydragen.SequenceBatch;
import io.github.hydragen.Tensor;
import io.github.hydragen.cli.check.SyntheticTokens.Kind;
import java.lang.foreign.Arena;

/** This project's CPU engine. */
public final class HydragenDecoder implements Contender {
  private final AttentionEngine engine;
  private final Arena arena = Arena.ofShared();
  private final SequenceBatch batch;
  private final int before;
  private final boolean appends;
  private final Tensor k;
  private final Tensor v;
  private final Tensor q;
  private final Tensor out;
  private final Tensor lse;

  /**
   * Stores everything but the new token.
   *
   * @param shared whether the prefix is stored once; otherwise every sequence has a copy
   */
  public HydragenDecoder(DecodeCase c, Staging staging, int threads, boolean shared) {
    AttentionShape shape = c.shape();
    EngineOptions options =
        EngineOptions.defaults().withBackend("cpu").withStorage(c.type()).withThreads(threads);
    this.engine = AttentionEngine.open(shape, options);
    this.k = Tensor.allocate(arena, c.type(), c.batch(), shape.kvHeads(), shape.headDim());
    this.v = Tensor.allocate(arena, c.type(), c.batch(), shape.kvHeads(), shape.headDim());
    this.q = Tensor.allocate(arena, c.type(), c.batch(), shape.queryHeads(), shape.headDim());
    this.out = Tensor.allocate(arena, DataType.F32, c.batch(), shape.queryHeads(), shape.headDim());
    this.lse = Tensor.allocate(arena, DataType.F32, c.batch(), shape.queryHeads());
    int own = shared ? 0 : c.prefix();
    this.appends = c.suffix() > 0;
    this.before = own + Math.max(0, c.suffix() - 1);
    this.batch = engine.batch(c.batch(), own + c.suffix());
    if (shared && c.prefix() > 0) {
      batch.attachAll(prefix(c, staging));
    }
    for (int t = 0; t < before; t++) {
      stage(staging, t < own, t < own ? t : t - own);
      batch.append(k, v);
    }
    stage(staging, false, Math.max(0, c.suffix() - 1));
    staging.fillBatch(Kind.QUERY, false, 0, q);
  }

  private Prefix prefix(DecodeCase c, Staging staging) {
    try (Arena temporary = Arena.ofShared()) {
      long[] dims = {c.prefix(), c.shape().kvHeads(), c.shape().headDim()};
      Tensor keys = Tensor.allocate(temporary, c.type(), dims);
      Tensor values = Tensor.allocate(temporary, c.type(), dims);
      staging.fill(Kind.KEY, Staging.PREFIX, 0, keys);
      staging.fill(Kind.VALUE, Staging.PREFIX, 0, values);
      return engine.prefix(keys, values);
    }
  }

  private void stage(Staging staging, boolean shared, int position) {
    staging.fillBatch(Kind.KEY, shared, position, k);
    staging.fillBatch(Kind.VALUE, shared, position, v);
  }

  @Override
  public void step() {
    if (appends) {
      for (int s = 0; s < batch.size(); s++) {
        batch.truncate(s, before);
      }
      batch.append(k, v);
    }
    batch.attend(q, out, lse);
  }

  @Override
  public Tensor out() {
    return out;
  }

  @Override
  public Tensor lse() {
    return lse;
  }

  @Override
  public MemoryUsage memory() {
    return engine.memory();
  }

  @Override
  public boolean isCompiledWhileItRuns() {
    return true;
  }

  @Override
  public void close() {
    engine.close();
    arena.close();
  }
}
