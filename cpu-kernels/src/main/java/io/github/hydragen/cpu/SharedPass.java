package io.github.hydragen.cpu;

import java.util.Arrays;

/** One prefix and the query tokens that see it, in one plan. */
final class SharedPass {
  final CpuPrefix prefix;

  /** Its plan: the batches of an engine have one each and may see the same prefixes. */
  final StepPlan plan;

  int[] tokens = new int[8];
  int count;
  int sequences;

  /** Whether one pass serves all; otherwise each sequence reads the prefix in its own pass. */
  boolean shared;

  /** Estimates of {@link SharingModel}, in microseconds. */
  double sharedMicros;

  double separateMicros;

  /** Parts that the prefix's tokens are cut into, so that all workers have something to do. */
  int splits;

  /** Slot of the first split's states. */
  int slot;

  /** Tiles of query rows. */
  int chunks;

  /** Query rows of a tile. */
  int chunkRows;

  /**
   * Number of its first item among those of one key/value head; if it is not shared and has none,
   * of the next pass's.
   */
  int firstItem;

  SharedPass(CpuPrefix prefix, StepPlan plan) {
    this.prefix = prefix;
    this.plan = plan;
  }

  /** Adds a sequence's query tokens, {@code n} from {@code first}. */
  void add(int first, int n) {
    sequences++;
    if (count + n > tokens.length) {
      tokens = Arrays.copyOf(tokens, Math.max(count + n, 2 * tokens.length));
    }
    for (int i = 0; i < n; i++) {
      tokens[count++] = first + i;
    }
  }

  /** First token of a split; a multiple of the strip, so that splits share no strip. */
  int splitStart(int split) {
    if (split == splits) {
      return prefix.tokens;
    }
    long strips = (prefix.tokens + KvLayout.STRIP - 1L) / KvLayout.STRIP;
    return (int) (strips * split / splits) * KvLayout.STRIP;
  }
}
