package io.github.hydragen.cli.bench;

import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;
import io.github.hydragen.cli.console.GivenNames;
import java.util.List;
import picocli.CommandLine.Option;

/** The options that make up one workload; the defaults are those of the PyTorch implementation. */
final class WorkloadOptions {
  /** The options by name. */
  static final List<String> NAMES =
      List.of("--batch", "--prefix", "--output", "--query-heads", "--kv-heads", "--head-dim");

  @Option(names = "--batch", paramLabel = "N", description = "Sequences (default: 64).")
  private int batch = 64;

  @Option(
      names = "--prefix",
      paramLabel = "N",
      description = "Tokens that all sequences share (default: 1024).")
  private int prefix = 1024;

  @Option(
      names = "--output",
      paramLabel = "N",
      description = "Tokens that each sequence decodes (default: 512).")
  private int output = 512;

  @Option(names = "--query-heads", paramLabel = "N", description = "Query heads (default: 32).")
  private int queryHeads = 32;

  @Option(
      names = "--kv-heads",
      paramLabel = "N",
      description = "Key/value heads, a divisor of the query heads (default: 32).")
  private int kvHeads = 32;

  @Option(
      names = "--head-dim",
      paramLabel = "N",
      description = "Elements of a head (default: 128).")
  private int headDim = 128;

  Workload workload(DataType dtype, int layers) {
    AttentionShape shape =
        GivenNames.in(
            () -> AttentionShape.of(queryHeads, kvHeads, headDim),
            "--query-heads",
            "--kv-heads",
            "--head-dim");
    return new Workload(batch, prefix, output, shape, dtype, layers);
  }
}
