package io.github.hydragen;

/**
 * A backend's kernels that run before and after the attention of a {@link ResidentStep}: they write
 * its queries and new tokens, and read its outputs, on the device. What they are is the backend's
 * own: see the implementations that it offers.
 */
public interface StepKernels {}
