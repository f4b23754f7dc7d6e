package io.github.hydragen.cli.attend;

import io.github.hydragen.AttentionShape;
import io.github.hydragen.Tensor;
import io.github.hydragen.cli.attend.AttentionCase.Level;
import io.github.hydragen.safetensors.SafetensorsException;
import io.github.hydragen.safetensors.SafetensorsFile;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/** Reads a case file and checks that its tensors fit each other. */
final class CaseReader {
  private static final String QUERIES = "q";
  private static final String SUFFIX_KEYS = "suffix.k";
  private static final String SUFFIX_VALUES = "suffix.v";
  private static final String LENGTHS = "suffix.lengths";
  private static final String QUERY_SHAPE = "[batch, new_tokens, query_heads, head_dim]";
  private static final String SUFFIX_SHAPE = "[batch, capacity, kv_heads, head_dim]";
  private static final String PREFIX_SHAPE = "[tokens of all groups, kv_heads, head_dim]";
  private static final int MAX_BATCH = 1 << 24;

  private final SafetensorsFile file;
  private final CaseNames names;
  private final Tensor queries;
  private final int batch;

  private CaseReader(SafetensorsFile file) throws SafetensorsException {
    this.file = file;
    this.names = CaseNames.of(file);
    this.queries = tensor(QUERIES, QUERY_SHAPE);
    require(queries.rank() == 4, QUERIES, queries, QUERY_SHAPE);
    require(
        queries.size(0) >= 1 && queries.size(0) <= MAX_BATCH,
        QUERIES,
        queries,
        "of a batch of 1 to " + MAX_BATCH);
    require(
        queries.size(1) >= 1 && queries.size(1) <= Integer.MAX_VALUE,
        QUERIES,
        queries,
        "of 1 to 2^31 - 1 new tokens");
    require(
        queries.size(2) >= 1 && queries.size(2) <= AttentionShape.MAX_HEADS,
        QUERIES,
        queries,
        "of 1 to " + AttentionShape.MAX_HEADS + " query_heads");
    require(
        queries.size(3) >= 1 && queries.size(3) <= AttentionShape.MAX_HEAD_DIM,
        QUERIES,
        queries,
        "of a head_dim of 1 to " + AttentionShape.MAX_HEAD_DIM);
    this.batch = (int) queries.size(0);
  }

  /**
   * Reads the case; its tensors are views of the file.
   *
   * @throws SafetensorsException if a tensor or a metadata string is missing or does not fit
   */
  static AttentionCase read(SafetensorsFile file) throws SafetensorsException {
    return new CaseReader(file).read();
  }

  private AttentionCase read() throws SafetensorsException {
    Tensor k = tensor(SUFFIX_KEYS, SUFFIX_SHAPE);
    require(k.rank() == 4, SUFFIX_KEYS, k, SUFFIX_SHAPE);
    AttentionShape shape = shape(k);
    long capacity = k.size(1);
    require(capacity <= Integer.MAX_VALUE - 64, SUFFIX_KEYS, k, "of a capacity below 2^31 - 64");
    requireLike(QUERIES, SUFFIX_KEYS, k, batch, capacity, shape.kvHeads(), shape.headDim());
    Tensor v = tensor(SUFFIX_VALUES, SUFFIX_SHAPE);
    requireLike(SUFFIX_KEYS, SUFFIX_VALUES, v, k.shape());
    List<Level> levels = new ArrayList<>();
    for (int i = 0; i < names.levels(); i++) {
      levels.add(level("prefix." + i, shape));
    }
    return new AttentionCase(
        shape,
        CaseMetadata.options(file).withStorage(queries.type()),
        queries,
        k,
        v,
        lengths((int) capacity),
        levels,
        names.ignored());
  }

