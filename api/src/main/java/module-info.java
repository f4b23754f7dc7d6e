/** Exact attention for batches of sequences that share prefixes: public types and backend SPI. */
module io.github.hydragen {
  requires static transitive org.jspecify;
  requires java.management;
  requires jdk.management;

  exports io.github.hydragen;
  exports io.github.hydragen.spi;
  exports io.github.hydragen.prefix;
  exports io.github.hydragen.reference;

  uses io.github.hydragen.spi.AttentionBackendProvider;

  provides io.github.hydragen.spi.AttentionBackendProvider with
      io.github.hydragen.reference.ReferenceBackendProvider;
}
