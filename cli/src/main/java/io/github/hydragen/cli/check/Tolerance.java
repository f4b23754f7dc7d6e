package io.github.hydragen.cli.check;

import io.github.hydragen.DeviceInfo;
import java.util.Locale;

/** How far a result may be from the exact reference, relative to max(1, |exact|). */
public final class Tolerance {
  /** For fp32 arithmetic on the stored values. */
  static final double FP32 = 2e-5;

  /** For tensor cores, which round probabilities to 16 bits. */
  static final double TENSOR_CORES = 2e-3;

  private Tolerance() {}

  /** The tolerance for a device: one that computes on tensor cores says so in its description. */
  public static double of(DeviceInfo device) {
    boolean tensorCores = device.description().toLowerCase(Locale.ROOT).contains("tensor core");
    return tensorCores ? TENSOR_CORES : FP32;
  }
}
