package io.github.hydragen.contract;

import io.github.hydragen.DataType;
import io.github.hydragen.Tensor;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Normal random keys, values and queries of a scenario, in its input type; lives with an arena. */
final class ScenarioData {
  final List<Tensor> prefixKeys = new ArrayList<>();
  final List<Tensor> prefixValues = new ArrayList<>();

  /** [suffix tokens of sequence 0, then 1, ..., kvHeads, headDim]. */
  final Tensor suffixKeys;

  final Tensor suffixValues;

  /** [new tokens of sequence 0, then 1, ..., queryHeads, headDim]. */
  final Tensor queries;

  ScenarioData(Scenario scenario, Arena arena) {
    SplittableRandom random = new SplittableRandom(scenario.seed);
    int kvHeads = scenario.shape.kvHeads();
    int headDim = scenario.shape.headDim();
    for (int length : scenario.prefixLengths) {
      prefixKeys.add(normal(random, arena, scenario.input, 1, length, kvHeads, headDim));
      prefixValues.add(normal(random, arena, scenario.input, 1, length, kvHeads, headDim));
    }
    long tokens = 0;
    for (int length : scenario.suffixes) {
      tokens += length;
    }
    suffixKeys = normal(random, arena, scenario.input, 1, tokens, kvHeads, headDim);
    suffixValues = normal(random, arena, scenario.input, 1, tokens, kvHeads, headDim);
    queries =
        normal(
            random,
            arena,
            scenario.input,
            scenario.queryFactor,
            scenario.rows(),
            scenario.shape.queryHeads(),
            headDim);
  }

  static Tensor normal(
      SplittableRandom random, Arena arena, DataType type, float factor, long... shape) {
    Tensor tensor = Tensor.allocate(arena, type, shape);
    for (long i = 0; i < tensor.elements(); i++) {
      tensor.set(i, factor * (float) random.nextGaussian());
    }
    return tensor;
  }

  /**
   * Rows of several ranges of the outermost dimension behind each other, in memory of their own.
   */
  static Tensor gather(Tensor tensor, int[] from, int[] count) {
    long rows = 0;
    for (int n : count) {
      rows += n;
    }
    long[] shape = tensor.shape();
    shape[0] = rows;
    Tensor gathered = Tensor.allocate(Arena.ofAuto(), tensor.type(), shape);
    long row = 0;
    for (int i = 0; i < from.length; i++) {
      Tensor source = tensor.rows(from[i], from[i] + (long) count[i]);
      gathered.rows(row, row + count[i]).segment().copyFrom(source.segment());
      row += count[i];
    }
    return gathered;
  }
}
