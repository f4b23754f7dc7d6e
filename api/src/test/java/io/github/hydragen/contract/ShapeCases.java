package io.github.hydragen.contract;

import io.github.hydragen.AttentionShape;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Head layouts, batch sizes and lengths, the awkward ones in front. */
abstract class ShapeCases {
  private final AttentionBackendContract contract;

  ShapeCases(AttentionBackendContract contract) {
    this.contract = contract;
  }

  static Stream<Scenario> layouts() {
    List<Scenario> cases = new ArrayList<>();
    int[][] heads = {{1, 1}, {4, 4}, {8, 2}, {6, 2}, {10, 2}, {7, 1}, {16, 1}};
    for (int headDim : new int[] {1, 3, 8, 13, 40, 64, 80, 96, 128, 192, 256}) {
      for (int[] pair : heads) {
        AttentionShape shape = AttentionShape.of(pair[0], pair[1], headDim);
        cases.add(Scenario.shared(shape.toString(), shape, 37, 1, 19, 6, 8, 33));
      }
    }
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("layouts")
  void headLayout(Scenario scenario) {
    contract.check(scenario);
  }

  static Stream<Scenario> batches() {
    List<Scenario> cases = new ArrayList<>();
    for (int batch : new int[] {1, 2, 3, 12, 17, 64}) {
      for (int kvHeads : new int[] {1, 2, 4}) {
        int[] suffixes = new int[batch];
        for (int s = 0; s < batch; s++) {
          suffixes[s] = 1 + s * 7 % 23;
        }
        AttentionShape shape = AttentionShape.of(4, kvHeads, 64);
        cases.add(
            Scenario.shared("batch " + batch + ", kv heads " + kvHeads, shape, 130, suffixes));
      }
    }
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("batches")
  void batchSize(Scenario scenario) {
    contract.check(scenario);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 8, 13, 31, 32, 33, 127, 128, 129, 207, 255, 257, 1000, 4098})
  void prefixLength(int length) {
    contract.check(
        Scenario.shared("prefix " + length, AttentionShape.of(4, 2, 32), length, 5, 9, 2));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7, 8, 13, 15, 16, 17, 31, 32, 33, 127, 128, 129, 207, 4098})
  void suffixLength(int length) {
    contract.check(
        Scenario.shared("suffix " + length, AttentionShape.of(4, 2, 32), 21, 3, length, 1));
    contract.check(
        Scenario.shared("suffix " + length, AttentionShape.of(4, 4, 32), 21, 3, length, 1));
  }

  @ParameterizedTest
  @CsvSource({"0, 5", "5, 0", "0, 0", "64, 0", "0, 64"})
  void emptyPrefixSuffixOrBoth(int prefix, int suffix) {
    String name = "prefix " + prefix + ", suffix " + suffix;
    AttentionShape shape = AttentionShape.of(4, 2, 16);
    contract.check(Scenario.shared(name, shape, prefix, suffix, suffix, suffix));
    contract.check(Scenario.shared(name, shape, prefix, suffix, suffix, suffix).spare(0));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 4})
  void someSequencesWithoutPrefixOrSuffix(int kvHeads) {
    Scenario scenario =
        new Scenario("mixed, kv heads " + kvHeads, AttentionShape.of(4, kvHeads, 24))
            .tree(new int[] {-1, -1}, new int[] {17, 40})
            .sequences(new int[] {-1, 0, 1, 0, -1, 1, 0}, new int[] {4, 0, 7, 12, 0, 0, 1});
    contract.check(scenario);
  }

  static Stream<Scenario> trees() {
    AttentionShape shape = AttentionShape.of(6, 2, 40);
    int[] alternating = {0, 3, 1, 4, 2, 3, 0, 1, 4, -1};
    int[] suffixes = {4, 9, 0, 1, 17, 2, 3, 33, 5, 6};
    return Stream.of(
        new Scenario("sequences of a node are not neighbours", shape)
            .tree(new int[] {-1, 0, 0, 1, 1}, new int[] {20, 7, 33, 1, 12})
            .sequences(alternating, suffixes),
        new Scenario("empty nodes at the root, between and at a leaf", shape)
            .tree(new int[] {-1, 0, 1, 2, 2}, new int[] {0, 11, 0, 5, 0})
            .sequences(alternating, suffixes),
        new Scenario("nodes without sequences", shape)
            .tree(new int[] {-1, 0, 1, 0, -1, 4}, new int[] {8, 9, 10, 11, 12, 13})
            .sequences(new int[] {1, 1, 0}, new int[] {3, 4, 5}),
        new Scenario("a chain of ten", shape)
            .tree(
                new int[] {-1, 0, 1, 2, 3, 4, 5, 6, 7, 8}, new int[] {3, 1, 4, 1, 5, 9, 2, 6, 5, 3})
            .sequences(new int[] {9, 9, 4, 0, 7}, new int[] {2, 0, 1, 4, 9}),
        new Scenario("a forest: each sequence its own prefix", shape)
            .tree(new int[] {-1, -1, -1}, new int[] {30, 1, 129})
            .sequences(new int[] {2, 1, 0}, new int[] {2, 2, 2}));
  }

  @ParameterizedTest
  @MethodSource("trees")
  void treeOfPrefixes(Scenario scenario) {
    contract.check(scenario);
  }
}
