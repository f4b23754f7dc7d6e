package io.github.hydragen;

/**
 * A backend's kernels that run before and after the attention of a {@link ResidentStep}: they write
 * its queries and new tokens, and read its outputs, on the device. Each backend has an interface of
 * its own for them: {@code tornado} and {@code simulator} take {@code
 * io.github.hydragen.tornado.DeviceKernels}.
 */
public interface StepKernels {}
