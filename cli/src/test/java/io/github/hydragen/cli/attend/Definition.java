package io.github.hydragen.cli.attend;

import io.github.hydragen.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Attention on a case by its definition, written from the file format alone: shares no code with
 * the engine.
 */
final class Definition {
  /** A key that a query sees: where it is, and its value's place in the other tensor. */
  private record Seen(Tensor k, Tensor v, long token) {}

  private final RandomCase input;

  Definition(RandomCase input) {
    this.input = input;
  }

  /**
   * One row.
   *
   * @return out, and behind it lse
   */
  double[] row(int sequence, int token, int head) {
    int kvHead = head / (input.queryHeads / input.kvHeads);
    int d = input.headDim;
    long query = ((long) sequence * input.newTokens + token) * input.queryHeads + head;
    double scale = input.scale == 0 ? 1 / Math.sqrt(d) : input.scale;
    double[] row = new double[d + 1];
    double sum = 0;
    for (Seen seen : seen(sequence, token)) {
      long at = (seen.token * input.kvHeads + kvHead) * d;
      double score = 0;
      for (int i = 0; i < d; i++) {
        score += (double) input.q.get(query * d + i) * seen.k.get(at + i);
      }
      score *= scale;
      if (input.softCap != 0) {
        score = input.softCap * Math.tanh(score / input.softCap);
      }
      double weight = Math.exp(score);
      sum += weight;
      for (int i = 0; i < d; i++) {
        row[i] += weight * seen.v.get(at + i);
      }
    }
    for (int i = 0; i < d && sum > 0; i++) {
      row[i] /= sum;
    }
    row[d] = Math.log(sum);
    return row;
  }

  private List<Seen> seen(int sequence, int token) {
    List<Seen> all = new ArrayList<>();
    for (int i = 0; i < input.levels.size(); i++) {
      RandomCase.Level level = input.levels.get(i);
      int group = input.group(i, sequence);
      for (int t = level.offsets().get(group); t < level.offsets().get(group + 1); t++) {
        all.add(new Seen(level.k(), level.v(), t));
      }
    }
    int prefix = all.size();
    int length = input.lengths.get(sequence);
    int last = length - input.newTokens + token;
    for (int j = 0; j < length; j++) {
      if (!input.causal || j <= last) {
        all.add(new Seen(input.k, input.v, (long) sequence * input.capacity + j));
      }
    }
    int position = prefix + Math.max(-1, last);
    int first = input.window < 0 ? 0 : position - input.window;
    return all.subList(Math.clamp(first, 0, all.size()), all.size());
  }
}
