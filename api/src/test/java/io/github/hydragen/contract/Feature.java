package io.github.hydragen.contract;

import io.github.hydragen.DataType;
import io.github.hydragen.EngineOptions;

/** What a backend may not support yet; each says so in {@code unsupported()}. */
public enum Feature {
  /** {@link DataType#F16} storage of keys and values. */
  F16_STORAGE,
  /** {@link DataType#BF16} storage of keys and values. */
  BF16_STORAGE,
  /** Prefixes below prefixes. */
  LEVELS,
  /** More than one query a sequence and call, or different numbers. */
  SEVERAL_TOKENS,
  /** {@link EngineOptions#withCausal} false. */
  NON_CAUSAL,
  /** {@link EngineOptions#withWindow}. */
  WINDOW,
  /** {@link EngineOptions#withLogitSoftCap}. */
  SOFT_CAP,
  /** Turning a suffix into a prefix. */
  PROMOTE
}
