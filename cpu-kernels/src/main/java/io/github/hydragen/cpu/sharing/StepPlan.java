package io.github.hydragen.cpu.sharing;

import io.github.hydragen.AttentionShape;
import io.github.hydragen.cpu.kernel.Partials;
import io.github.hydragen.cpu.kernel.StreamKernel;
import io.github.hydragen.cpu.store.KvLayout;
import io.github.hydragen.spi.BatchView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one call of attend does: the shared passes, each sequence's own pass, and the slots in which
 * they leave the states to merge. Kept and filled again for every call.
 */
public final class StepPlan {
  private static final int ITEMS_PER_WORKER = 4;
  private static final int MIN_SPLIT_TOKENS = 512;

  private final AttentionShape shape;
  private final SharingModel model;
  private final int workers;
  private final int matrixRows;

  /** Those above come first. An array, because its iteration allocates nothing. */
  public SharedPass[] passes = new SharedPass[0];

  /** Of each query token: its sequence, and its position among the sequence's tokens. */
  public int[] sequenceOf = new int[0];

  /** See {@link #sequenceOf}. */
  public long[] positionOf = new long[0];

  /** Of each sequence: its first query token; one more entry ends the last. */
  public final int[] firstToken;

  /** Sequences that have query tokens: a server's batch may hold thousands that have none. */
  public final int[] active;

  /** Entries of {@link #active}. */
  public int activeCount;

  private final int[] lastCounts;
  private long attachments = -1;

  /** Query tokens. */
  public int tokens;

  /** Suffix tokens that the query tokens see, summed over them. */
  long ownTokens;

  /** Whether suffixes are so small that they stay in the caches of their workers. */
  public boolean cached;

  /** Most rows of an item that goes through the matrix kernel. */
  public int itemRows;

  /** Items of the shared passes at one key/value head. */
  public int headItems;

  /** Parts that the tokens of a sequence's own pass are cut into. */
  public int ownSplits;

  /** Parts of the rows of a sequence's own pass, where these are many. */
  public int ownParts;

  /** Slots that {@link Partials} needs. */
  public int slots;

  /**
   * An empty plan.
   *
   * @param matrixRows most rows of an item of the matrix kernel
   * @param sequences of the batch
   */
  public StepPlan(
      AttentionShape shape, SharingModel model, int workers, int matrixRows, int sequences) {
    this.shape = shape;
    this.model = model;
    this.workers = workers;
    this.matrixRows = matrixRows;
    this.firstToken = new int[sequences + 1];
    this.active = new int[sequences];
    this.lastCounts = new int[sequences];
  }

  /** Fills the plan for a call. */
  public void prepare(BatchView view, int[] counts) {
    layOutTokens(view, counts);
    collectPasses(view, counts);
    cached = model.staysCached(ownTokens);
    cutOwn(view, counts);
    slots = ownSplits;
    headItems = 0;
    int levels = 0;
    int splits = 1;
    for (SharedPass pass : passes) {
      cut(pass);
    }
    model.decide(this);
    for (SharedPass pass : passes) {
      pass.firstItem = headItems;
      SharedPass above = pass.above;
      pass.level = above == null ? 0 : above.level + (above.shared ? 1 : 0);
      if (pass.shared) {
        itemRows = Math.max(itemRows, Math.min(pass.chunkRows, pass.count * shape.groupSize()));
        headItems += pass.chunks * pass.splits;
        levels = Math.max(levels, pass.level + 1);
        splits = Math.max(splits, pass.splits);
      }
    }
    for (SharedPass pass : passes) {
      pass.slot = ownSplits + pass.level * splits;
    }
    slots += levels * splits;
  }

  private void layOutTokens(BatchView view, int[] counts) {
    int sequences = view.sequences();
    long total = 0;
    for (int s = 0; s < sequences; s++) {
      firstToken[s] = (int) total;
      total += counts[s];
    }
    if (total * shape.queryHeads() > Partials.mostRows(shape.headDim())) {
      throw new IllegalArgumentException(
          total + " query tokens are too many for one call: attend to them in several");
    }
    tokens = (int) total;
    ownTokens = 0;
    activeCount = 0;
    firstToken[sequences] = tokens;
    if (sequenceOf.length < tokens) {
      // Last the one that is asked for: an allocation may fail.
      positionOf = new long[tokens];
      sequenceOf = new int[tokens];
    }
    for (int s = 0; s < sequences; s++) {
      if (counts[s] == 0) {
        continue;
      }
      active[activeCount++] = s;
      long prefix = prefixTokens(view, s);
      ownTokens += (long) counts[s] * view.length(s);
      for (int i = 0; i < counts[s]; i++) {
        int token = firstToken[s] + i;
        sequenceOf[token] = s;
        positionOf[token] = prefix + Math.max(-1, view.length(s) - counts[s] + i);
      }
    }
  }

  private static long prefixTokens(BatchView view, int sequence) {
    CpuPrefix leaf = (CpuPrefix) view.prefix(sequence);
    return leaf == null ? 0 : (long) leaf.start + leaf.tokens;
  }

  /** Groups the query tokens by prefix, or finds them as they were: then nothing is allocated. */
  private void collectPasses(BatchView view, int[] counts) {
    if (view.attachments() == attachments && Arrays.equals(counts, lastCounts)) {
      for (SharedPass pass : passes) {
        for (CpuPrefix prefix : pass.prefixes) {
          prefix.pass = pass;
        }
      }
      return;
    }
    for (SharedPass pass : passes) {
      for (CpuPrefix prefix : pass.prefixes) {
        prefix.pass = null;
      }
    }
    List<SharedPass> found = new ArrayList<>();
    for (int i = 0; i < activeCount; i++) {
      int s = active[i];
      addPath((CpuPrefix) view.prefix(s), firstToken[s], counts[s], found);
    }
    passes = joined(found);
    attachments = view.attachments();
    System.arraycopy(counts, 0, lastCounts, 0, counts.length);
  }

