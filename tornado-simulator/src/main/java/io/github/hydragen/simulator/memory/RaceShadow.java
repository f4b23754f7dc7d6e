package io.github.hydragen.simulator.memory;

import org.jspecify.annotations.Nullable;

/**
 * The last write and the reads of each element of an array in global memory. Within a launch two
 * accesses, one of them a write, must not come from different work-groups, nor from different
 * threads of a group without a global barrier between them. Atomic additions go with each other.
 */
public final class RaceShadow {
  private static final int PAGE_BITS = 10;
  private static final int PAGE_SIZE = 1 << PAGE_BITS;
  private static final long SEVERAL_GROUPS = Long.MIN_VALUE;

  private final long[] @Nullable [] writes;
  private final long[] @Nullable [] reads;

  RaceShadow(int size) {
    int pages = (int) (((long) size + PAGE_SIZE - 1) >>> PAGE_BITS);
    writes = new long[pages][];
    reads = new long[pages][];
  }

  /** Notes a read; returns what it conflicts with, or null. */
  public @Nullable String read(int index, long stamp, long firstGroup) {
    String conflict = conflict("written", writeOf(index), stamp, firstGroup);
    if (conflict != null) {
      return conflict;
    }
    long[] page = page(reads, index);
    int slot = index & PAGE_SIZE - 1;
    long last = page[slot];
    if (last != stamp) {
      page[slot] = merged(last, stamp, firstGroup);
    }
    return null;
  }

  private static long merged(long last, long stamp, long firstGroup) {
    long known = last & ~SEVERAL_GROUPS;
    if (Stamp.group(known) < firstGroup) {
      return stamp;
    }
    if (Stamp.group(known) != Stamp.group(stamp)) {
      return stamp | SEVERAL_GROUPS;
    }
    long sticky = last & SEVERAL_GROUPS;
    return sticky | (Stamp.samePhase(known, stamp) ? Stamp.several(stamp) : stamp);
  }

  /** Notes a write; returns what it conflicts with, or null. */
  public @Nullable String write(int index, long stamp, long firstGroup) {
    String conflict = conflict("written", writeOf(index), stamp, firstGroup);
    return conflict != null ? conflict : overRead(index, stamp, stamp, firstGroup);
  }

  /** Notes an atomic addition; returns what it conflicts with, or null. */
  public @Nullable String add(int index, long stamp, long firstGroup) {
    long last = writeOf(index);
    String conflict = Stamp.isAtomic(last) ? null : conflict("written", last, stamp, firstGroup);
    return conflict != null ? conflict : overRead(index, stamp, Stamp.atomic(stamp), firstGroup);
  }

  private @Nullable String overRead(int index, long stamp, long mark, long firstGroup) {
    long last = readOf(index);
    long known = last & ~SEVERAL_GROUPS;
    if (last != known && Stamp.group(known) >= firstGroup) {
      return "it was read by several work-groups of this launch";
    }
    String conflict = conflict("read", known, stamp, firstGroup);
    if (conflict == null) {
      page(writes, index)[index & PAGE_SIZE - 1] = mark;
    }
    return conflict;
  }

  private static @Nullable String conflict(String verb, long last, long stamp, long firstGroup) {
    if (Stamp.group(last) < firstGroup || last == stamp) {
      return null;
    }
    if (Stamp.group(last) != Stamp.group(stamp)) {
      return "it was %s by another work-group of this launch".formatted(verb);
    }
    return Stamp.samePhase(last, stamp)
        ? "it was %s by %s of the group and there was no global barrier since"
            .formatted(verb, Stamp.describe(last))
        : null;
  }

  private long writeOf(int index) {
    long[] page = writes[index >>> PAGE_BITS];
    return page == null ? Stamp.NEVER : page[index & PAGE_SIZE - 1];
  }

  private long readOf(int index) {
    long[] page = reads[index >>> PAGE_BITS];
    return page == null ? Stamp.NEVER : page[index & PAGE_SIZE - 1];
  }

  private static long[] page(long[] @Nullable [] pages, int index) {
    long[] page = pages[index >>> PAGE_BITS];
    if (page == null) {
      page = new long[PAGE_SIZE];
      pages[index >>> PAGE_BITS] = page;
    }
    return page;
  }
}
