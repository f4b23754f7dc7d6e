package uk.ac.manchester.tornado.api.exceptions;

/** A device buffer is used in a way it does not allow. */
public class TornadoMemoryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception with what went wrong and, where known, the remedy. */
  public TornadoMemoryException(String msg) {
    super(msg);
  }
}
