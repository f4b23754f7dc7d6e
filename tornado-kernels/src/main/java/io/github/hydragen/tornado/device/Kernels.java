package io.github.hydragen.tornado.device;

/** Which kernels engines use on a device, where their shape and storage allow it. */
public enum Kernels {
  /** Those that every device can run. */
  PORTABLE,

  /** Those for NVIDIA's matrix units, prefixes and suffixes in kernels of their own. */
  SEPARATE,

  /** The same with one kernel for both where each key/value head has a query head. */
  JOINT
}
