package io.github.hydragen.cpu;

import io.github.hydragen.EngineOptions;
import io.github.hydragen.Tensor;

/** What one worker thread owns: both kernels with their buffers, room for a row, and its books. */
final class CpuWorker {
  final StreamKernel stream;
  final MatrixKernel matrix;
  final KvRun run = new KvRun();
  final RowOutput output;

  /** The last step in which it left a row to be merged. */
  long leftStep;

  private final float[] query;
  private final float factor;

  CpuWorker(Simd simd, KvLayout layout, EngineOptions options) {
    int headDim = layout.shape.headDim();
    this.stream = new StreamKernel(simd, layout, options);
    this.matrix = new MatrixKernel(simd, layout, options);
    this.output = new RowOutput(headDim);
    this.query = new float[headDim];
    this.factor =
        new ScoreCap(simd.softmaxOps(), options.logitSoftCap()).queryFactor(options.scale(headDim));
  }

  /** Bytes of all buffers. */
  long bytes() {
    return stream.bytes() + matrix.bytes() + 8L * query.length;
  }

  /** Reads a row of queries and multiplies it by the scale; overwritten by the next. */
  float[] query(Tensor q, long row) {
    q.get(row * query.length, query);
    for (int e = 0; e < query.length; e++) {
      query[e] *= factor;
    }
    return query;
  }
}
