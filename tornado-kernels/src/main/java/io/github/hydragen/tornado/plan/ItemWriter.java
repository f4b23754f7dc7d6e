package io.github.hydragen.tornado.plan;

import io.github.hydragen.EngineOptions;
import io.github.hydragen.tornado.kernels.RowList;
import io.github.hydragen.tornado.store.Layout;
import io.github.hydragen.tornado.store.PrefixPool;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** Adds query tokens to plans, and work items for the keys that they see. */
public final class ItemWriter {
  private final Layout layout;
  private final PassShape shape;

  /** For passes of such a shape. */
  public ItemWriter(Layout layout, PassShape shape) {
    this.layout = layout;
    this.shape = shape;
  }

  /** Keys that lie behind each other: the first's place in its store, how many, its position. */
  public record Range(int firstKey, int keys, int position) {
    /**
     * The part that some of the tokens see, from a multiple of {@code step} keys on. If they see
     * none, as many keys as the pass needs at least, which it hides from all.
     */
    Range visibleTo(List<int[]> tokens, int step, int least) {
      int first = Integer.MAX_VALUE;
      int last = -1;
      for (int[] token : tokens) {
        first = Math.min(first, token[RowList.FIRST_VISIBLE]);
        last = Math.max(last, token[RowList.LAST_VISIBLE]);
      }
      int skipped = Math.min(keys, Math.max(0, first - position)) / step * step;
      long end = Math.min((long) position + keys, (long) last + 1);
      int left = (int) Math.max(0, end - position - skipped);
      return left == 0
          ? new Range(firstKey, Math.min(least, keys), position)
          : new Range(firstKey + skipped, left, position + skipped);
    }
  }

  /** What takes the query tokens of a sequence: {@code first} to {@code last} of {@code count}. */
  public interface SequenceTokens {
    /**
     * Takes them.
     *
     * @param token0 the number in the execution of token 0 of the sequence
     */
    void accept(int sequence, int count, int first, int last, int token0);
  }

  /** Deals query tokens {@code from} to {@code to} of a call to their sequences. */
  public static void forEach(int[] counts, long from, long to, SequenceTokens each) {
    long token = 0;
    for (int s = 0; s < counts.length && token < to; s++) {
      int first = (int) Math.max(0, from - token);
      int last = (int) Math.min(counts[s], to - token);
      if (first < last) {
        each.accept(s, counts[s], first, last, (int) (token - from));
      }
      token += counts[s];
    }
  }

  /**
   * The query tokens of a sequence and what they see, as entries of a row list; arguments as of
   * {@link SequenceTokens}.
   *
   * @param prefixLength tokens of its prefixes
   * @param length of its suffix
   */
  public List<int[]> visible(
      int prefixLength, int length, int count, int first, int last, int token0) {
    List<int[]> tokens = new ArrayList<>();
    for (int i = first; i < last; i++) {
      // A query before its suffix still sees all of its prefixes.
      tokens.add(visible(token0 + i, prefixLength + Math.max(-1, length - count + i)));
    }
    return tokens;
  }

  /**
   * Row lists for a prefix: one of all tokens that see it, or if sharing it does not pay one of
   * each sequence.
   *
   * @param length of the prefix
   * @param sequences the tokens of each
   */
  public static List<List<int[]>> rowLists(
      SharingModel model, int length, List<List<int[]>> sequences) {
    List<int[]> all = sequences.stream().flatMap(List::stream).toList();
    return model.estimate(length, sequences.size(), all.size()).shared() ? List.of(all) : sequences;
  }

  private int[] visible(int token, int position) {
    EngineOptions options = layout.options();
    int first = options.window() < 0 ? 0 : Math.max(0, position - options.window());
    int last = options.causal() ? position : Integer.MAX_VALUE;
    return new int[] {token, first, last};
  }

  /** Adds a row list and returns its first entry. */
  public int addRows(StepPlan plan, List<int[]> tokens) {
    int entries = plan.entries();
    for (int[] token : tokens) {
      plan.addRow(token[RowList.TOKEN], token[RowList.FIRST_VISIBLE], token[RowList.LAST_VISIBLE]);
    }
    return entries;
  }

  /**
   * Adds the items of a row list, as many as a pass needs for its rows, each with the keys that its
   * own tokens see.
   *
   * @param tokens the row list, whose first entry is {@code entries}
   * @param ranges the keys of each tile of rows
   * @param last whether the pass merges the slots before
   */
  public void addItems(
      StepPlan plan,
      Pass pass,
      List<int[]> tokens,
      int entries,
      IntFunction<Range> ranges,
      int slot,
      boolean last) {
    boolean matrix = layout.tuned() && !pass.suffix();
    int aligned = matrix ? PrefixPool.TILE : 1;
    // The matrix pass takes its first tile for granted.
    int least = matrix ? 1 : 0;
    int group = layout.shape().groupSize();
    int rows = tokens.size() * group;
    int step = shape.rows(pass);
    for (int row = 0; row < rows; row += step) {
      int count = Math.min(step, rows - row);
      List<int[]> own = tokens.subList(row / group, (row + count - 1) / group + 1);
      Range range = ranges.apply(row / step).visibleTo(own, aligned, least);
      plan.addItem(
          pass, count, row, entries, range.firstKey(), range.keys(), range.position(), slot, last);
    }
  }
}
