/** The TornadoVM backend of Hydragen for Java. */
module io.github.hydragen.tornado {
  requires transitive io.github.hydragen;
  requires static org.jspecify;
  requires transitive tornado.api;

  exports io.github.hydragen.tornado;
  exports io.github.hydragen.tornado.kernels;

  provides io.github.hydragen.spi.AttentionBackendProvider with
      io.github.hydragen.tornado.TornadoBackendProvider,
      io.github.hydragen.tornado.SimulatorBackendProvider;
}
