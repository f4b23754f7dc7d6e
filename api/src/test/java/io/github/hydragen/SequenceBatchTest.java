package io.github.hydragen;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Validation and bookkeeping, which no backend sees. */
class SequenceBatchTest {
  private final AttentionEngine engine =
      AttentionEngine.open(
          AttentionShape.of(2, 1, 4), EngineOptions.defaults().withBackend("reference"));
  private final SequenceBatch batch = engine.batch(3, 5);

  @AfterEach
  void close() {
    engine.close();
  }

  private static Tensor zeros(long... shape) {
    return Tensor.allocate(Arena.ofAuto(), DataType.F32, shape);
  }

  @Test
  void shapesOfKeysAndValues() {
    assertMessage(
        "k is F32[2, 1, 4], not [3 sequences, (tokens,) heads, 4]",
        () -> batch.append(zeros(2, 1, 4), zeros(2, 1, 4)));
    assertMessage(
        "k is F32[3, 4], not [3 sequences, (tokens,) heads, 4]",
        () -> batch.append(zeros(3, 4), zeros(3, 4)));
    assertMessage(
        "k is F32[3, 2, 4], not [3 tokens, 1, 4]",
        () -> batch.append(zeros(3, 2, 4), zeros(3, 2, 4)));
    assertMessage(
        "v is F32[3, 1, 5], not [3 tokens, 1, 4]",
        () -> batch.append(zeros(3, 1, 4), zeros(3, 1, 5)));
    assertMessage(
        "k is F32[3, 1, 4], not [6 tokens, 1, 4]",
        () -> batch.append(zeros(3, 1, 4), zeros(3, 1, 4), new int[] {1, 2, 3}));
    assertMessage(
        "newTokens has 2 entries, but there are 3 sequences",
        () -> batch.append(zeros(3, 1, 4), zeros(3, 1, 4), new int[] {1, 2}));
    assertMessage(
        "newTokens -1 is out of range: choose 0 to 2147483647",
        () -> batch.append(zeros(3, 1, 4), zeros(3, 1, 4), new int[] {1, 3, -1}));
    assertUnchanged();
  }

  @Test
  void shapesOfQueriesAndOutputs() {
    Tensor q = zeros(3, 2, 4);
    assertMessage(
        "q is F32[3, 1, 4], not [3 tokens, 2, 4]",
        () -> batch.attend(zeros(3, 1, 4), zeros(3, 1, 4), null));
    assertMessage(
        "out is F32[2, 2, 4], not [3 tokens, 2, 4]", () -> batch.attend(q, zeros(2, 2, 4), null));
    assertMessage(
        "lse is F32[3, 1], not F32 [3 tokens, 2]",
        () -> batch.attend(q, zeros(3, 2, 4), zeros(3, 1)));
    assertMessage(
        "lse is F16[3, 2], not F32 [3 tokens, 2]",
        () -> batch.attend(q, zeros(3, 2, 4), Tensor.allocate(Arena.ofAuto(), DataType.F16, 3, 2)));
    assertMessage(
        "q is F32[4, 2, 4], not [3 sequences, (tokens,) heads, 4]",
        () -> batch.attend(zeros(4, 2, 4), zeros(4, 2, 4), null));
  }

  @Test
  void memoryOfOutputs() {
    Tensor q = zeros(3, 2, 4);
    assertMessage("out overlaps q: give it memory of its own", () -> batch.attend(q, q, null));
    MemorySegment both = MemorySegment.ofArray(new float[30]);
    Tensor out = Tensor.of(both.asSlice(0, 96), DataType.F32, 3, 2, 4);
    Tensor lse = Tensor.of(both.asSlice(92, 24), DataType.F32, 3, 2);
    assertMessage(
        "lse overlaps q or out: give it memory of its own", () -> batch.attend(q, out, lse));
    Tensor readOnly = Tensor.of(both.asSlice(0, 96).asReadOnly(), DataType.F32, 3, 2, 4);
    assertMessage("out is read-only: give writable memory", () -> batch.attend(q, readOnly, null));
  }

