package io.github.hydragen.cpu.store;

import io.github.hydragen.cpu.memory.MemoryAccount;
import io.github.hydragen.spi.HostMemory;
import java.util.Comparator;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * Pages of a number of tokens of all key/value heads, cut from slabs.
 *
 * <p>The oldest slab with a free page gives the next, so that younger ones become wholly free. Of
 * these one is kept for the next page, so that a sequence that comes when another goes need not
 * allocate; the others are freed at once.
 */
final class PagePool implements AutoCloseable {
  /** A slab holds one page, or as many as fit in this. */
  private static final long SLAB_BYTES = 8L << 20;

  private static final int KEPT = 1;

  private final KvLayout layout;
  private final MemoryAccount account;
  private final int pageTokens;
  private final int kvHeads;
  private final int slabPages;
  private final long slabBytes;
  private final long pageKvBytes;
  private final NavigableSet<Slab> slabs =
      new TreeSet<>(Comparator.comparingLong(slab -> slab.number));
  private long slabsMade;
  private long freePages;

  /** Slabs of which no page is taken. */
  private int whole;

  /**
   * An empty pool.
   *
   * @param most pages that will ever be taken at once: no slab is larger
   */
  PagePool(KvLayout layout, MemoryAccount account, int pageTokens, long most) {
    this.layout = layout;
    this.account = account;
    this.pageTokens = pageTokens;
    this.kvHeads = layout.shape.kvHeads();
    long fit = SLAB_BYTES / KvStore.bytes(layout, kvHeads, pageTokens);
    this.slabPages = (int) Math.max(1, Math.min(fit, most));
    this.slabBytes = KvStore.bytes(layout, (long) slabPages * kvHeads, pageTokens);
    this.pageKvBytes = KvStore.kvBytes(layout, kvHeads, pageTokens);
  }

  /** A page: a track of a slab's store for each key/value head. */
  final class Page {
    private final Slab slab;
    private final long firstTrack;

    Page(Slab slab, int index) {
      this.slab = slab;
      this.firstTrack = (long) index * kvHeads;
    }

    KvStore store() {
      return slab.store;
    }

    long track(int head) {
      return firstTrack + head;
    }
  }

  /** Memory of some pages, with a stack of those that are free. */
  private final class Slab {
    final long number = slabsMade++;
    final KvStore store = KvStore.ofPages(layout, account, (long) slabPages * kvHeads, pageTokens);
    final Page[] free = new Page[slabPages];
    int freeCount = slabPages;

    Slab() {
      for (int i = 0; i < slabPages; i++) {
        free[i] = new Page(this, slabPages - 1 - i);
      }
    }
  }

  /**
   * Makes sure of that many free pages.
   *
   * @throws io.github.hydragen.InsufficientMemoryException before anything is allocated
   */
  void reserve(long pages) {
    if (pages <= freePages) {
      return;
    }
    long more = (pages - freePages + slabPages - 1) / slabPages;
    HostMemory.require(
        "an append that takes " + pages + " pages of " + pageTokens + " tokens",
        HostMemory.product(more, slabBytes),
        HostMemory.remedy("append less or clear other sequences first", layout.type));
    for (long i = 0; i < more; i++) {
      slabs.add(new Slab());
      whole++;
      freePages += slabPages;
    }
  }

  /** Takes a page, whose contents may be anything; {@link #reserve} has made sure of it. */
  Page take() {
    Slab slab = slabs.first();
    if (slab.freeCount == slabPages) {
      whole--;
    }
    Page page = slab.free[--slab.freeCount];
    if (slab.freeCount == 0) {
      slabs.remove(slab);
    }
    freePages--;
    account.add(pageKvBytes, 0);
    return page;
  }

  /** Takes a page back. */
  void give(Page page) {
    Slab slab = page.slab;
    slab.free[slab.freeCount++] = page;
    slabs.add(slab);
    freePages++;
    account.add(-pageKvBytes, 0);
    if (slab.freeCount == slabPages) {
      slab.store.special = false;
      whole++;
      if (whole > KEPT) {
        free(slab);
      }
    }
  }

  private void free(Slab slab) {
    slabs.remove(slab);
    whole--;
    freePages -= slabPages;
    slab.store.close();
  }

  /** Frees the slabs; all pages have been given back. */
  @Override
  public void close() {
    while (!slabs.isEmpty()) {
      free(slabs.first());
    }
  }
}
