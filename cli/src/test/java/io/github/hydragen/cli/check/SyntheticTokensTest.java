package io.github.hydragen.cli.check;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.github.hydragen.DataType;
import io.github.hydragen.cli.check.SyntheticKeys.Span;
import io.github.hydragen.cli.check.SyntheticTokens.Kind;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SyntheticTokensTest {
  private static final int ROW = 64;

  private static float[] read(SyntheticTokens tokens, Kind kind, long stream, long position) {
    float[] row = new float[ROW];
    tokens.read(kind, stream, position, 0, row);
    return row;
  }

  @Test
  void aCopyHoldsWhatIsReadLater() {
    for (DataType type : DataType.values()) {
      try (SyntheticTokens tokens = new SyntheticTokens(1, type, ROW)) {
        MemorySegment copy = MemorySegment.ofArray(new byte[ROW * type.bytes()]);
        tokens.copy(Kind.VALUE, 3, 17, copy);
        float[] copied = new float[ROW];
        for (int i = 0; i < ROW; i++) {
          copied[i] = type.read(copy, i);
        }
        assertArrayEquals(read(tokens, Kind.VALUE, 3, 17), copied);
      }
    }
  }

  @Test
  void theSeedDecidesAndEveryTokenDiffers() {
    try (SyntheticTokens tokens = new SyntheticTokens(1, DataType.F32, ROW);
        SyntheticTokens same = new SyntheticTokens(1, DataType.F32, ROW);
        SyntheticTokens other = new SyntheticTokens(2, DataType.F32, ROW)) {
      float[] row = read(tokens, Kind.KEY, 5, 6);
      assertArrayEquals(row, read(same, Kind.KEY, 5, 6));
      assertFalse(Arrays.equals(row, read(other, Kind.KEY, 5, 6)));
      assertFalse(Arrays.equals(row, read(tokens, Kind.VALUE, 5, 6)));
      assertFalse(Arrays.equals(row, read(tokens, Kind.QUERY, 5, 6)));
      assertFalse(Arrays.equals(row, read(tokens, Kind.KEY, 6, 5)));
      assertFalse(Arrays.equals(row, read(tokens, Kind.KEY, -1, 6)));
    }
  }

  @Test
  void valuesAreStandardNormal() {
    try (SyntheticTokens tokens = new SyntheticTokens(1, DataType.F32, ROW)) {
      double sum = 0;
      double squares = 0;
      int rows = 2000;
      for (int position = 0; position < rows; position++) {
        for (float value : read(tokens, Kind.KEY, 0, position)) {
          sum += value;
          squares += value * value;
        }
      }
      int count = rows * ROW;
      assertEquals(0, sum / count, 0.02);
      assertEquals(1, squares / count, 0.02);
    }
  }

  @Test
  void noQueryIsACopyOfAKey() {
    try (SyntheticTokens tokens = new SyntheticTokens(1, DataType.F32, ROW)) {
      Set<List<Float>> keys = new HashSet<>();
      for (int position = 0; position < 3000; position++) {
        float[] key = read(tokens, Kind.KEY, -1, position);
        for (int i = 0; i + 3 <= ROW; i++) {
          keys.add(List.of(key[i], key[i + 1], key[i + 2]));
        }
      }
      for (int position = 0; position < 3000; position++) {
        float[] query = read(tokens, Kind.QUERY, 0, position);
        assertFalse(keys.contains(List.of(query[0], query[1], query[2])));
      }
    }
  }

  @Test
  void keysOfSeveralSpansFollowEachOther() {
    try (SyntheticTokens tokens = new SyntheticTokens(1, DataType.F16, ROW)) {
      int headDim = 16;
      SyntheticKeys keys =
          new SyntheticKeys(
              tokens, List.of(new Span(-1, 2), new Span(-2, 0), new Span(4, 3)), 1, headDim);
      assertEquals(5, keys.length());
      float[] key = new float[headDim];
      keys.key(3, key);
      float[] expected = Arrays.copyOfRange(read(tokens, Kind.KEY, 4, 1), headDim, 2 * headDim);
      assertArrayEquals(expected, key);
    }
  }
}
