package io.github.hydragen.cpu.sharing;

import io.github.hydragen.cpu.store.KvLayout;
import java.util.Arrays;

/** One prefix and the query tokens that see it, in one plan. */
public final class SharedPass {
  /** What it reads. */
  public final CpuPrefix prefix;

  /** Its plan: the batches of an engine have one each and may see the same prefixes. */
  final StepPlan plan;

  /** Numbers of the query tokens, {@link #count} of them. */
  public int[] tokens = new int[8];

  /** Query tokens that see the prefix. */
  public int count;

  /** Sequences that these belong to. */
  public int sequences;

  /** Whether one pass serves all; otherwise each sequence reads the prefix in its own pass. */
  public boolean shared;

  /** Estimates of {@link SharingModel}, in microseconds. */
  public double sharedMicros;

  /** See {@link #sharedMicros}. */
  public double separateMicros;

  /** Parts that the prefix's tokens are cut into, so that all workers have something to do. */
  public int splits;

  /** Slot of the first split's states. */
  public int slot;

  /** Tiles of query rows. */
  int chunks;

  /** Query rows of a tile. */
  public int chunkRows;

  /**
   * Number of its first item among those of one key/value head; if it is not shared and has none,
   * of the next pass's.
   */
  public int firstItem;

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
  public int splitStart(int split) {
    if (split == splits) {
      return prefix.tokens;
    }
    long strips = (prefix.tokens + KvLayout.STRIP - 1L) / KvLayout.STRIP;
    return (int) (strips * split / splits) * KvLayout.STRIP;
  }
}
