package io.github.hydragen.simulator.runtime;

import io.github.hydragen.simulator.GlobalTraffic;
import io.github.hydragen.simulator.KernelStatistics;
import io.github.hydragen.simulator.SiteStatistics;
import io.github.hydragen.simulator.bytecode.Site;
import io.github.hydragen.simulator.bytecode.SiteTable;
import io.github.hydragen.simulator.memory.LocalArray;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** Counts what the launches of one task do. */
final class TaskLog implements LaunchLog {
  private static final int LOCAL = -1;

  /** An instruction and the array it uses: an argument's number, or that of a local array. */
  private record Key(int site, int argument, long localAddress, boolean store) {}

  private final String task;
  private final SiteTable sites;
  private final Map<Key, SiteCounter> counters = new LinkedHashMap<>();
  private final Map<Integer, SectorReuse> reads = new HashMap<>();
  private final List<SiteCounter> open = new ArrayList<>();
  private final @Nullable Object[] lastArrays;
  private final @Nullable SiteCounter[] lastCounters;
  private List<Object> arguments = List.of();
  private @Nullable WorkItem reader;
  private long launches;
  private long workGroups;
  private long threads;
  private long barriers;
  private long shuffles;
  private long matrixOperations;

  TaskLog(String task, SiteTable sites) {
    this.task = task;
    this.sites = sites;
    lastArrays = new Object[sites.size()];
    lastCounters = new SiteCounter[sites.size()];
  }

  SiteTable sites() {
    return sites;
  }

  void launch(List<Object> newArguments, Grid grid) {
    arguments = newArguments;
    launches++;
    workGroups += grid.groups();
    threads += grid.groups() * grid.groupThreads();
  }

  @Override
  public void global(
      TornadoNativeArray array, int index, int count, boolean store, WorkItem item, int site) {
    SiteCounter counter = last(array, site);
    if (counter == null) {
      int argument = arguments.indexOf(array);
      SectorReuse reuse = store ? null : reads.computeIfAbsent(argument, any -> new SectorReuse());
      int bytes = array.getElementSize();
      counter =
          counters.computeIfAbsent(
              new Key(site, argument, 0, store),
              any ->
                  new SiteCounter(
                      TornadoNativeArray.ARRAY_HEADER, bytes, count * bytes, true, reuse));
      remember(array, site, counter);
    }
    add(counter, item, index);
  }

  /** Most instructions touch the same array every time. */
  private @Nullable SiteCounter last(Object array, int site) {
    return lastArrays[site] == array ? lastCounters[site] : null;
  }

  private void remember(Object array, int site, SiteCounter counter) {
    lastArrays[site] = array;
    lastCounters[site] = counter;
  }

  @Override
  public void local(LocalArray array, int index, WorkItem item, int site) {
    add(localCounter(array, site), item, index);
  }

  private SiteCounter localCounter(LocalArray array, int site) {
    SiteCounter counter = last(array, site);
    if (counter == null) {
      int bytes = array.elementBytes();
      counter =
          counters.computeIfAbsent(
              new Key(site, LOCAL, array.address(0), false),
              any -> new SiteCounter(array.address(0), bytes, bytes, false, null));
      remember(array, site, counter);
    }
    return counter;
  }

  private void add(SiteCounter counter, WorkItem item, int index) {
    if (counter.add(item.number() % Warp.LANES, index)) {
      open.add(counter);
      reader = item;
    }
  }

  @Override
  public void matrix(LocalArray array, long[] addresses, int site) {
    localCounter(array, site).countMatrix(addresses);
  }

  @Override
  public void converged() {
    WorkItem warp = reader;
    if (warp != null) {
      reads.values().forEach(read -> read.enter(warp));
    }
    open.forEach(SiteCounter::count);
    open.clear();
  }

  @Override
  public void barrier() {
    barriers++;
  }

  @Override
  public void shuffle() {
    shuffles++;
  }

  @Override
  public void multiply() {
    matrixOperations++;
  }

  KernelStatistics result() {
    List<SiteStatistics> found = new ArrayList<>();
    counters.forEach((key, counter) -> found.add(statistics(key, counter)));
    return new KernelStatistics(
        task, launches, workGroups, threads, barriers, shuffles, matrixOperations, found);
  }

  private SiteStatistics statistics(Key key, SiteCounter counter) {
    Site site = sites.get(key.site());
    GlobalTraffic traffic = counter.globalTraffic();
    return new SiteStatistics(
        site.method(),
        site.line(),
        site.action(),
        key.argument(),
        key.store() ? GlobalTraffic.NONE : traffic,
        key.store() ? traffic : GlobalTraffic.NONE,
        counter.localTraffic());
  }
}
