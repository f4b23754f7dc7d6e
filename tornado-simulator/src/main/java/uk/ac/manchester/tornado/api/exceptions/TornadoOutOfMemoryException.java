package uk.ac.manchester.tornado.api.exceptions;

/** The device has not enough memory left. */
public class TornadoOutOfMemoryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception with what went wrong and, where known, the remedy. */
  public TornadoOutOfMemoryException(String msg) {
    super(msg);
  }
}
