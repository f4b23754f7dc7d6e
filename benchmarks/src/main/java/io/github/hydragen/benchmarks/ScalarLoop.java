package io.github.hydragen.benchmarks;

import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;
import io.github.hydragen.Tensor;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Attention as one writes it down: a loop over the keys for every query, and no library. */
public final class ScalarLoop implements Peer {
  /** A peer without state. */
  public ScalarLoop() {}

  @Override
  public String name() {
    return "scalar-loop";
  }

  @Override
  public String library() {
    return "a plain Java loop";
  }

  @Override
  public Contender open(DecodeCase c, Staging staging, int threads) {
    return new Decoder(c, staging, threads);
  }

  private static final class Decoder implements Contender {
    private final Arena arena = Arena.ofShared();
    private final DecodeCase c;
    private final PeerCache cache;
    private final Tensor out;
    private final Tensor lse;
    private final ExecutorService executor;
    private final List<Callable<Void>> heads = new ArrayList<>();

    Decoder(DecodeCase c, Staging staging, int threads) {
      AttentionShape shape = c.shape();
      this.c = c;
      this.cache = PeerCache.of(arena, c, staging);
      this.out =
          Tensor.allocate(arena, DataType.F32, c.batch(), shape.queryHeads(), shape.headDim());
      this.lse = Tensor.allocate(arena, DataType.F32, c.batch(), shape.queryHeads());
      this.executor = Executors.newFixedThreadPool(threads);
      for (int head = 0; head < shape.queryHeads(); head++) {
        int h = head;
        heads.add(
            () -> {
              attend(h);
              return null;
            });
      }
    }

    @Override
    public void step() {
      if (c.suffix() > 0) {
        cache.append();
      }
      try {
        for (Future<Void> done : executor.invokeAll(heads)) {
          done.get();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted", e);
      } catch (ExecutionException e) {
        throw new IllegalStateException(e.getCause());
      }
    }

    private void attend(int head) {
      AttentionShape shape = c.shape();
      int dim = shape.headDim();
      int kvHead = head / shape.groupSize();
      float scale = (float) (1 / Math.sqrt(dim));
      float[] q = new float[dim];
      float[] row = new float[dim];
      float[] sum = new float[dim];
      float[] scores = new float[c.prefix() + c.suffix()];
      for (int s = 0; s < c.batch(); s++) {
        long index = (long) s * shape.queryHeads() + head;
        long prefixAt = (long) kvHead * c.prefix();
        long suffixAt = ((long) s * shape.kvHeads() + kvHead) * c.suffix();
        cache.q().get(index * dim, q);
        float max = Float.NEGATIVE_INFINITY;
        for (int j = 0; j < scores.length; j++) {
          read(cache.prefixK(), cache.suffixK(), prefixAt, suffixAt, j, row);
          float dot = 0;
          for (int e = 0; e < dim; e++) {
            dot += q[e] * row[e];
          }
          scores[j] = dot * scale;
          max = Math.max(max, scores[j]);
        }
        float weights = 0;
        Arrays.fill(sum, 0);
        for (int j = 0; j < scores.length; j++) {
          read(cache.prefixV(), cache.suffixV(), prefixAt, suffixAt, j, row);
          float weight = (float) Math.exp(scores[j] - max);
          weights += weight;
          for (int e = 0; e < dim; e++) {
            sum[e] += weight * row[e];
          }
        }
        for (int e = 0; e < dim; e++) {
          sum[e] /= weights;
        }
        out.set(index * dim, sum);
        lse.set(index, max + (float) Math.log(weights));
      }
    }

    /** Row j of the prefix's tokens and then the sequence's own. */
    private void read(
        Tensor prefix, Tensor suffix, long prefixAt, long suffixAt, int j, float[] into) {
      int dim = into.length;
      if (j < c.prefix()) {
        prefix.get((prefixAt + j) * dim, into);
      } else {
        suffix.get((suffixAt + j - c.prefix()) * dim, into);
      }
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
    public boolean isCompiledWhileItRuns() {
      return true;
    }

    @Override
    public void close() {
      executor.shutdownNow();
      executor.close();
      arena.close();
    }
  }
}
