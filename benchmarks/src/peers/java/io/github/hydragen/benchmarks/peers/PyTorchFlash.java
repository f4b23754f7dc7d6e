package io.github.hydragen.benchmarks.peers;

import io.github.hydragen.benchmarks.Contender;
import io.github.hydragen.benchmarks.DecodeCase;
import io.github.hydragen.benchmarks.Peer;
import io.github.hydragen.benchmarks.Staging;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.bytedeco.pytorch.global.torch;

/** PyTorch with its fused operator for both passes. */
public final class PyTorchFlash implements Peer {
  private static final Pattern VERSION = Pattern.compile("TORCH_VERSION=([0-9.]+)");

  /** For the service loader. */
  public PyTorchFlash() {}

  @Override
  public String name() {
    return "pytorch-flash";
  }

  @Override
  public String library() {
    return version();
  }

  static String version() {
    Matcher matcher = VERSION.matcher(torch.show_config().getString());
    return "PyTorch " + (matcher.find() ? matcher.group(1) : "") + " (Bytedeco, OpenBLAS, oneDNN)";
  }

  @Override
  public Contender open(DecodeCase c, Staging staging, int threads) {
    return new TorchDecoder(c, staging, threads, TorchPass.FLASH);
  }
}
