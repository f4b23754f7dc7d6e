/** The CPU engine of Hydragen: backend {@code cpu}. */
module io.github.hydragen.cpu {
  requires static jdk.incubator.vector;
  requires io.github.hydragen;

  provides io.github.hydragen.spi.AttentionBackendProvider with
      io.github.hydragen.cpu.CpuBackendProvider;
}
