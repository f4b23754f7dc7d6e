package io.github.hydragen.cpu.kernel;

import io.github.hydragen.EngineOptions;
import io.github.hydragen.Tensor;
import io.github.hydragen.cpu.simd.Simd;
import io.github.hydragen.cpu.store.KvLayout;
import io.github.hydragen.cpu.store.KvRun;

/** What one worker thread owns: both kernels with their buffers, room for a row, and its books. */
public final class CpuWorker {
  /** For few rows. */
  public final StreamKernel stream;

  /** For many rows. */
  public final MatrixKernel matrix;

  /** What a kernel reads next, to be set. */
  public final KvRun run = new KvRun();

  /** The row that a kernel leaves. */
  public final RowOutput output;

  /** The last step in which it left a row to be merged. */
  public long leftStep;

  private final float[] query;
  private final float factor;

  /** Both kernels, without room for the rows of the second. */
  public CpuWorker(Simd simd, KvLayout layout, EngineOptions options) {
    int headDim = layout.shape.headDim();
    this.stream = new StreamKernel(simd, layout, options);
    this.matrix = new MatrixKernel(simd, layout, options);
    this.output = new RowOutput(headDim);
    this.query = new float[headDim];
    this.factor =
        new ScoreCap(simd.softmaxOps(), options.logitSoftCap()).queryFactor(options.scale(headDim));
  }

  /** Bytes of all buffers. */
  public long bytes() {
    return stream.bytes() + matrix.bytes() + 8L * query.length;
  }

  /** Reads a row of queries and multiplies it by the scale; overwritten by the next. */
  public float[] query(Tensor q, long row) {
    q.get(row * query.length, query);
    for (int e = 0; e < query.length; e++) {
      query[e] *= factor;
    }
    return query;
  }
}
