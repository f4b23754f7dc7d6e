/** A writer of ONNX models, as far as the comparison with ONNX Runtime needs one. */
@NullMarked
package io.github.hydragen.benchmarks.onnx;

import org.jspecify.annotations.NullMarked;
