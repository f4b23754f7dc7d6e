package io.github.hydragen.examples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.hydragen.AttentionEngine;
import io.github.hydragen.Backends;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.EngineOptions.Sharing;
import io.github.hydragen.spi.AttentionBackendProvider;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GeneratorTest {
  private static final ModelConfig CONFIG = ModelConfig.tiny();
  private static final Transformer MODEL = new Transformer(CONFIG, 1);
  private static final int[] PROMPT = prompt();
  private static final int SAMPLES = 6;
  private static final int NEW_TOKENS = 10;

  private static int[] prompt() {
    int[] prompt = new int[45];
    Arrays.setAll(prompt, i -> (i * 37 + 11) % CONFIG.vocabulary());
    return prompt;
  }

  static Stream<String> backends() {
    return Backends.providers().stream()
        .filter(provider -> provider.availability().available())
        .map(AttentionBackendProvider::name);
  }

  private static AttentionEngine open(String backend, Sharing sharing) {
    return AttentionEngine.open(
        CONFIG.attention(), EngineOptions.defaults().withBackend(backend).withSharing(sharing));
  }

  @ParameterizedTest
  @MethodSource("backends")
  void samplesAreEqualWithAndWithoutSharing(String backend) {
    int[][] separate;
    try (var engine = open(backend, Sharing.AUTO)) {
      separate = new Generator(MODEL, engine).separate(PROMPT, SAMPLES, NEW_TOKENS, 0.9f, 7);
      assertEquals(0, engine.memory().kvBytes());
    }
    for (Sharing sharing : Sharing.values()) {
      try (var engine = open(backend, sharing)) {
        int[][] shared = new Generator(MODEL, engine).shared(PROMPT, SAMPLES, NEW_TOKENS, 0.9f, 7);
        assertArrayEquals(separate, shared, sharing + " on " + backend);
        assertEquals(0, engine.memory().kvBytes());
      }
    }
  }

  @Test
  void samplesDifferFromEachOtherAndGreedyOnesDoNot() {
    try (var engine = open("reference", Sharing.AUTO)) {
      Generator generator = new Generator(MODEL, engine);
      assertEquals(SAMPLES, distinct(generator.shared(PROMPT, SAMPLES, NEW_TOKENS, 1, 7)));
      assertEquals(1, distinct(generator.shared(PROMPT, SAMPLES, NEW_TOKENS, 0, 7)));
    }
  }

  private static int distinct(int[][] samples) {
    Set<String> distinct = new HashSet<>();
    for (int[] sample : samples) {
      distinct.add(Arrays.toString(sample));
    }
    return distinct.size();
  }

  /** The whole prompt counts: another first token gives other answers. */
  @Test
  void theAnswerDependsOnThePrefix() {
    int[] other = PROMPT.clone();
    other[0]++;
    try (var engine = open("reference", Sharing.AUTO)) {
      Generator generator = new Generator(MODEL, engine);
      int[][] answer = generator.shared(PROMPT, 1, NEW_TOKENS, 0.9f, 7);
      int[][] otherAnswer = generator.shared(other, 1, NEW_TOKENS, 0.9f, 7);
      assertTrue(!Arrays.deepEquals(answer, otherAnswer), Arrays.toString(answer[0]));
    }
  }

  /** Sequence by sequence and token by token gives what one call with all tokens gives. */
  @Test
  void oneCallEqualsManySmallOnes() {
    try (var engine = open("reference", Sharing.AUTO);
        KvCache whole = new KvCache(engine, CONFIG.layers(), 1, PROMPT.length);
        KvCache steps = new KvCache(engine, CONFIG.layers(), 1, PROMPT.length)) {
      float[] expected = MODEL.forward(whole, PROMPT);
      float[] actual = {};
      for (int token : PROMPT) {
        actual = MODEL.forward(steps, new int[] {token});
      }
      assertArrayEquals(expected, actual, 1e-4f);
    }
  }
}
