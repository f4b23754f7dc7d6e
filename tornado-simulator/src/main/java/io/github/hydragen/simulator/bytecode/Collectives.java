package io.github.hydragen.simulator.bytecode;

import java.lang.classfile.instruction.InvokeInstruction;
import java.util.Set;

/** The methods of {@code KernelContext} at which a thread waits for others of its group or warp. */
final class Collectives {
  private static final Set<String> NAMES =
      Set.of(
          "localBarrier",
          "globalBarrier",
          "simdSum",
          "simdShuffleDown",
          "simdBroadcastFirst",
          "mmaLoadA",
          "mmaLoadB",
          "mmaLoadBSwizzled",
          "mmaLoadAInt8",
          "mmaLoadBInt8",
          "mmaLoadAFP8",
          "mmaLoadBFP8",
          "mma",
          "mmaBF16",
          "mmaInt8",
          "mmaFP8E4M3",
          "mmaFP8E5M2");

  private Collectives() {}

  static boolean isCollective(InvokeInstruction invoke) {
    return invoke.owner().asInternalName().equals(ApiNames.KERNEL_CONTEXT)
        && NAMES.contains(invoke.name().stringValue());
  }
}
