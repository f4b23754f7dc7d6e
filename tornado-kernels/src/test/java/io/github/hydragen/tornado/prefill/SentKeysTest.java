package io.github.hydragen.tornado.prefill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.Tensor;
import io.github.hydragen.tornado.device.Device;
import io.github.hydragen.tornado.device.TestedDevice;
import io.github.hydragen.tornado.prefill.PrefillPlanner.Piece;
import io.github.hydragen.tornado.store.Layout;
import io.github.hydragen.tornado.store.PrefixPool;
import io.github.hydragen.tornado.store.Stores;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** Keys that are kept from one execution to the next are those that would be gathered anew. */
class SentKeysTest {
  private static final AttentionShape SHAPE = AttentionShape.of(4, 2, 32);
  private static final int CAPACITY = 100;
  private static final int SEQUENCES = 3;
  private static final int ROOM = 768;

  private final Device device = TestedDevice.device();
  private final SplittableRandom random = new SplittableRandom(5);

  @AfterEach
  void ownKernels() {
    TestedDevice.useOwnKernels();
  }

  private Layout layout(DataType storage, String kernels) {
    TestedDevice.useKernels(kernels);
    return Layout.of(SHAPE, EngineOptions.defaults().withStorage(storage), device);
  }

  /** Writes random tokens, some of them large or small, so that heads change their scales. */
  private void write(Stores to, int first, int tokens) {
    float size = (float) Math.scalb(1.0, random.nextInt(-4, 5));
    Tensor k = random(tokens, size);
    to.write(first, k, random(tokens, 1), 0, tokens);
  }

  private Tensor random(int tokens, float size) {
    float[] values = new float[tokens * SHAPE.kvRow()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (random.nextFloat() * 2 - 1) * size;
    }
    return Tensor.of(values, tokens, SHAPE.kvHeads(), SHAPE.headDim());
  }

  private static int add(List<Piece> pieces, Stores from, int first, int tokens, int target) {
    pieces.add(new Piece(from, first, tokens, target));
    return target + Math.ceilDiv(tokens, PrefixPool.TILE) * PrefixPool.TILE;
  }

  /** Compares what is sent of so many tokens; each element has 2 bytes where it is packed. */
  private static void assertSame(SentKeys expected, SentKeys actual, Layout layout, int tokens) {
    for (int i = 0; i < expected.arrays().size(); i++) {
      MemorySegment one = segment(expected.arrays().get(i));
      MemorySegment other = segment(actual.arrays().get(i));
      boolean scales = layout.tuned() && i == 1;
      int bytes = layout.tuned() ? 2 * Short.BYTES : layout.storage().bytes();
      long end = scales ? one.byteSize() : (long) tokens * layout.kvRow() * bytes;
      assertEquals(-1, one.asSlice(0, end).mismatch(other.asSlice(0, end)), "array " + i);
    }
  }

  private static MemorySegment segment(TornadoNativeArray array) {
    return array.getSegment();
  }

  @ParameterizedTest
  @CsvSource({"F32, portable", "F16, portable", "BF16, tuned", "F16, tuned"})
  void afterAnythingTheyAreWhatIsStored(DataType storage, String kernels) {
    Layout layout = layout(storage, kernels);
    try (Arena arena = Arena.ofShared()) {
      Stores one = new Stores(arena, layout, 70, 70);
      Stores two = new Stores(arena, layout, 64, 64);
      Stores suffixes = new Stores(arena, layout, SEQUENCES * CAPACITY, CAPACITY);
      write(one, 0, 70);
      write(two, 0, 64);
      SentKeys kept = new SentKeys(arena, layout, ROOM);
      SentKeys anew = new SentKeys(arena, layout, ROOM);
      for (int round = 0; round < 60; round++) {
        if (random.nextInt(3) > 0) {
          int sequence = random.nextInt(SEQUENCES);
          int first = random.nextInt(CAPACITY);
          write(suffixes, sequence * CAPACITY + first, CAPACITY - first);
          kept.forget(suffixes, p -> p.first() / CAPACITY == sequence ? first : Integer.MAX_VALUE);
        }
        List<Piece> pieces = new ArrayList<>();
        int end = random.nextInt(4) > 0 ? add(pieces, one, 0, 70, 0) : 0;
        end = random.nextInt(2) > 0 ? add(pieces, two, 0, 64, end) : end;
        int sequences = random.nextInt(SEQUENCES + 1);
        for (int s = 0; s < sequences; s++) {
          end = add(pieces, suffixes, s * CAPACITY, random.nextInt(1, CAPACITY + 1), end);
        }
        kept.gather(pieces);
        anew.forget(one, p -> 0);
        anew.forget(two, p -> 0);
        anew.forget(suffixes, p -> 0);
        anew.gather(pieces);
        assertSame(anew, kept, layout, end);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"F32, portable", "BF16, tuned"})
  void whatIsThereIsNotGatheredAgain(DataType storage, String kernels) {
    Layout layout = layout(storage, kernels);
    try (Arena arena = Arena.ofShared()) {
      Stores from = new Stores(arena, layout, 64, 64);
      write(from, 0, 64);
      SentKeys sent = new SentKeys(arena, layout, ROOM);
      List<Piece> pieces = List.of(new Piece(from, 0, 64, 0));
      sent.gather(pieces);
      byte[] before = bytes(sent);
      write(from, 0, 64);
      sent.gather(pieces);
      assertEquals(0, Arrays.compare(before, bytes(sent)));
      sent.forget(from, p -> 0);
      sent.gather(pieces);
      assertNotEquals(0, Arrays.compare(before, bytes(sent)));
    }
  }

  private static byte[] bytes(SentKeys sent) {
    return segment(sent.arrays().get(0)).toArray(ValueLayout.JAVA_BYTE);
  }
}
