package io.github.hydragen.benchmarks.peers;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import io.github.hydragen.DataType;
import io.github.hydragen.benchmarks.Contender;
import io.github.hydragen.benchmarks.DecodeCase;
import io.github.hydragen.benchmarks.Peer;
import io.github.hydragen.benchmarks.Staging;

/** ONNX Runtime with the standard's Attention operator for both passes. */
public final class OnnxRuntime implements Peer {
  /** For the service loader. */
  public OnnxRuntime() {}

  @Override
  public String name() {
    return "onnxruntime";
  }

  @Override
  public String library() {
    return "ONNX Runtime " + OrtEnvironment.getEnvironment().getVersion();
  }

  @Override
  public Contender open(DecodeCase c, Staging staging, int threads) {
    if (c.type() == DataType.BF16) {
      throw new UnsupportedOperationException("its Attention has no bf16 on CPUs");
    }
    try {
      return new OnnxDecoder(c, staging, threads);
    } catch (OrtException e) {
      throw new UnsupportedOperationException(e.getMessage(), e);
    }
  }
}
