package io.github.hydragen.benchmarks.peers;

import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;
import io.github.hydragen.benchmarks.Contender;
import io.github.hydragen.benchmarks.DecodeCase;
import io.github.hydragen.benchmarks.PeerCache;
import io.github.hydragen.benchmarks.Staging;
import io.github.hydragen.benchmarks.peers.TorchPass.State;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** Hydragen from PyTorch's operators: a pass over the prefix, one over the suffixes, the merge. */
@SuppressWarnings("try") // Scopes act by being open.
final class TorchDecoder implements Contender {
  private static final int TRIALS = 9;

  /** Times the fastest's first trial. */
  private static final double HOPELESS = 3;

  private final Arena arena = Arena.ofShared();
  private final List<Tensor> opened = new ArrayList<>();
  private final DecodeCase c;
  private final io.github.hydragen.Tensor out;
  private final io.github.hydragen.Tensor lse;
  private final Tensor torchOut;
  private final Tensor torchLse;
  private final Tensor prefixK;
  private final Tensor prefixV;
  private final Tensor suffixK;
  private final Tensor suffixV;
  private final Tensor newK;
  private final Tensor newV;
  private final Tensor q;
  private final TorchPass prefixPass;
  private final TorchPass suffixPass;

  /**
   * Stores everything but the new token.
   *
   * @param only how both passes are done; null tries all ways and keeps the fastest for each pass
   */
  TorchDecoder(DecodeCase c, Staging staging, int threads, @Nullable TorchPass only) {
    this.c = c;
    torch.set_num_threads(threads);
    // Its threads and PyTorch's would get into each other's way.
    openblas.blas_set_num_threads(1);
    AttentionShape shape = c.shape();
    int heads = shape.kvHeads();
    int group = shape.groupSize();
    int dim = shape.headDim();
    PeerCache cache = PeerCache.of(arena, c, staging);
    this.out =
        io.github.hydragen.Tensor.allocate(
            arena, DataType.F32, c.batch(), shape.queryHeads(), dim);
    this.lse =
        io.github.hydragen.Tensor.allocate(arena, DataType.F32, c.batch(), shape.queryHeads());
    this.torchOut = torch(out, c.batch(), heads, group, dim);
    this.torchLse = torch(lse, c.batch(), heads, group);
    this.prefixK = torch(cache.prefixK(), 1, heads, c.prefix(), dim);
    this.prefixV = torch(cache.prefixV(), 1, heads, c.prefix(), dim);
    this.suffixK = torch(cache.suffixK(), c.batch(), heads, c.suffix(), dim);
    this.suffixV = torch(cache.suffixV(), c.batch(), heads, c.suffix(), dim);
    this.newK = torch(cache.newK(), c.batch(), heads, dim);
    this.newV = torch(cache.newV(), c.batch(), heads, dim);
    this.q = torch(cache.q(), c.batch(), heads, group, dim);
    this.prefixPass = only == null ? fastestForPrefix() : only;
    this.suffixPass = only == null ? fastestForSuffixes() : only;
  }

  private Tensor torch(io.github.hydragen.Tensor tensor, long... shape) {
    torch.ScalarType type =
        switch (tensor.type()) {
          case F32 -> torch.ScalarType.Float;
          case F16 -> torch.ScalarType.Half;
          case BF16 -> torch.ScalarType.BFloat16;
        };
    Tensor made = torch.from_blob(new Address(tensor), shape, new TensorOptions(type));
    opened.add(made);
    return made;
  }

  /** Memory that an arena owns. */
  private static final class Address extends Pointer {
    Address(io.github.hydragen.Tensor tensor) {
      this.address = tensor.segment().address();
    }
  }

  private TorchPass fastestForPrefix() {
    if (c.prefix() == 0) {
      return TorchPass.FLASH;
    }
    try (PointerScope scope = new PointerScope()) {
      return fastest(stacked(), prefixK, prefixV);
    }
  }

  private TorchPass fastestForSuffixes() {
    return c.suffix() == 0 ? TorchPass.FLASH : fastest(q, suffixK, suffixV);
  }

