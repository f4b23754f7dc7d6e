package io.github.hydragen.prefix;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.hydragen.AttentionEngine;
import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.Prefix;
import io.github.hydragen.SequenceBatch;
import io.github.hydragen.Tensor;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** From token ids to an engine's prefixes, as {@link SharedPrefixes} shows it. */
class SharedPrefixesExampleTest {
  private static final AttentionShape SHAPE = AttentionShape.of(4, 2, 8);
  private static final String[] PROMPTS = {
    "You are helpful. Q: one",
    "You are helpful. Q: two",
    "You are helpful. A",
    "Translate",
    "Translate"
  };

  /** Keys (or values) that depend on the token and its position only, as those of a model may. */
  private static Tensor rows(int[] tokens, int salt) {
    Tensor tensor =
        Tensor.allocate(
            Arena.ofAuto(), DataType.F32, tokens.length, SHAPE.kvHeads(), SHAPE.headDim());
    for (int t = 0; t < tokens.length; t++) {
      Random random = new Random(salt + 31L * tokens[t] + 1009L * t);
      for (int e = 0; e < SHAPE.kvRow(); e++) {
        tensor.set((long) t * SHAPE.kvRow() + e, (float) random.nextGaussian());
      }
    }
    return tensor;
  }

  @Test
  void sharedAndUnsharedStepsAgree() {
    PrefixTree tree = new PrefixTree();
    List<Tensor> keys = new ArrayList<>();
    List<Tensor> values = new ArrayList<>();
    for (int s = 0; s < PROMPTS.length; s++) {
      int[] tokens = PROMPTS[s].chars().toArray();
      tree.add(s, tokens);
      keys.add(rows(tokens, 1));
      values.add(rows(tokens, 2));
    }
    EngineOptions options = EngineOptions.defaults().withBackend("reference");
    try (AttentionEngine engine = AttentionEngine.open(SHAPE, options)) {
      SharedPrefixes shared = tree.shared(3);
      List<Prefix> prefixes = new ArrayList<>();
      for (SharedPrefixes.Node node : shared.nodes()) {
        Tensor k = keys.get(node.example()).rows(node.from(), node.to());
        Tensor v = values.get(node.example()).rows(node.from(), node.to());
        prefixes.add(
            node.parent() < 0
                ? engine.prefix(k, v)
                : engine.prefix(prefixes.get(node.parent()), k, v));
      }
      SequenceBatch batch = engine.batch(PROMPTS.length, 40);
      SequenceBatch alone = engine.batch(PROMPTS.length, 40);
      for (int s = 0; s < batch.size(); s++) {
        int node = shared.node(s);
        batch.attach(s, node < 0 ? null : prefixes.get(node));
        append(batch, s, keys.get(s), values.get(s), shared.covered(s));
        append(alone, s, keys.get(s), values.get(s), 0);
      }
      assertEquals(3, prefixes.size());
      assertArrayEquals(attend(alone), attend(batch), 1e-6f);
    }
  }

  /** Appends to one sequence the tokens from a position on. */
  private static void append(SequenceBatch batch, int sequence, Tensor k, Tensor v, int from) {
    int[] counts = new int[batch.size()];
    counts[sequence] = (int) k.size(0) - from;
    batch.append(k.rows(from, k.size(0)), v.rows(from, v.size(0)), counts);
  }

  private static float[] attend(SequenceBatch batch) {
    float[] q = new float[batch.size() * SHAPE.queryRow()];
    Random random = new Random(3);
    for (int i = 0; i < q.length; i++) {
      q[i] = (float) random.nextGaussian();
    }
    float[] out = new float[q.length];
    batch.attend(q, out, null);
    return out;
  }
}
