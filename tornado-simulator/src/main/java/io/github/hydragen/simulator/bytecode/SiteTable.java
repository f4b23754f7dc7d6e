package io.github.hydragen.simulator.bytecode;

import java.util.ArrayList;
import java.util.List;

/** The watched instructions of the kernels of one class loader, by number. */
public final class SiteTable {
  private final List<Site> sites = new ArrayList<>();

  SiteTable() {}

  synchronized int add(String className, String method, int line, String action) {
    sites.add(new Site(sites.size(), className, method, line, action));
    return sites.size() - 1;
  }

  /** Returns the instruction of this number. */
  public synchronized Site get(int number) {
    return sites.get(number);
  }

  /** Returns the number of instructions so far. */
  public synchronized int size() {
    return sites.size();
  }
}
