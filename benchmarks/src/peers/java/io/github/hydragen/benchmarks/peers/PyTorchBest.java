package io.github.hydragen.benchmarks.peers;

import io.github.hydragen.benchmarks.Contender;
import io.github.hydragen.benchmarks.DecodeCase;
import io.github.hydragen.benchmarks.Peer;
import io.github.hydragen.benchmarks.Staging;

/** PyTorch with the fastest of its operators for each pass, found before anything is timed. */
public final class PyTorchBest implements Peer {
  /** For the service loader. */
  public PyTorchBest() {}

  @Override
  public String name() {
    return "pytorch-best";
  }

  @Override
  public String library() {
    return PyTorchFlash.version();
  }

  @Override
  public Contender open(DecodeCase c, Staging staging, int threads) {
    return new TorchDecoder(c, staging, threads, null);
  }
}
