package io.github.hydragen.cli.attend;

import io.github.hydragen.DataType;
import io.github.hydragen.Tensor;
import io.github.hydragen.safetensors.SafetensorsWriter;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** A small random case, as arrays: what the tests write to files and compute by themselves. */
final class RandomCase {
  /** A level; {@code groups} null leaves the tensor out of the file. */
  record Level(Tensor k, Tensor v, List<Integer> offsets, @Nullable List<Integer> groups) {}

  final int batch;
  final int newTokens;
  final int queryHeads;
  final int kvHeads;
  final int headDim;
  final int capacity;
  final float scale;
  final boolean causal;
  final float softCap;
  final int window;
  final List<Integer> lengths = new ArrayList<>();
  final List<Level> levels = new ArrayList<>();
  final Tensor q;
  final Tensor k;
  final Tensor v;
  private final DataType type;
  private final Random random;

  RandomCase(long seed) {
    random = new Random(seed);
    type = List.of(DataType.values()).get(random.nextInt(3));
    batch = 1 + random.nextInt(5);
    newTokens = 1 + random.nextInt(3);
    kvHeads = 1 + random.nextInt(2);
    queryHeads = kvHeads * (1 + random.nextInt(3));
    headDim = 1 + random.nextInt(12);
    capacity = random.nextInt(9);
    scale = random.nextBoolean() ? 0 : 0.1f + random.nextFloat();
    causal = random.nextInt(4) > 0;
    softCap = random.nextBoolean() ? 0 : 1 + random.nextInt(4);
    window = random.nextBoolean() ? -1 : random.nextInt(12);
    for (int b = 0; b < batch; b++) {
      lengths.add(random.nextInt(capacity + 1));
    }
    q = values(batch, newTokens, queryHeads, headDim);
    k = values(batch, capacity, kvHeads, headDim);
    v = values(batch, capacity, kvHeads, headDim);
    pad();
    int depth = random.nextInt(4);
    for (int i = 0; i < depth; i++) {
      levels.add(level());
    }
  }

  private Level level() {
    int groups = 1 + random.nextInt(3);
    List<Integer> offsets = new ArrayList<>(List.of(0));
    for (int g = 0; g < groups; g++) {
      offsets.add(offsets.get(g) + random.nextInt(7));
    }
    List<Integer> chosen = null;
    if (random.nextBoolean()) {
      chosen = new ArrayList<>();
      for (int b = 0; b < batch; b++) {
        chosen.add(random.nextInt(groups));
      }
    }
    int tokens = offsets.get(groups);
    return new Level(
        values(tokens, kvHeads, headDim), values(tokens, kvHeads, headDim), offsets, chosen);
  }

  private Tensor values(long... shape) {
    Tensor tensor = Tensor.allocate(Arena.ofAuto(), type, shape);
    for (long i = 0; i < tensor.elements(); i++) {
      tensor.set(i, (float) random.nextGaussian() * 2);
    }
    return tensor;
  }

  /** Fills what lies beyond the lengths with NaN: it must not be read. */
  private void pad() {
    long row = (long) kvHeads * headDim;
    for (int b = 0; b < batch; b++) {
      long begin = (long) b * capacity;
      for (long i = (begin + lengths.get(b)) * row; i < (begin + capacity) * row; i++) {
        k.set(i, Float.NaN);
        v.set(i, Float.NaN);
      }
    }
  }

  /** The group of a sequence at a level, by the file format's rule where the file has none. */
  int group(int level, int sequence) {
    List<Integer> groups = levels.get(level).groups();
    int count = levels.get(level).offsets().size() - 1;
    return groups == null ? sequence * count / batch : groups.get(sequence);
  }

  /** The case as a file. */
  SafetensorsWriter file() {
    SafetensorsWriter file =
        new SafetensorsWriter().tensor("q", q).tensor("suffix.k", k).tensor("suffix.v", v);
    if (!lengths.stream().allMatch(length -> length == capacity)) {
      file.ints("suffix.lengths", ints(lengths));
    }
    for (int i = 0; i < levels.size(); i++) {
      Level level = levels.get(i);
      file.tensor("prefix." + i + ".k", level.k()).tensor("prefix." + i + ".v", level.v());
      file.ints("prefix." + i + ".offsets", ints(level.offsets()));
      List<Integer> groups = level.groups();
      if (groups != null) {
        file.ints("prefix." + i + ".groups", ints(groups));
      }
    }
    return metadata(file);
  }

  /** Leaves out what has its default. */
  private SafetensorsWriter metadata(SafetensorsWriter file) {
    if (scale != 0) {
      file.metadata("scale", Float.toString(scale));
    }
    if (!causal) {
      file.metadata("causal", "false");
    }
    if (softCap != 0) {
      file.metadata("logit_soft_cap", Float.toString(softCap));
    }
    if (window >= 0) {
      file.metadata("window", Integer.toString(window));
    }
    return file;
  }

  private static int[] ints(List<Integer> values) {
    return values.stream().mapToInt(Integer::intValue).toArray();
  }

  @Override
  public String toString() {
    return "%s %s, k %s, lengths %s, %s, causal %s, scale %s, cap %s, window %s"
        .formatted(
            type,
            Arrays.toString(q.shape()),
            Arrays.toString(k.shape()),
            lengths,
            levels.stream().map(level -> level.offsets() + "/" + level.groups()).toList(),
            causal,
            scale,
            softCap,
            window);
  }
}
