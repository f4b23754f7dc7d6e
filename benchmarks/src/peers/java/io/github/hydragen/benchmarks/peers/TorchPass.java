package io.github.hydragen.benchmarks.peers;

import java.util.List;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** The ways in which PyTorch's own operators attend to all keys and tell the log-sum-exp. */
enum TorchPass {
  /** The fused operator. */
  FLASH("flash") {
    @Override
    State attend(Tensor q, Tensor k, Tensor v) {
      IValueVector stack =
          new IValueVector(
              new IValue(q),
              new IValue(k),
              new IValue(v),
              new IValue(0.0), // dropout
              new IValue(false), // causal
              new IValue(), // mask
              new IValue()); // scale: the default
      Operators.FLASH.callBoxed(stack);
      return new State(stack.get(0).toTensor(), stack.get(1).toTensor());
    }
  },
  /** The fused operator in fp32, which some builds compute faster than in 16 bits. */
  FLASH_FP32("flash in fp32") {
    @Override
    State attend(Tensor q, Tensor k, Tensor v) {
      torch.ScalarType type = torch.ScalarType.Float;
      return FLASH.attend(q.to(type), k.to(type), v.to(type));
    }
  },
  /** Batched matrix products of all heads. */
  BMM("bmm") {
    @Override
    State attend(Tensor q, Tensor k, Tensor v) {
      long heads = q.size(0) * q.size(1);
      Tensor scaled = scaled(q).reshape(heads, q.size(2), q.size(3));
      Tensor keys = k.view(heads, k.size(2), k.size(3)).transpose(1, 2);
      Tensor scores = torch.bmm(scaled, keys);
      Tensor lse = torch.logsumexp(scores, 2);
      Tensor out = torch.bmm(torch.softmax(scores, 2), v.view(heads, v.size(2), v.size(3)));
      return new State(
          out.view(q.size(0), q.size(1), q.size(2), q.size(3)),
          lse.view(q.size(0), q.size(1), q.size(2)));
    }
  },
  /** Matrix products, a head at a time. */
  MATMUL("matmul per head") {
    @Override
    State attend(Tensor q, Tensor k, Tensor v) {
      long heads = q.size(0) * q.size(1);
      Tensor queries = scaled(q).reshape(heads, q.size(2), q.size(3));
      Tensor keys = k.view(heads, k.size(2), k.size(3));
      Tensor values = v.view(heads, v.size(2), v.size(3));
      TensorVector outs = new TensorVector();
      TensorVector lses = new TensorVector();
      for (long h = 0; h < heads; h++) {
        Tensor scores = torch.mm(queries.select(0, h), keys.select(0, h).t());
        outs.push_back(torch.mm(torch.softmax(scores, 1), values.select(0, h)));
        lses.push_back(torch.logsumexp(scores, 1));
      }
      return new State(
          torch.stack(outs, 0).view(q.size(0), q.size(1), q.size(2), q.size(3)),
          torch.stack(lses, 0).view(q.size(0), q.size(1), q.size(2)));
    }
  };

  /** Beyond this many heads a product a head is hopeless. */
  private static final long MOST_HEADS = 64;

  private final String title;

  TorchPass(String title) {
    this.title = title;
  }

  /**
   * What a pass finds.
   *
   * @param out [n, heads, queries, headDim]
   * @param lse [n, heads, queries]
   */
  record State(Tensor out, Tensor lse) {}

  /** Loaded when first used, for a machine may have no native library; outlives all scopes. */
  private static final class Operators {
    static final OperatorHandle FLASH =
        Dispatcher.singleton()
            .findSchemaOrThrow("aten::_scaled_dot_product_flash_attention_for_cpu", "")
            .retainReference();
  }

  /**
   * Every query attends to every key of its head. What is made lives as long as the scope around.
   *
   * @param q [n, heads, queries, headDim]
   * @param k [n, heads, keys, headDim]
   * @param v as k
   */
  abstract State attend(Tensor q, Tensor k, Tensor v);

  /** For people. */
  String title() {
    return title;
  }

  /** Those worth trying. */
  static List<TorchPass> candidates(Tensor q, Tensor k) {
    boolean single = k.scalar_type().intern() == torch.ScalarType.Float;
    return List.of(values()).stream()
        .filter(pass -> pass != FLASH_FP32 || !single)
        .filter(pass -> pass != MATMUL || q.size(0) * q.size(1) <= MOST_HEADS)
        .toList();
  }

  private static Tensor scaled(Tensor q) {
    return q.mul(new Scalar(1 / Math.sqrt((double) q.size(3))));
  }
}
