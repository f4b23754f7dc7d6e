package uk.ac.manchester.tornado.api.exceptions;

/** No device has the index or name asked for. */
public class TornadoDeviceNotFound extends TornadoRuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception with what went wrong and, where known, the remedy. */
  public TornadoDeviceNotFound(String msg) {
    super(msg);
  }
}
