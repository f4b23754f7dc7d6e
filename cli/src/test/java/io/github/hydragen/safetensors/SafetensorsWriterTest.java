package io.github.hydragen.safetensors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.hydragen.DataType;
import io.github.hydragen.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsWriterTest {
  private final Path folder;

  SafetensorsWriterTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void writesTheLayoutOfThePythonPackage() throws IOException {
    Path path = folder.resolve("a.safetensors");
    try (Arena arena = Arena.ofConfined()) {
      Tensor half = Tensor.allocate(arena, DataType.BF16, 1);
      half.set(0, 1.5f);
      new SafetensorsWriter()
          .metadata("scale", "0.5")
          .tensor("half", half)
          .tensor("x", Tensor.of(new float[] {0.25f, -10}, 1, 2))
          .ints("n", 7)
          .write(path);
    }
    String header =
        "{\"__metadata__\":{\"scale\":\"0.5\"},"
            + "\"x\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[0,8]},"
            + "\"n\":{\"dtype\":\"I32\",\"shape\":[1],\"data_offsets\":[8,12]},"
            + "\"half\":{\"dtype\":\"BF16\",\"shape\":[1],\"data_offsets\":[12,14]}}";
    header += " ".repeat((8 - header.length() % 8) % 8);
    byte[] data = HexFormat.of().parseHex("0000803e" + "000020c1" + "07000000" + "c03f");
    assertArrayEquals(
        RawFile.of(header.getBytes(StandardCharsets.UTF_8), data), Files.readAllBytes(path));
  }

  @Test
  void whatIsWrittenIsRead() throws IOException {
    Path path = folder.resolve("b.safetensors");
    float[] values = new float[700_001];
    for (int i = 0; i < values.length; i++) {
      values[i] = i * 0.5f;
    }
    new SafetensorsWriter()
        .metadata("a \"quoted\"\nkey", "\u00fc\u4e2d")
        .tensor("large", Tensor.of(values, values.length))
        .tensor("empty", Tensor.of(new float[0], 4, 0))
        .tensor("scalar", Tensor.of(new float[] {3}))
        .write(path);
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertEquals("\u00fc\u4e2d", file.metadata().get("a \"quoted\"\nkey"));
      assertArrayEquals(values, file.tensor("large").toFloats());
      assertArrayEquals(new long[] {4, 0}, file.tensor("empty").shape());
      assertArrayEquals(new float[] {3}, file.tensor("scalar").toFloats());
    }
  }

  @Test
  void replacesAFileAndLeavesNothingBeside() throws IOException {
    Path path = Files.writeString(folder.resolve("c.safetensors"), "old");
    new SafetensorsWriter().ints("n", 1, 2).write(path);
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertArrayEquals(new int[] {1, 2}, file.ints("n"));
    }
    assertEquals(List.of(path), files());
  }

  @Test
  void aFailureLeavesWhatWasThere() throws IOException {
    Path target = Files.createDirectory(folder.resolve("d.safetensors"));
    Path inside = Files.writeString(target.resolve("inside"), "old");
    SafetensorsWriter writer = new SafetensorsWriter().ints("n", 1);
    assertThrows(IOException.class, () -> writer.write(target));
    assertEquals("old", Files.readString(inside));
    assertEquals(List.of(target), files());

    Path kept = Files.writeString(folder.resolve("e.safetensors"), "old");
    Arena arena = Arena.ofConfined();
    SafetensorsWriter freed =
        new SafetensorsWriter().tensor("x", Tensor.allocate(arena, DataType.F32, 4));
    arena.close();
    assertThrows(IllegalStateException.class, () -> freed.write(kept));
    assertEquals("old", Files.readString(kept));
    assertEquals(List.of(target, kept), files());
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }

  @Test
  void refusesANameTwiceAndBytesThatDoNotFit() {
    SafetensorsWriter writer = new SafetensorsWriter().ints("n", 1);
    assertThrows(IllegalArgumentException.class, () -> writer.ints("n", 2));
    assertThrows(IllegalArgumentException.class, () -> writer.ints("__metadata__", 2));
    var bytes = Tensor.of(new float[2], 2).segment();
    assertThrows(
        IllegalArgumentException.class, () -> writer.bytes("x", ElementType.F32, bytes, 3));
  }
}
