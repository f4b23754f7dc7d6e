package uk.ac.manchester.tornado.api.exceptions;

/** A task that cannot be added to its graph. */
public class TornadoTaskRuntimeException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception with what went wrong and, where known, the remedy. */
  public TornadoTaskRuntimeException(String msg) {
    super(msg);
  }

  /** Creates the exception with what went wrong, and its cause. */
  public TornadoTaskRuntimeException(String msg, Exception e) {
    super(msg, e);
  }
}
