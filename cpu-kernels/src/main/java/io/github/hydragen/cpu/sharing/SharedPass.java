package io.github.hydragen.cpu.sharing;

import io.github.hydragen.cpu.store.KvLayout;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A prefix and the query tokens that see it, in one plan. Prefixes behind one another that the same
 * tokens see are read by one pass, as if they were one: a chat that grew turn by turn costs no more
 * than one whose turns were stored together.
 */
public final class SharedPass {
  /** What it reads: prefixes with tokens, each the next one's ancestor. */
  public CpuPrefix[] prefixes;

  /** Tokens of all of them. */
  public int length;

  /** The pass over what lies before, if anything does. */
  public @Nullable SharedPass above;

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

  /** Tokens that are read before any of its own is read again; see {@link SharingModel}. */
  long readTogether;

  /** Parts that the prefix's tokens are cut into, so that all workers have something to do. */
  public int splits;

  /** Slot of the first split's states. */
  public int slot;

  /** Shared passes above it. */
  int level;

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
    this.prefixes = new CpuPrefix[] {prefix};
    this.length = prefix.tokens;
    this.plan = plan;
  }

  /** Position of the first token that it reads. */
  public int start() {
    return prefixes[0].start;
  }

  /** Whether the same query tokens see what a pass below it reads, so that both can be one. */
  boolean seesAsMuchAs(SharedPass below) {
    return count == below.count && length <= Integer.MAX_VALUE - below.length;
  }

  /** Reads another prefix too, which the same query tokens see behind the last. */
  void continueWith(CpuPrefix prefix) {
    prefixes = Arrays.copyOf(prefixes, prefixes.length + 1);
    prefixes[prefixes.length - 1] = prefix;
    length += prefix.tokens;
    prefix.pass = this;
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

  /**
   * First token of a split, counted from {@link #start}; a multiple of the strip, so that splits of
   * one prefix share no strip.
   */
  public int splitStart(int split) {
    if (split == splits) {
      return length;
    }
    long strips = (length + KvLayout.STRIP - 1L) / KvLayout.STRIP;
    return (int) (strips * split / splits) * KvLayout.STRIP;
  }
}
