package io.github.hydragen.reference;

import io.github.hydragen.AttentionPlan;
import io.github.hydragen.Tensor;
import io.github.hydragen.spi.BackendBatch;
import io.github.hydragen.spi.BackendPrefix;
import io.github.hydragen.spi.BatchView;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Suffixes in one store, {@code capacity} tokens a sequence; nothing is shared. */
final class ReferenceBatch implements BackendBatch {
  private final ReferenceBackend backend;
  private final int capacity;
  private final TokenStore suffixes;
  private final ExactAttention exact;

  ReferenceBatch(ReferenceBackend backend, int sequences, int capacity) {
    this.backend = backend;
    this.capacity = capacity;
    this.suffixes = backend.store((long) sequences * capacity);
    this.exact = new ExactAttention(backend.options, backend.shape.headDim());
  }

  @Override
  public void append(BatchView view, int[] counts, Tensor k, Tensor v) {
    long row = 0;
    for (int s = 0; s < counts.length; s++) {
      long token = (long) s * capacity + view.length(s);
      suffixes.write(token, k, row, counts[s]);
      suffixes.writeValues(token, v, row, counts[s]);
      row += counts[s];
    }
  }

  @Override
  public void attend(BatchView view, int[] counts, Tensor q, Tensor out, @Nullable Tensor lse) {
    int queryHeads = backend.shape.queryHeads();
    int headDim = backend.shape.headDim();
    float[] query = new float[headDim];
    long row = 0;
    for (int s = 0; s < counts.length; s++) {
      for (int i = 0; i < counts[s]; i++) {
        for (int h = 0; h < queryHeads; h++, row++) {
          for (int e = 0; e < headDim; e++) {
            query[e] = q.get(row * headDim + e);
          }
          Keys keys = new Keys(view, s, h / backend.shape.groupSize());
          double rowLse = exact.attend(query, keys.position(counts[s], i), keys);
          for (int e = 0; e < headDim; e++) {
            out.set(row * headDim + e, (float) exact.out()[e]);
          }
          if (lse != null) {
            lse.set(row, (float) rowLse);
          }
        }
      }
    }
  }

  @Override
  public BackendPrefix promote(int sequence, int length, @Nullable BackendPrefix parent) {
    TokenStore store = backend.store(length);
    store.copyFrom(suffixes, (long) sequence * capacity, length);
    return new ReferencePrefix((ReferencePrefix) parent, store, length);
  }

  @Override
  public AttentionPlan plan(BatchView view, int[] counts) {
    Map<ReferencePrefix, Integer> sequences = new LinkedHashMap<>();
    for (int s = 0; s < counts.length; s++) {
      for (ReferencePrefix prefix : ReferencePrefix.path((ReferencePrefix) view.prefix(s))) {
        if (counts[s] > 0 && prefix.length() > 0) {
          sequences.merge(prefix, 1, Integer::sum);
        }
      }
    }
    return new AttentionPlan(
        sequences.entrySet().stream()
            .map(
                seen ->
                    new AttentionPlan.Decision(
                        seen.getKey().depth(),
                        seen.getKey().length(),
                        seen.getValue(),
                        false,
                        0,
                        0))
            .toList());
  }

  @Override
  public void close() {
    suffixes.close();
  }

  /** What one head of a sequence sees: its prefixes' keys, then its suffix. */
  private final class Keys implements KeyValues {
    private final List<ReferencePrefix> path;
    private final long suffix;
    private final int kvHead;
    private final int prefixLength;
    private final int length;

    Keys(BatchView view, int sequence, int kvHead) {
      this.path = ReferencePrefix.path((ReferencePrefix) view.prefix(sequence));
      this.suffix = (long) sequence * capacity;
      this.kvHead = kvHead;
      this.prefixLength = path.stream().mapToInt(ReferencePrefix::length).sum();
      this.length = prefixLength + view.length(sequence);
    }

    /** Position of query {@code i} of {@code count}: every query sees all of its prefixes. */
    long position(int count, int i) {
      return Math.max(prefixLength - 1, (long) length - count + i);
    }

    @Override
    public int length() {
      return length;
    }

    @Override
    public void key(int j, float[] into) {
      int own = j;
      for (ReferencePrefix prefix : path) {
        if (own < prefix.length()) {
          prefix.tokens().key(own, kvHead, into);
          return;
        }
        own -= prefix.length();
      }
      suffixes.key(suffix + own, kvHead, into);
    }

    @Override
    public void value(int j, float[] into) {
      int own = j;
      for (ReferencePrefix prefix : path) {
        if (own < prefix.length()) {
          prefix.tokens().value(own, kvHead, into);
          return;
        }
        own -= prefix.length();
      }
      suffixes.value(suffix + own, kvHead, into);
    }
  }
}
