package io.github.hydragen.cli.bench;

import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;
import java.util.List;

/** A set of workloads that is known by name. */
enum Suite {
  /** The ten of the PyTorch implementation's README, which ran them on one A100. */
  ORIGINAL;

  private static final int QUERY_HEADS = 32;
  private static final int HEAD_DIM = 128;

  /** The workloads, stored in a type, each with so many layers. */
  List<Workload> workloads(DataType dtype, int layers) {
    return switch (this) {
      case ORIGINAL ->
          List.of(
              workload(dtype, layers, 64, 1024, 512, 32),
              workload(dtype, layers, 64, 2048, 512, 32),
              workload(dtype, layers, 256, 2048, 512, 32),
              workload(dtype, layers, 256, 2048, 1024, 32),
              workload(dtype, layers, 256, 4096, 1024, 32),
              workload(dtype, layers, 512, 2048, 512, 8),
              workload(dtype, layers, 512, 4096, 512, 8),
              workload(dtype, layers, 1024, 4096, 512, 8),
              workload(dtype, layers, 1024, 8192, 512, 8),
              workload(dtype, layers, 1024, 16384, 512, 8));
    };
  }

  private static Workload workload(
      DataType dtype, int layers, int batch, int prefix, int output, int kvHeads) {
    return new Workload(
        batch, prefix, output, AttentionShape.of(QUERY_HEADS, kvHeads, HEAD_DIM), dtype, layers);
  }
}
