package io.github.hydragen.tornado.plan;

import io.github.hydragen.tornado.kernels.RowList;
import io.github.hydragen.tornado.plan.StepPlanner.SuffixShape;

/**
 * Suffixes that the device lets grow by a token each in every execution, so that of the plan of
 * such a step nothing is sent again.
 *
 * @param shape how the suffixes lie
 * @param sequences of the batch
 * @param tiled whether their pass is one in tiles
 * @param itemsOfPart work items of a segment of a suffix
 * @param lengths sent by every execution
 */
public record Growing(
    SuffixShape shape, int sequences, boolean tiled, int itemsOfPart, Lengths lengths) {
  /** The suffixes of a plan of one token of every sequence, where no window hides keys. */
  static Growing of(StepPlan plan, SuffixShape shape, int itemsOfPart, Lengths lengths) {
    boolean tiled = plan.suffixes().get(0).pass().tiled();
    return new Growing(shape, plan.suffixes().size(), tiled, itemsOfPart, lengths);
  }

  /** Lets the queries of a plan see all of their suffixes, as they do, whatever these grow to. */
  public static void openEnded(StepPlan plan, StepArray array) {
    for (StepPlan.Suffix suffix : plan.suffixes()) {
      array.set(suffix.entry() * RowList.INTS + RowList.LAST_VISIBLE, Integer.MAX_VALUE);
    }
  }

  /** The first sequence whose suffix is in a store. */
  public int firstSequence(int store) {
    return store * (shape.perStore() / Math.max(1, shape.capacity()));
  }

  /** How many sequences have their suffixes in a store. */
  public int sequencesOf(int store) {
    return Math.min(sequences, firstSequence(store + 1)) - firstSequence(store);
  }

  /** The pass over the suffixes of a store. */
  public Pass pass(int store) {
    return new Pass(true, store, tiled);
  }
}
