package io.github.hydragen.benchmarks;

import io.github.hydragen.cli.console.Version;

/**
 * This project's CPU engine among its peers.
 *
 * @param shared whether the prefix is stored once; otherwise every sequence has a copy
 */
public record Hydragen(boolean shared) implements Peer {
  @Override
  public String name() {
    return shared ? "hydragen" : "hydragen-unshared";
  }

  @Override
  public String library() {
    return "Hydragen for Java " + Version.number();
  }

  @Override
  public Contender open(DecodeCase c, Staging staging, int threads) {
    return new HydragenDecoder(c, staging, threads, shared);
  }
}
