/** Exact attention for batches of sequences that share prefixes: public types and backend SPI. */
module io.github.hydragen {
  requires static transitive org.jspecify;

  exports io.github.hydragen;
}
