package uk.ac.manchester.tornado.api.enums;

/** Kinds of devices. The simulator's is {@link #CUSTOM}. */
public enum TornadoDeviceType {
  UNKNOWN,
  DEFAULT,
  CPU,
  GPU,
  FPGA,
  ACCELERATOR,
  CUSTOM,
  ALL
}