  /** By the medians of trials in turns; what is hopeless at first has no second. */
  private static TorchPass fastest(Tensor q, Tensor k, Tensor v) {
    Map<TorchPass, List<Double>> nanos = new EnumMap<>(TorchPass.class);
    double least = Double.POSITIVE_INFINITY;
    for (TorchPass pass : TorchPass.candidates(q, k)) {
      nanos(pass, q, k, v); // Libraries prepare their kernels.
      double first = nanos(pass, q, k, v);
      nanos.put(pass, new ArrayList<>(List.of(first)));
      least = Math.min(least, first);
    }
    double most = HOPELESS * least;
    nanos.values().removeIf(times -> times.get(0) > most);
    for (int i = 1; i < TRIALS; i++) {
      nanos.forEach((pass, times) -> times.add(nanos(pass, q, k, v)));
    }
    return Collections.min(
            nanos.entrySet(), Comparator.comparingDouble(entry -> median(entry.getValue())))
        .getKey();
  }

  private static double median(List<Double> times) {
    return times.stream().sorted().skip(times.size() / 2).findFirst().orElseThrow();
  }

  private static double nanos(TorchPass pass, Tensor q, Tensor k, Tensor v) {
    try (PointerScope scope = new PointerScope();
        InferenceMode mode = new InferenceMode(true)) {
      long start = System.nanoTime();
      pass.attend(q, k, v);
      return System.nanoTime() - start;
    }
  }

  @Override
  public void step() {
    try (PointerScope scope = new PointerScope();
        InferenceMode mode = new InferenceMode(true)) {
      if (c.suffix() == 0) {
        put(attendToPrefix());
        return;
      }
      suffixK.select(2, c.suffix() - 1).copy_(newK);
      suffixV.select(2, c.suffix() - 1).copy_(newV);
      State own = suffixPass.attend(q, suffixK, suffixV);
      if (c.prefix() == 0) {
        put(own);
      } else {
        merge(attendToPrefix(), own);
      }
    }
  }

  /** The queries of all sequences, [1, kvHeads, batch * group, headDim]. */
  private Tensor stacked() {
    AttentionShape shape = c.shape();
    long rows = (long) c.batch() * shape.groupSize();
    return q.transpose(0, 1).reshape(1, shape.kvHeads(), rows, shape.headDim());
  }

  private State attendToPrefix() {
    State state = prefixPass.attend(stacked(), prefixK, prefixV);
    AttentionShape shape = c.shape();
    int group = shape.groupSize();
    return new State(
        state.out().view(shape.kvHeads(), c.batch(), group, shape.headDim()).transpose(0, 1),
        state.lse().view(shape.kvHeads(), c.batch(), group).transpose(0, 1));
  }

  private void put(State state) {
    torchOut.copy_(state.out());
    torchLse.copy_(state.lse());
  }

  /** The prefix's share of the sum of both is sigmoid(its lse - the other lse). */
  private void merge(State prefix, State own) {
    Tensor prefixLse = prefix.lse().to(torch.ScalarType.Float);
    Tensor ownLse = own.lse().to(torch.ScalarType.Float);
    Tensor share = torch.sigmoid(prefixLse.sub(ownLse)).unsqueeze(3);
    Tensor prefixOut = prefix.out().to(torch.ScalarType.Float);
    Tensor ownOut = own.out().to(torch.ScalarType.Float);
    torch.lerp_out(torchOut, ownOut, prefixOut, share);
    torch.logaddexp_out(torchLse, prefixLse, ownLse);
  }

  @Override
  public io.github.hydragen.Tensor out() {
    return out;
  }

  @Override
  public io.github.hydragen.Tensor lse() {
    return lse;
  }

  @Override
  public String choice() {
    if (c.suffix() == 0) {
      return prefixPass.title();
    }
    return c.prefix() == 0
        ? suffixPass.title()
        : "prefix " + prefixPass.title() + ", suffixes " + suffixPass.title();
  }

  @Override
  public void close() {
    opened.forEach(Tensor::close);
    arena.close();
  }
}
