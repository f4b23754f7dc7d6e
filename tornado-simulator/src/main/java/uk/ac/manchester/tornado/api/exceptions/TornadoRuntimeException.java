package uk.ac.manchester.tornado.api.exceptions;

/** A call that the runtime refuses. */
public class TornadoRuntimeException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception with what went wrong and, where known, the remedy. */
  public TornadoRuntimeException(String msg) {
    super(msg);
  }
}
