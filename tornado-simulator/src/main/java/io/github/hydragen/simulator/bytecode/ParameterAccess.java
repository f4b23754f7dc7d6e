package io.github.hydragen.simulator.bytecode;

/** What a kernel does with the array behind a parameter, as TornadoVM classes it. */
public enum ParameterAccess {
  /** Neither read nor written, or no array. */
  NONE,
  /** Read only. */
  READ_ONLY,
  /** Written only: TornadoVM drops its copy to the device. */
  WRITE_ONLY,
  /** Read and written, or written under a condition. */
  READ_WRITE;

  static ParameterAccess of(boolean read, boolean written) {
    if (read) {
      return written ? READ_WRITE : READ_ONLY;
    }
    return written ? WRITE_ONLY : NONE;
  }

  /** Tells whether the kernel can write to the array. */
  public boolean writes() {
    return this == WRITE_ONLY || this == READ_WRITE;
  }
}
