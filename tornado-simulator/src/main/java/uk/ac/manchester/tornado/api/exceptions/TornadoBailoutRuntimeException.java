package uk.ac.manchester.tornado.api.exceptions;

/** A kernel that the device's compiler gave up on. */
public class TornadoBailoutRuntimeException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception with what the compiler could not do. */
  public TornadoBailoutRuntimeException(String msg) {
    super(msg);
  }

  /** Creates the exception with what the compiler could not do, and its cause. */
  public TornadoBailoutRuntimeException(String msg, Exception e) {
    super(msg, e);
  }
}
