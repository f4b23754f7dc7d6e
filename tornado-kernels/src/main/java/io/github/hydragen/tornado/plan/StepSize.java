package io.github.hydragen.tornado.plan;

import io.github.hydragen.tornado.store.Layout;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * The sizes that are fixed when a graph is built: what each of its executions has room for.
 *
 * @param tokens the most query tokens, and new tokens, of an execution; a multiple of 4
 * @param slots the most partial states of a token
 * @param merged whether the passes over suffixes merge
 * @param entries the most row entries
 * @param items the most work items of each pass
 * @param prefixLasts how many times as long as a work-group for suffixes one for a prefix lasts
 */
public record StepSize(
    int tokens,
    int slots,
    boolean merged,
    int entries,
    Map<Pass, Integer> items,
    double prefixLasts) {
  /** New tokens of prefixes in an execution, at most: few, as the steps have none. */
  private static final int MOST_PREFIX_TOKENS = 64;

  /** Keeps the numbers of items as they are now. */
  public StepSize {
    items = Collections.unmodifiableMap(new TreeMap<>(items));
  }

  /** New tokens of prefixes that an execution takes. */
  public int prefixTokens() {
    return Math.min(tokens, MOST_PREFIX_TOKENS);
  }

  /** Whether an execution has room for a plan. */
  public boolean fits(StepPlan plan) {
    return plan.entries() <= entries
        && plan.work().keySet().stream()
            .allMatch(pass -> plan.items(pass) <= items.getOrDefault(pass, 0));
  }

  /** Bytes of the arrays beside the stored keys and values. */
  public long bytes(Layout layout, long stores) {
    long states = layout.stateElements(tokens, slots) + layout.stateRows(tokens, slots);
    // Queries, also as they are sent, and outputs.
    long outputs = (long) tokens * (3L * layout.queryRow() + layout.shape().queryHeads());
    long ints = StepArray.ints(this, stores) + tokens;
    return 4 * (states + outputs + ints) + layout.kvBytes(tokens);
  }
}
