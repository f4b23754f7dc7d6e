package uk.ac.manchester.tornado.api.exceptions;

/** No backend has the index or type asked for. */
public class TornadoBackendNotFound extends TornadoRuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception with what went wrong and, where known, the remedy. */
  public TornadoBackendNotFound(String msg) {
    super(msg);
  }
}
