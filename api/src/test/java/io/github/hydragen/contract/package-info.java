/**
 * What every backend must do, as tests that a backend's own test extends.
 *
 * <p>Start with {@link io.github.hydragen.contract.AttentionBackendContract}.
 */
@NullMarked
package io.github.hydragen.contract;

import org.jspecify.annotations.NullMarked;
