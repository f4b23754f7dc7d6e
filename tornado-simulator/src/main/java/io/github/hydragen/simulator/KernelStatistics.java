package io.github.hydragen.simulator;

import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * What the launches of a task did.
 *
 * @param task the name of the graph, a dot and the id of the task
 * @param launches how often it ran
 * @param workGroups that ran
 * @param threads that ran
 * @param barriers that work-groups passed
 * @param shuffles that warps carried out
 * @param matrixOperations multiplications of fragments that warps carried out
 * @param sites the instructions that use memory, in the order of first use
 */
public record KernelStatistics(
    String task,
    long launches,
    long workGroups,
    long threads,
    long barriers,
    long shuffles,
    long matrixOperations,
    List<SiteStatistics> sites) {

  /** Copies the list. */
  public KernelStatistics {
    sites = List.copyOf(sites);
  }

  /** Returns what was read from global memory. */
  public GlobalTraffic loads() {
    return global(site -> true, SiteStatistics::loads);
  }

  /** Returns what was written to global memory. */
  public GlobalTraffic stores() {
    return global(site -> true, SiteStatistics::stores);
  }

  /** Returns what was read of the array that is argument number {@code argument}, from 0. */
  public GlobalTraffic loadsOf(int argument) {
    return global(site -> site.argument() == argument, SiteStatistics::loads);
  }

  /** Returns what was written to the array that is argument number {@code argument}, from 0. */
  public GlobalTraffic storesOf(int argument) {
    return global(site -> site.argument() == argument, SiteStatistics::stores);
  }

  /** Returns what was read from and written to local memory. */
  public LocalTraffic local() {
    return sites.stream().map(SiteStatistics::local).reduce(LocalTraffic.NONE, LocalTraffic::plus);
  }

  private GlobalTraffic global(
      Predicate<SiteStatistics> where, Function<SiteStatistics, GlobalTraffic> what) {
    return sites.stream().filter(where).map(what).reduce(GlobalTraffic.NONE, GlobalTraffic::plus);
  }
}