  @Test
  void freedMemoryAndThatOfAnotherThread() {
    Tensor freed;
    try (Arena arena = Arena.ofConfined()) {
      freed = Tensor.allocate(arena, DataType.F32, 3, 1, 4);
    }
    IllegalStateException e =
        assertThrows(IllegalStateException.class, () -> batch.append(freed, zeros(3, 1, 4)));
    assertEquals("k lies in memory that is already freed", e.getMessage());
    Tensor foreign =
        CompletableFuture.supplyAsync(
                () -> Tensor.allocate(Arena.ofConfined(), DataType.F32, 3, 1, 4))
            .join();
    assertMessage(
        "v is confined to another thread: allocate it in a shared or automatic arena",
        () -> batch.append(zeros(3, 1, 4), foreign));
    assertUnchanged();
  }

  /** Memory of automatic arenas stays until the garbage collector finds it, and has a limit. */
  @Test
  void copiesOfConfinedTensorsEndWithTheCall() {
    BufferPoolMXBean direct =
        ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
            .filter(pool -> pool.getName().equals("direct"))
            .findFirst()
            .orElseThrow();
    try (Arena arena = Arena.ofConfined()) {
      Tensor kv = Tensor.allocate(arena, DataType.F32, 3, 1, 4);
      kv.set(4, 2.0f);
      Tensor out = Tensor.allocate(arena, DataType.F32, 3, 2, 4);
      Tensor lse = Tensor.allocate(arena, DataType.F32, 3, 2);
      long before = direct.getTotalCapacity();
      batch.append(kv, kv);
      batch.attend(Tensor.allocate(arena, DataType.F32, 3, 2, 4), out, lse);
      engine.prefix(kv, kv).close();
      assertEquals(before, direct.getTotalCapacity());
      assertEquals(2.0f, out.get(8), "the second sequence sees its only token");
      assertEquals(0.0f, lse.get(2));
    }
  }

  @Test
  void numbersOfSequencesAndLengths() {
    assertMessage("sequence 3 is out of range: there are 3 (0 to 2)", () -> batch.clear(3));
    assertMessage("sequence -1 is out of range: there are 3 (0 to 2)", () -> batch.length(-1));
    assertMessage("length 1 is out of range: choose 0 to 0", () -> batch.truncate(0, 1));
    assertMessage("sequences 0 is out of range: choose 1 to 16777216", () -> engine.batch(0, 1));
    assertMessage("capacity -1 is out of range: choose 0 to 2147483583", () -> engine.batch(1, -1));
  }

  @Test
  void exhaustedCapacity() {
    batch.append(zeros(5, 1, 4), zeros(5, 1, 4), new int[] {0, 5, 0});
    IllegalStateException e =
        assertThrows(
            IllegalStateException.class, () -> batch.append(zeros(3, 1, 4), zeros(3, 1, 4)));
    assertEquals(
        "sequence 1 has 5 tokens and cannot take 1 more: the capacity is 5", e.getMessage());
    assertEquals(0, batch.length(0));
    // More than fits in an int when added up.
    assertThrows(
        IllegalArgumentException.class,
        () ->
            batch.append(
                zeros(3, 1, 4),
                zeros(3, 1, 4),
                new int[] {Integer.MAX_VALUE, Integer.MAX_VALUE, 5}));
  }

  @Test
  void prefixesOfAnotherEngineOrClosed() {
    try (AttentionEngine other = AttentionEngine.open(engine.shape(), engine.options())) {
      Prefix foreign = other.prefix(new float[4], new float[4]);
      String message = "the prefix belongs to another engine: make it with the engine of the batch";
      assertMessage(message, () -> batch.attach(0, foreign));
      assertMessage(message, () -> engine.prefix(foreign, zeros(1, 1, 4), zeros(1, 1, 4)));
    }
    assertUnchanged();
  }

