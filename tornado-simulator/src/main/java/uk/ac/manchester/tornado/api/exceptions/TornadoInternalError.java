package uk.ac.manchester.tornado.api.exceptions;

/**
 * Something that should be impossible; TornadoVM also throws it where a device is out of memory.
 */
public class TornadoInternalError extends Error {
  private static final long serialVersionUID = 1L;

  /** Creates the error with what went wrong. */
  public TornadoInternalError(String msg) {
    super(msg);
  }
}
