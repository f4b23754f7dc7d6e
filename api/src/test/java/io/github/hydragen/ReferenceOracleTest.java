package io.github.hydragen;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The oracle of all other tests against values computed by hand, and against the textbook formula
 * written another way: no maximum is subtracted, visibility is decided key by key, and the keys of
 * a sequence are one list.
 */
class ReferenceOracleTest {
  private static final EngineOptions REFERENCE =
      EngineOptions.defaults().withBackend("reference").withScale(1);

  /** ln 1, ln 3 and ln 4 as keys of a query of 1 weigh the values 1/8, 3/8 and 4/8. */
  @Test
  void threeKeysByHand() {
    float[] out = new float[1];
    float[] lse = new float[1];
    attend(REFERENCE, logs(1), values(8), logs(3, 4), values(16, 24), 1, out, lse);
    assertEquals(8 / 8f + 3 * 16 / 8f + 4 * 24 / 8f, out[0], 1e-5f);
    assertEquals(Math.log(8), lse[0], 1e-6);
  }

  /** Of two new tokens the first sees one key less. */
  @Test
  void causalByHand() {
    float[] out = new float[2];
    float[] lse = new float[2];
    attend(REFERENCE, logs(1), values(8), logs(3, 4), values(16, 24), 2, out, lse);
    assertArrayEquals(new float[] {8 / 4f + 3 * 16 / 4f, 19}, out, 1e-5f);
    assertArrayEquals(new float[] {(float) Math.log(4), (float) Math.log(8)}, lse, 1e-6f);
    attend(
        REFERENCE.withCausal(false), logs(1), values(8), logs(3, 4), values(16, 24), 2, out, lse);
    assertArrayEquals(new float[] {19, 19}, out, 1e-5f);
  }

  /** A window of 1 sees the query's own key and the one before it, across the prefix's end too. */
  @Test
  void windowByHand() {
    float[] out = new float[2];
    float[] lse = new float[2];
    attend(REFERENCE.withWindow(1), logs(1), values(8), logs(3, 4), values(16, 24), 2, out, lse);
    assertArrayEquals(new float[] {14, (3 * 16 + 4 * 24) / 7f}, out, 1e-5f);
    assertArrayEquals(new float[] {(float) Math.log(4), (float) Math.log(7)}, lse, 1e-6f);
  }

  @Test
  void softCapByHand() {
    float[] out = new float[1];
    float[] lse = new float[1];
    float[] keys = {3, -3};
    attend(REFERENCE.withLogitSoftCap(2), keys, values(1, 0), logs(), values(), 1, out, lse);
    double score = 2 * Math.tanh(1.5);
    assertEquals(1 / (1 + Math.exp(-2 * score)), out[0], 1e-6);
    assertEquals(Math.log(Math.exp(score) + Math.exp(-score)), lse[0], 1e-6);
  }

  @Test
  void noKeyIsTheEmptyState() {
    float[] out = {5};
    float[] lse = {5};
    attend(REFERENCE, logs(), values(), logs(), values(), 1, out, lse);
    assertArrayEquals(new float[] {0}, out);
    assertArrayEquals(new float[] {Float.NEGATIVE_INFINITY}, lse);
  }

  /** Query head h reads key/value head h / groupSize. */
  @Test
  void groupedHeadsByHand() {
    try (AttentionEngine engine = AttentionEngine.open(AttentionShape.of(4, 2, 1), REFERENCE)) {
      SequenceBatch batch = engine.batch(1, 1);
      batch.append(new float[] {1, 2}, new float[] {10, 20});
      float[] out = new float[4];
      float[] lse = new float[4];
      batch.attend(new float[] {1, 2, 3, 4}, out, lse);
      assertArrayEquals(new float[] {10, 10, 20, 20}, out);
      assertArrayEquals(new float[] {1, 2, 6, 8}, lse);
    }
  }

  private static float[] logs(double... numbers) {
    float[] logs = new float[numbers.length];
    for (int i = 0; i < logs.length; i++) {
      logs[i] = (float) Math.log(numbers[i]);
    }
    return logs;
  }

  private static float[] values(float... values) {
    return values;
  }

  /** One sequence, one head of one element, queries of 1. */
  private static void attend(
      EngineOptions options,
      float[] prefixK,
      float[] prefixV,
      float[] k,
      float[] v,
      int newTokens,
      float[] out,
      float[] lse) {
    try (AttentionEngine engine = AttentionEngine.open(AttentionShape.of(1, 1, 1), options)) {
      SequenceBatch batch = engine.batch(1, k.length);
      batch.attach(0, engine.prefix(prefixK, prefixV));
      batch.append(k, v);
      float[] q = new float[newTokens];
      Arrays.fill(q, 1);
      batch.attend(q, out, lse);
    }
  }