  /** Makes one pass of prefixes that the same tokens see; ancestors come first. */
  private static SharedPass[] joined(List<SharedPass> found) {
    found.sort(Comparator.comparingInt(pass -> pass.prefixes[0].depth));
    List<SharedPass> joined = new ArrayList<>();
    for (SharedPass pass : found) {
      CpuPrefix prefix = pass.prefixes[0];
      SharedPass above = lowest(prefix.parent);
      if (above != null && above.seesAsMuchAs(pass)) {
        above.continueWith(prefix);
      } else {
        pass.above = above;
        joined.add(pass);
      }
    }
    return joined.toArray(SharedPass[]::new);
  }

  /** The pass over the last tokens of a path; null if it has none. */
  public static @Nullable SharedPass lowest(@Nullable CpuPrefix leaf) {
    CpuPrefix prefix = leaf;
    while (prefix != null && prefix.tokens == 0) {
      prefix = prefix.parent;
    }
    return prefix == null ? null : prefix.pass;
  }

  private void addPath(@Nullable CpuPrefix leaf, int first, int count, List<SharedPass> found) {
    for (CpuPrefix p = leaf; p != null; p = p.parent) {
      if (p.tokens > 0) {
        SharedPass pass = p.pass;
        if (pass == null || pass.plan != this) {
          pass = new SharedPass(p, this);
          p.pass = pass;
          found.add(pass);
        }
        pass.add(first, count);
      }
    }
  }

  /** Cuts a shared pass into items: heads x tiles of rows x splits of its tokens. */
  private void cut(SharedPass pass) {
    int rows = pass.count * shape.groupSize();
    pass.chunkRows = rows <= StreamKernel.MAX_ROWS ? StreamKernel.MAX_ROWS : matrixRows;
    pass.chunks = (rows + pass.chunkRows - 1) / pass.chunkRows;
    pass.splits = splits(shape.kvHeads() * pass.chunks, pass.length);
  }

  private int splits(int items, int length) {
    int wanted = Math.ceilDiv(ITEMS_PER_WORKER * workers, Math.max(1, items));
    return workers == 1 ? 1 : Math.max(1, Math.min(wanted, length / MIN_SPLIT_TOKENS));
  }

  /**
   * Cuts own passes into items: heads x sequences x parts of their rows x splits of their tokens.
   */
  private void cutOwn(BatchView view, int[] counts) {
    int longest = 0;
    long all = 0;
    int most = 0;
    int ofMatrices = 0;
    for (int i = 0; i < activeCount; i++) {
      int s = active[i];
      int rows = counts[s] * shape.groupSize();
      int reached = model.reached(view.length(s), counts[s]);
      longest = Math.max(longest, reached);
      all += reached;
      most = Math.max(most, rows);
      // Which prefixes are not shared, so what a token reads, is decided later.
      ofMatrices += StreamKernel.takesOwn(counts[s], shape.groupSize()) ? 0 : 1;
    }
    int wanted =
        Math.ceilDiv(ITEMS_PER_WORKER * workers, Math.max(1, ofMatrices) * shape.kvHeads());
    boolean cut = workers > 1 && ofMatrices > 0;
    int tracks = activeCount * shape.kvHeads();
    // Items are numbered by an int.
    int mostOfTrack = Integer.MAX_VALUE / Math.max(1, tracks);
    ownParts = cut ? Math.min(wanted, Math.ceilDiv(most, matrixRows)) : 1;
    ownParts = Math.min(ownParts, mostOfTrack);
    // Of one long sequence among short ones few workers would do all.
    int asLong = (int) Math.ceilDiv(all, Math.max(1, longest)) * shape.kvHeads();
    ownSplits = Math.min(splits(asLong * ownParts, longest), mostOfTrack / ownParts);
    itemRows = ofMatrices > 0 ? Math.min(most, matrixRows) : 0;
  }

  /** The pass that an item of a key/value head belongs to: the last that begins there or before. */
  public SharedPass passOf(int headItem) {
    int low = 0;
    int high = passes.length;
    while (high - low > 1) {
      int middle = (low + high) >>> 1;
      if (passes[middle].firstItem <= headItem) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return passes[low];
  }

  /**
   * First token of a split of a sequence's suffix; a multiple of the strip, or its end. Splits that
   * end where they begin, but for the first, have no states.
   *
   * @param from first token that any of its query tokens sees
   */
  public int ownSplitStart(int from, int length, int split) {
    int first = Math.min(from, length) / KvLayout.STRIP;
    long strips = Math.ceilDiv(length, KvLayout.STRIP) - (long) first;
    return (int) Math.min((first + strips * split / ownSplits) * KvLayout.STRIP, length);
  }

  /** Whether a sequence's own pass is all that its rows take part in. */
  public boolean ownOnly(@Nullable CpuPrefix leaf) {
    if (ownSplits > 1) {
      return false;
    }
    for (SharedPass pass = lowest(leaf); pass != null; pass = pass.above) {
      if (pass.shared) {
        return false;
      }
    }
    return true;
  }

  /** Whether one pass over a prefix serves all of its sequences. */
  public static boolean isShared(CpuPrefix prefix) {
    return prefix.pass != null && prefix.pass.shared;
  }
}
