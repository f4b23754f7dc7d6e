package uk.ac.manchester.tornado.api.exceptions;

/** Matrix instructions on a device that has none. */
public class TornadoDeviceMMANotSupported extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception with what went wrong and, where known, the remedy. */
  public TornadoDeviceMMANotSupported(String msg) {
    super(msg);
  }
}
