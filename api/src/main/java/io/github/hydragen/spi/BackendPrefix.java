package io.github.hydragen.spi;

/** A backend's copy of a shared prefix. */
public interface BackendPrefix extends AutoCloseable {
  /** Frees it; nothing uses it any more. */
  @Override
  void close();
}
