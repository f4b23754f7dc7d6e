package io.github.hydragen.tornado;

import io.github.hydragen.spi.BackendPrefix;
import io.github.hydragen.spi.BatchView;
import org.jspecify.annotations.Nullable;

/** A batch's state that tests set. */
public final class FixedView implements BatchView {
  /** Tokens of each sequence's suffix. */
  public final int[] lengths;

  /** The prefix of each sequence. */
  public final @Nullable BackendPrefix[] prefixes;

  /** How often sequences were attached or detached. */
  public long attachments;

  /** Sequences with suffixes of so many tokens, and no prefixes. */
  public FixedView(int... lengths) {
    this.lengths = lengths;
    this.prefixes = new @Nullable BackendPrefix[lengths.length];
  }

  @Override
  public int sequences() {
    return lengths.length;
  }

  @Override
  public int length(int sequence) {
    return lengths[sequence];
  }

  @Override
  public @Nullable BackendPrefix prefix(int sequence) {
    return prefixes[sequence];
  }

  @Override
  public long attachments() {
    return attachments;
  }
}
