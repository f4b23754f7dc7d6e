package io.github.hydragen.benchmarks.peers;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;
import io.github.hydragen.Tensor;
import io.github.hydragen.benchmarks.Contender;
import io.github.hydragen.benchmarks.DecodeCase;
import io.github.hydragen.benchmarks.PeerCache;
import io.github.hydragen.benchmarks.Staging;
import io.github.hydragen.benchmarks.onnx.DecodeModel;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;

/** A session whose inputs and outputs are the caller's memory: nothing is copied for a step. */
final class OnnxDecoder implements Contender {
  private final Arena arena = Arena.ofShared();
  private final PeerCache cache;
  private final boolean appends;
  private final Tensor out;
  private final Tensor lse;
  private final OrtSession session;
  private final Map<String, OnnxTensor> inputs = new HashMap<>();
  private final Map<String, OnnxTensor> outputs = new HashMap<>();

  OnnxDecoder(DecodeCase c, Staging staging, int threads) throws OrtException {
    AttentionShape shape = c.shape();
    int heads = shape.kvHeads();
    int group = shape.groupSize();
    int dim = shape.headDim();
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(threads);
      // Others come next: its threads must not spin on after a step.
      options.addConfigEntry("session.force_spinning_stop", "1");
      this.session = environment.createSession(DecodeModel.of(c), options);
    }
    this.appends = c.suffix() > 0;
    this.cache = PeerCache.of(arena, c, staging);
    this.out = Tensor.allocate(arena, DataType.F32, c.batch(), shape.queryHeads(), dim);
    this.lse = Tensor.allocate(arena, DataType.F32, c.batch(), shape.queryHeads());
    inputs.put("q", wrap(cache.q(), c.batch(), heads, group, dim));
    if (c.prefix() > 0) {
      inputs.put("prefix.k", wrap(cache.prefixK(), 1, heads, c.prefix(), dim));
      inputs.put("prefix.v", wrap(cache.prefixV(), 1, heads, c.prefix(), dim));
    }
    if (appends) {
      inputs.put("suffix.k", wrap(cache.suffixK(), c.batch(), heads, c.suffix(), dim));
      inputs.put("suffix.v", wrap(cache.suffixV(), c.batch(), heads, c.suffix(), dim));
    }
    outputs.put("out", wrap(out, c.batch(), heads, group, dim));
    outputs.put("lse", wrap(lse, c.batch(), heads, group, 1));
  }

  private static OnnxTensor wrap(Tensor tensor, long... shape) throws OrtException {
    ByteBuffer bytes = tensor.segment().asByteBuffer().order(ByteOrder.nativeOrder());
    OnnxJavaType type =
        switch (tensor.type()) {
          case F32 -> OnnxJavaType.FLOAT;
          case F16 -> OnnxJavaType.FLOAT16;
          case BF16 -> OnnxJavaType.BFLOAT16;
        };
    return OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), bytes, shape, type);
  }

  @Override
  public void step() {
    if (appends) {
      cache.append();
    }
    try (OrtSession.Result result = session.run(inputs, outputs)) {
      if (result.size() != outputs.size()) {
        throw new IllegalStateException("ONNX Runtime gave " + result.size() + " outputs");
      }
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime failed: " + e.getMessage(), e);
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
  public void close() {
    inputs.values().forEach(OnnxTensor::close);
    outputs.values().forEach(OnnxTensor::close);
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime did not close: " + e.getMessage(), e);
    } finally {
      arena.close();
    }
  }
}