  private AttentionShape shape(Tensor suffixKeys) throws SafetensorsException {
    int queryHeads = (int) queries.size(2);
    long kvHeads = suffixKeys.size(2);
    require(
        kvHeads >= 1 && queryHeads % kvHeads == 0,
        SUFFIX_KEYS,
        suffixKeys,
        "of kv_heads that divide the " + queryHeads + " query_heads of q");
    return AttentionShape.of(queryHeads, (int) kvHeads, (int) queries.size(3));
  }

  /** A tensor that a case must have. */
  private Tensor tensor(String name, String shape) throws SafetensorsException {
    requireThere(name, shape + " of F32, F16 or BF16");
    return file.tensor(name);
  }

  private void requireThere(String name, String expected) throws SafetensorsException {
    if (!file.names().contains(name)) {
      throw file.problem("there is no tensor \"%s\": it must be %s".formatted(name, expected));
    }
  }

  private List<Integer> lengths(int capacity) throws SafetensorsException {
    if (!file.names().contains(LENGTHS)) {
      return Collections.nCopies(batch, capacity);
    }
    return perSequence(LENGTHS, capacity, "the capacity");
  }

  private Level level(String level, AttentionShape shape) throws SafetensorsException {
    requireThere(level + ".offsets", "I32 [groups + 1], and levels are 0, 1 and so on");
    int[] offsets = file.ints(level + ".offsets");
    if (offsets.length < 2 || offsets[0] != 0) {
      throw file.problem(
          "%s.offsets has %d entries%s: it must begin with 0 and have an end for each group"
              .formatted(
                  level, offsets.length, offsets.length == 0 ? "" : ", the first " + offsets[0]));
    }
    for (int i = 1; i < offsets.length; i++) {
      if (offsets[i] < offsets[i - 1]) {
        throw file.problem(
            "%s.offsets falls from %d to %d at entry %d: groups must follow one another"
                .formatted(level, offsets[i - 1], offsets[i], i));
      }
    }
    int tokens = offsets[offsets.length - 1];
    String others = QUERIES + ", " + SUFFIX_KEYS + " and " + level + ".offsets";
    Tensor k = tensor(level + ".k", PREFIX_SHAPE);
    requireLike(others, level + ".k", k, tokens, shape.kvHeads(), shape.headDim());
    Tensor v = tensor(level + ".v", PREFIX_SHAPE);
    requireLike(level + ".k", level + ".v", v, k.shape());
    return new Level(
        k, v, Arrays.stream(offsets).boxed().toList(), groups(level, offsets.length - 1));
  }

  /** The groups in the file, or sequence b in group b * groups / batch. */
  private List<Integer> groups(String level, int groups) throws SafetensorsException {
    if (file.names().contains(level + ".groups")) {
      return perSequence(level + ".groups", groups - 1, "the last group");
    }
    return IntStream.range(0, batch).mapToObj(b -> (int) ((long) b * groups / batch)).toList();
  }

  private List<Integer> perSequence(String name, int max, String what) throws SafetensorsException {
    int[] values = file.ints(name);
    if (values.length != batch) {
      throw file.problem(
          "%s has %d entries: it must have %d, one for each sequence of q"
              .formatted(name, values.length, batch));
    }
    for (int b = 0; b < batch; b++) {
      if (values[b] < 0 || values[b] > max) {
        throw file.problem(
            "%s has %d for sequence %d: it must be 0 to %d, %s"
                .formatted(name, values[b], b, max, what));
      }
    }
    return Arrays.stream(values).boxed().toList();
  }

  private void requireLike(String others, String name, Tensor tensor, long... shape)
      throws SafetensorsException {
    boolean fits = tensor.type() == queries.type() && Arrays.equals(tensor.shape(), shape);
    require(fits, name, tensor, queries.type() + Arrays.toString(shape) + " to fit " + others);
  }

  private void require(boolean fits, String name, Tensor tensor, String expected)
      throws SafetensorsException {
    if (!fits) {
      throw file.problem("tensor " + name + " is " + tensor + ": it must be " + expected);
    }
  }
}
