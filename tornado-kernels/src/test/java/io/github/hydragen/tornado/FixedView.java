package io.github.hydragen.tornado;

import io.github.hydragen.spi.BackendPrefix;
import io.github.hydragen.spi.BatchView;
import org.jspecify.annotations.Nullable;

/** A batch's state that tests set. */
final class FixedView implements BatchView {
  final int[] lengths;
  final @Nullable BackendPrefix[] prefixes;
  long attachments;

  FixedView(int... lengths) {
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
