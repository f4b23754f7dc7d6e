package io.github.hydragen.spi;

import org.jspecify.annotations.Nullable;

/** What a backend sees of a batch's state; live, to be read only during a call. */
public interface BatchView {
  /** The number of sequences. */
  int sequences();

  /** Suffix tokens stored of a sequence. */
  int length(int sequence);

  /** The innermost prefix that a sequence belongs to, or null. */
  @Nullable BackendPrefix prefix(int sequence);

  /** Changes whenever any sequence's prefix changes: what is derived from them may be kept. */
  long attachments();
}
