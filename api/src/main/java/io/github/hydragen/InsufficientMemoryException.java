package io.github.hydragen;

import java.util.Locale;

/** A request needs more memory than there is. Thrown before anything is allocated. */
public final class InsufficientMemoryException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final long neededBytes;
  private final long availableBytes;

  /**
   * For a request.
   *
   * @param what what was asked for, for instance {@code "a batch of 256 x 2560 tokens"}
   * @param remedy what helps, for instance {@code "take fewer sequences"}
   */
  public InsufficientMemoryException(
      String what, long neededBytes, long availableBytes, String remedy) {
    this(
        neededBytes,
        availableBytes,
        String.format(
            Locale.ROOT,
            "%s needs %.2f GiB, but %.2f GiB are available: %s",
            what,
            neededBytes / GIB,
            availableBytes / GIB,
            remedy));
  }

  private InsufficientMemoryException(long neededBytes, long availableBytes, String message) {
    super(message);
    this.neededBytes = neededBytes;
    this.availableBytes = availableBytes;
  }

  /**
   * For a request to the Java heap, which has a limit of its own.
   *
   * @param what what was asked for, for instance {@code "a call of 2048 query tokens"}
   */
  public static InsufficientMemoryException ofHeap(
      String what, long neededBytes, long availableBytes) {
    return new InsufficientMemoryException(
        neededBytes,
        availableBytes,
        String.format(
            Locale.ROOT,
            "%s needs %.2f GiB of the Java heap, but %.2f GiB are left: make it smaller or raise"
                + " -Xmx",
            what,
            neededBytes / GIB,
            availableBytes / GIB));
  }

  private static final double GIB = 1L << 30;

  /** Bytes that the request takes. */
  public long neededBytes() {
    return neededBytes;
  }

  /** Bytes that were available. */
  public long availableBytes() {
    return availableBytes;
  }
}
