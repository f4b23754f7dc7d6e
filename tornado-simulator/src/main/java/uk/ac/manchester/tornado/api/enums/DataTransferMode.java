package uk.ac.manchester.tornado.api.enums;

/** When an array is copied between the host and the device. */
public class DataTransferMode {
  /** Copied in by the first execution only; a later change on the host is not seen. */
  public static final int FIRST_EXECUTION = 0;

  /** Copied in, or out, by every execution. */
  public static final int EVERY_EXECUTION = 1;

  /** Kept on the device; copied out on request. */
  public static final int UNDER_DEMAND = 2;

  /** Creates the holder of the constants, as TornadoVM's API allows. */
  public DataTransferMode() {}
}
