package uk.ac.manchester.tornado.api.exceptions;

/** A kernel that cannot be compiled for the device. */
public class TornadoCompilationException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception with what went wrong and, where known, the remedy. */
  public TornadoCompilationException(String msg) {
    super(msg);
  }
}
