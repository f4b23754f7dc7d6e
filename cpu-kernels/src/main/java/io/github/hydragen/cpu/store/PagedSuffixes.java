package io.github.hydragen.cpu.store;

import io.github.hydragen.cpu.memory.MemoryAccount;
import io.github.hydragen.spi.BatchView;
import java.util.ArrayList;
import java.util.List;

/** Pages that sequences take as they grow: page {@code p} holds tokens from {@code p * size}. */
public final class PagedSuffixes implements Suffixes {
  private final PagePool pool;
  private final int pageTokens;
  private final List<List<PagePool.Page>> pages = new ArrayList<>();

  /** Without any page. */
  public PagedSuffixes(
      KvLayout layout, MemoryAccount account, int pageTokens, int sequences, int capacity) {
    this.pageTokens = pageTokens;
    this.pool = new PagePool(layout, account, pageTokens, sequences * (long) pages(capacity));
    for (int s = 0; s < sequences; s++) {
      pages.add(new ArrayList<>(0));
    }
  }

  private int pages(int tokens) {
    return (int) (((long) tokens + pageTokens - 1) / pageTokens);
  }

  @Override
  public void reserve(BatchView view, int[] counts) {
    long missing = 0;
    for (int s = 0; s < counts.length; s++) {
      missing += pages(view.length(s) + counts[s]) - pages.get(s).size();
    }
    pool.reserve(missing);
    for (int s = 0; s < counts.length; s++) {
      List<PagePool.Page> own = pages.get(s);
      int needed = pages(view.length(s) + counts[s]);
      while (own.size() < needed) {
        own.add(pool.take());
      }
    }
  }

  @Override
  public void truncate(int sequence, int length) {
    List<PagePool.Page> own = pages.get(sequence);
    int needed = pages(length);
    while (own.size() > needed) {
      pool.give(own.removeLast());
    }
  }

  @Override
  public KvStore set(KvRun run, int sequence, int head, int from, int to) {
    int number = from / pageTokens;
    int start = number * pageTokens;
    PagePool.Page page = pages.get(sequence).get(number);
    KvStore store = page.store();
    run.set(store, page.track(head), from - start, Math.min(to - start, pageTokens));
    run.renumber(start);
    return store;
  }

  @Override
  public void close() {
    for (int s = 0; s < pages.size(); s++) {
      truncate(s, 0);
    }
    pool.close();
  }
}