  @Test
  void shapesOfPrefixes() {
    assertMessage("k is F32[4], not [tokens, 1, 4]", () -> engine.prefix(zeros(4), zeros(4)));
    assertMessage(
        "k is F32[2, 2, 4], not [2, 1, 4]", () -> engine.prefix(zeros(2, 2, 4), zeros(2, 2, 4)));
    assertMessage(
        "v is F32[1, 1, 4], not [2, 1, 4]", () -> engine.prefix(zeros(2, 1, 4), zeros(1, 1, 4)));
  }

  @Test
  void aPrefixCountsItsUsersAndIsNotClosedBeforeThem() {
    Prefix root = engine.prefix(new float[8], new float[8]);
    Prefix child = engine.prefix(root, zeros(3, 1, 4), zeros(3, 1, 4));
    assertEquals(0, root.depth());
    assertEquals(1, child.depth());
    assertEquals(5, child.totalLength());
    assertSame(root, child.parent());
    batch.attachAll(child);
    batch.attach(1, root);
    batch.attach(1, root);
    assertEquals(1, root.sequences());
    assertEquals(2, child.sequences());
    IllegalStateException e = assertThrows(IllegalStateException.class, root::close);
    assertEquals(
        "the prefix is in use by 1 sequences and 1 child prefixes: attach the sequences elsewhere"
            + " and close the children first",
        e.getMessage());
    batch.close();
    assertThrows(IllegalStateException.class, root::close);
    child.close();
    root.close();
    assertEquals(0, engine.memory().kvBytes());
  }

  @Test
  void arrays() {
    batch.append(new float[2 * 12], new float[2 * 12]);
    assertEquals(2, batch.length(2));
    float[] out = new float[24];
    float[] lse = new float[6];
    batch.attend(new float[24], out, lse);
    assertArrayEquals(new float[24], out);
    assertEquals(Math.log(2), lse[5], 1e-6);
    assertThrows(IllegalArgumentException.class, () -> batch.append(new float[13], new float[13]));
    assertThrows(
        IllegalArgumentException.class,
        () -> batch.attend(new float[24], new float[24], new float[5]));
    assertEquals(2, batch.length(0));
  }

  @Test
  void lengthsOfArrays() {
    assertMessage(
        "k has 5 elements: not a multiple of 3 sequences x 1 heads x 4",
        () -> batch.append(new float[5], new float[5]));
    assertMessage(
        "v has 24 elements, not 12 like k", () -> batch.append(new float[12], new float[24]));
    assertMessage(
        "q has 23 elements: not a multiple of 3 sequences x 2 heads x 4",
        () -> batch.attend(new float[23], new float[23], null));
    assertMessage(
        "out has 23 elements, not 24", () -> batch.attend(new float[24], new float[23], null));
    assertMessage(
        "lse has 7 elements, not 6",
        () -> batch.attend(new float[24], new float[24], new float[7]));
    assertMessage(
        "k has 3 elements: not a multiple of 1 heads x 4",
        () -> engine.prefix(new float[3], new float[3]));
    assertMessage(
        "v has 8 elements, not 4 like k", () -> engine.prefix(new float[4], new float[8]));
    assertUnchanged();
  }

  @Test
  void aRefusedCallLeavesTheOutputsAlone() {
    float[] out = {7, 7, 7};
    assertThrows(
        IllegalArgumentException.class, () -> batch.attend(new float[24], out, new float[6]));
    assertArrayEquals(new float[] {7, 7, 7}, out);
  }

  private void assertUnchanged() {
    for (int s = 0; s < batch.size(); s++) {
      assertEquals(0, batch.length(s));
      assertNull(batch.prefix(s));
    }
  }

  private static void assertMessage(String message, Runnable call) {
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, call::run);
    assertEquals(message, e.getMessage());
  }
}
