package io.github.hydragen.contract;

import io.github.hydragen.AttentionShape;
import io.github.hydragen.EngineOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The sizes that the paper's code, FlashInfer's cascade and vLLM's test theirs with. */
abstract class ConformanceCases {
  private static final int[][][] PAPER = {
    {{1}, {10}},
    {{3}, {6, 6}},
    {{3}, {6, 7}},
    {{7, 7}, {9, 10, 11, 4}, {129, 2, 3, 4, 5, 6, 7, 128}},
    {{16384}, {1, 128, 256}},
  };

  private final AttentionBackendContract contract;

  ConformanceCases(AttentionBackendContract contract) {
    this.contract = contract;
  }

  static Stream<Scenario> paper() {
    List<Scenario> cases = new ArrayList<>();
    for (int[][] levels : PAPER) {
      for (int kvHeads : new int[] {1, 8}) {
        String name = Arrays.deepToString(levels) + ", kv heads " + kvHeads;
        cases.add(Scenario.levels(name, AttentionShape.of(8, kvHeads, 128), levels));
      }
    }
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("paper")
  void sizesOfThePaper(Scenario scenario) {
    contract.check(scenario);
  }

  static Stream<Scenario> flashInferDecode() {
    List<Scenario> cases = new ArrayList<>();
    for (int batch : new int[] {12, 17}) {
      for (int suffix : new int[] {37, 17}) {
        for (int shared : new int[] {128, 512, 2048}) {
          for (int heads : new int[] {8, 16}) {
            for (int headDim : new int[] {128, 256}) {
              cases.add(flashInfer(batch, suffix, shared, heads, headDim));
            }
          }
        }
      }
    }
    return cases.stream();
  }

  private static Scenario flashInfer(int batch, int suffix, int shared, int heads, int headDim) {
    int[] suffixes = new int[batch];
    Arrays.fill(suffixes, suffix);
    String name =
        "batch %d, shared %d, suffix %d, %d heads of %d"
            .formatted(batch, shared, suffix, heads, headDim);
    return Scenario.shared(name, AttentionShape.of(heads, heads, headDim), shared, suffixes);
  }

  @ParameterizedTest
  @MethodSource("flashInferDecode")
  void decodeSizesOfFlashInfer(Scenario scenario) {
    contract.check(scenario);
  }

  static Stream<Scenario> flashInferAppend() {
    List<Scenario> cases = new ArrayList<>();
    for (boolean causal : new boolean[] {true, false}) {
      for (int suffix : new int[] {37, 17}) {
        Scenario scenario = flashInfer(12, suffix, 128, 8, 128).newTokens(suffix);
        cases.add(scenario.options(EngineOptions.defaults().withCausal(causal)));
      }
    }
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("flashInferAppend")
  void appendSizesOfFlashInfer(Scenario scenario) {
    contract.check(scenario);
  }

  /** Its lengths (less the common prefix), with at most 5 queries a sequence. */
  static Stream<Scenario> vllm() {
    List<Scenario> cases = new ArrayList<>();
    int[][] heads = {{4, 4}, {8, 2}, {16, 2}};
    for (int[] pair : heads) {
      for (int headDim : new int[] {128, 192, 256}) {
        for (float cap : new float[] {0, 50}) {
          AttentionShape shape = AttentionShape.of(pair[0], pair[1], headDim);
          EngineOptions options = EngineOptions.defaults().withLogitSoftCap(cap);
          String name = shape + ", cap " + cap;
          cases.add(
              Scenario.shared("mixed, " + name, shape, 256, 615, 24, 732, 2048, 1)
                  .newTokens(5, 2, 3, 4, 1)
                  .options(options));
          cases.add(
              Scenario.shared("decode, " + name, shape, 512, 511, 367, 266, 1265).options(options));
        }
      }
    }
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("vllm")
  void sizesOfVllm(Scenario scenario) {
    contract.check(scenario);
  }
}
