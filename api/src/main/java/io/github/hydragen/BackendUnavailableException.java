package io.github.hydragen;

/** A backend was named that cannot be used here. The message has the reason and the remedy. */
public final class BackendUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** With a message of one line. */
  public BackendUnavailableException(String message) {
    super(message);
  }
}
