package io.github.hydragen.cli.attend;

import io.github.hydragen.AttentionShape;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.Tensor;
import java.util.List;

/**
 * What a case file asks for, checked: every number fits the others.
 *
 * @param shape the head layout
 * @param options scale, mask, cap and storage type; no backend
 * @param queries [batch, newTokens, queryHeads, headDim]
 * @param suffixKeys [batch, capacity, kvHeads, headDim]; what lies beyond a sequence's length is
 *     padding and never read
 * @param suffixValues like {@code suffixKeys}
 * @param lengths suffix tokens of each sequence, its new tokens included
 * @param levels of shared prefixes, the root in front
 * @param notes what was ignored, one line each
 */
record AttentionCase(
    AttentionShape shape,
    EngineOptions options,
    Tensor queries,
    Tensor suffixKeys,
    Tensor suffixValues,
    List<Integer> lengths,
    List<Level> levels,
    List<String> notes) {

  /**
   * One level of prefixes: groups of tokens, one after another.
   *
   * @param keys [tokens, kvHeads, headDim]
   * @param values like {@code keys}
   * @param offsets where each group begins, and where the last ends
   * @param groups the group of each sequence
   */
  record Level(Tensor keys, Tensor values, List<Integer> offsets, List<Integer> groups) {
    Level {
      offsets = List.copyOf(offsets);
      groups = List.copyOf(groups);
    }

    Tensor keysOf(int group) {
      return keys.rows(offsets.get(group), offsets.get(group + 1));
    }

    Tensor valuesOf(int group) {
      return values.rows(offsets.get(group), offsets.get(group + 1));
    }
  }

  AttentionCase {
    lengths = List.copyOf(lengths);
    levels = List.copyOf(levels);
    notes = List.copyOf(notes);
  }

  int batch() {
    return lengths.size();
  }
}