  /** A sequence's keys and values, [kvHeads][headDim] each. */
  private record Token(List<float[]> k, List<float[]> v) {}

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
  void theTextbookFormula(int seed) {
    SplittableRandom random = new SplittableRandom(seed);
    AttentionShape shape = AttentionShape.of(6, seed % 2 == 0 ? 2 : 3, 1 + random.nextInt(9));
    EngineOptions options =
        EngineOptions.defaults()
            .withBackend("reference")
            .withStorage(List.of(DataType.values()).get(seed % 3))
            .withCausal(seed % 4 != 0)
            .withWindow(seed % 5 == 0 ? 6 : -1)
            .withLogitSoftCap(seed % 3 == 0 ? 1.5f : 0);
    try (AttentionEngine engine = AttentionEngine.open(shape, options)) {
      List<Token> rootTokens = tokens(random, shape, 5);
      List<Token> childTokens = tokens(random, shape, 3);
      Prefix root = engine.prefix(flat(shape, rootTokens, true), flat(shape, rootTokens, false));
      long[] dims = {3, shape.kvHeads(), shape.headDim()};
      Prefix child =
          engine.prefix(
              root,
              Tensor.of(flat(shape, childTokens, true), dims),
              Tensor.of(flat(shape, childTokens, false), dims));
      SequenceBatch batch = engine.batch(3, 7);
      batch.attach(0, root);
      batch.attach(2, child);
      List<Token> added = tokens(random, shape, 3 * 7);
      batch.append(flat(shape, added, true), flat(shape, added, false));
      float[] q = new float[3 * 2 * shape.queryRow()];
      for (int i = 0; i < q.length; i++) {
        q[i] = (float) random.nextGaussian();
      }
      float[] out = new float[q.length];
      float[] lse = new float[3 * 2 * shape.queryHeads()];
      batch.attend(q, out, lse);
      for (int s = 0; s < 3; s++) {
        List<Token> all = new ArrayList<>(s == 1 ? List.of() : rootTokens);
        all.addAll(s == 2 ? childTokens : List.of());
        all.addAll(added.subList(s * 7, s * 7 + 7));
        for (int row = s * 2; row < s * 2 + 2; row++) {
          check(shape, options, all, all.size() - 2 + row % 2, row, q, out, lse);
        }
      }
    }
  }

  private static List<Token> tokens(SplittableRandom random, AttentionShape shape, int count) {
    List<Token> tokens = new ArrayList<>();
    for (int t = 0; t < count; t++) {
      Token token = new Token(new ArrayList<>(), new ArrayList<>());
      for (int h = 0; h < shape.kvHeads(); h++) {
        token.k.add(normal(random, shape.headDim()));
        token.v.add(normal(random, shape.headDim()));
      }
      tokens.add(token);
    }
    return tokens;
  }

  private static float[] normal(SplittableRandom random, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static float[] flat(AttentionShape shape, List<Token> tokens, boolean keys) {
    float[] flat = new float[tokens.size() * shape.kvRow()];
    int at = 0;
    for (Token token : tokens) {
      for (float[] head : keys ? token.k : token.v) {
        System.arraycopy(head, 0, flat, at, head.length);
        at += head.length;
      }
    }
    return flat;
  }

  private static void check(
      AttentionShape shape,
      EngineOptions options,
      List<Token> all,
      int position,
      int row,
      float[] q,
      float[] out,
      float[] lse) {
    for (int h = 0; h < shape.queryHeads(); h++) {
      int kvHead = h * shape.kvHeads() / shape.queryHeads();
      int start = (row * shape.queryHeads() + h) * shape.headDim();
      double sum = 0;
      double[] weighted = new double[shape.headDim()];
      for (int j = 0; j < all.size(); j++) {
        boolean hidden =
            (options.causal() && j > position)
                || (options.window() >= 0 && j < position - options.window());
        if (!hidden) {
          double score = 0;
          for (int e = 0; e < shape.headDim(); e++) {
            score += q[start + e] * options.storage().round(all.get(j).k.get(kvHead)[e]);
          }
          score /= Math.sqrt(shape.headDim());
          float cap = options.logitSoftCap();
          score = cap == 0 ? score : cap * Math.tanh(score / cap);
          sum += Math.exp(score);
          for (int e = 0; e < shape.headDim(); e++) {
            weighted[e] += Math.exp(score) * options.storage().round(all.get(j).v.get(kvHead)[e]);
          }
        }
      }
      assertEquals(Math.log(sum), lse[row * shape.queryHeads() + h], 1e-5);
      for (int e = 0; e < shape.headDim(); e++) {
        assertEquals(weighted[e] / sum, out[start + e], 1e-5);
      }
    }
  }
}
