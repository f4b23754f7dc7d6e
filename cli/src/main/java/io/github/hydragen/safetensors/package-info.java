/**
 * Safetensors files: eight bytes of header length (little-endian), a JSON header, then the tensors'
 * bytes without a gap.
 *
 * <p>Source: the format's description in the repository {@code huggingface/safetensors}.
 */
@NullMarked
package io.github.hydragen.safetensors;

import org.jspecify.annotations.NullMarked;
