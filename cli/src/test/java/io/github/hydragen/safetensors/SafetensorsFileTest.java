package io.github.hydragen.safetensors;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.hydragen.DataType;
import io.github.hydragen.Tensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsFileTest {
  /** A tensor of 8 bytes, F32[2], called a. */
  private static final String A = "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}";

  private final Path folder;

  SafetensorsFileTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void readsAHandWrittenFileOfAnyAlignment() throws IOException {
    String header =
        "{\"__metadata__\":{\"scale\":\"0.5\"},"
            + "\"h\":{\"dtype\":\"BF16\",\"shape\":[1],\"data_offsets\":[0,2]},"
            + "\"n\":{\"dtype\":\"I32\",\"shape\":[2],\"data_offsets\":[2,10]},"
            + "\"x\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[10,18]},"
            + "\"f\":{\"dtype\":\"F16\",\"shape\":[2,1],\"data_offsets\":[18,22]},"
            + "\"e\":{\"dtype\":\"F64\",\"shape\":[3,0],\"data_offsets\":[22,22]}} ";
    byte[] data =
        HexFormat.of()
            .parseHex(
                "c03f" // 1.5
                    + "07000000"
                    + "feffffff" // 7, -2
                    + "0000803e"
                    + "000020c1" // 0.25, -10
                    + "003c"
                    + "ff7b"); // 1, 65504
    Path path = RawFile.write(folder, RawFile.of(header.getBytes(StandardCharsets.UTF_8), data));
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertEquals(Map.of("scale", "0.5"), file.metadata());
      assertEquals(Set.of("h", "n", "x", "f", "e"), file.names());
      assertArrayEquals(new float[] {1.5f}, file.tensor("h").toFloats());
      assertArrayEquals(new int[] {7, -2}, file.ints("n"));
      assertArrayEquals(new float[] {0.25f, -10}, file.tensor("x").toFloats());
      assertArrayEquals(new long[] {1, 2}, file.tensor("x").shape());
      assertArrayEquals(new float[] {1, 65504}, file.tensor("f").toFloats());
      assertEquals(DataType.F16, file.tensor("f").type());
      assertEquals(new TensorInfo("e", ElementType.F64, List.of(3L, 0L), 22, 22), file.info("e"));
      assertTrue(file.bytes("x").isReadOnly());
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {                                                  | not JSON
          {} {}                                              | behind the header
          {}x                                                | not JSON
          {"a":1}                                            | not described by an object
          {"a":{}}                                           | lacks dtype
          {A,A}                                              | two tensors are named "a"
          {"__metadata__":{},"__metadata__":{}}              | two __metadata__
          {"__metadata__":[]}                                | not an object of strings
          {"__metadata__":{"k":1}}                           | "k" is not a string
          {"__metadata__":{"k":"1","k":"2"}}                 | two metadata "k"
          {"a":{"dtype":"F32","dtype":"F32"}}                | two "dtype"
          {"a":{"dtype":32}}                                 | dtype is not a string
          {"a":{"dtype":"F31"}}                              | unknown dtype "F31"
          {"a":{"dtype":"F32","shape":2}}                    | shape is not an array
          {"a":{"dtype":"F32","shape":[2.0]}}                | not an integer
          {"a":{"dtype":"F32","shape":["2"]}}                | not an integer
          {"a":{"dtype":"F32","shape":[-2]}}                 | holds -2
          {"a":{"dtype":"F32","shape":[9223372036854775808]}} | holds 9223372036854775808
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}} | data_offsets are [0]
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8,8]}} | data_offsets are [0, 8, 8]
          {"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}} | data_offsets are [8, 0]
          {"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}} | takes 12 bytes
          {"a":{"dtype":"F16","shape":[2],"data_offsets":[0,8]}} | takes 4 bytes
          {"a":{"dtype":"F4","shape":[3],"data_offsets":[0,8]}} | no number of bytes
          {"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}} | no number of
          {"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}} | ends at byte 16
          {"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}} | behind a hole
          {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}} | the file has 8 bytes of it
          {A,"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}} | "b" begins at byte 4
          {}                                                 | end at byte 0
          {"a":{"x":[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]}} | nesting depth
          {"a\\u000ab":1}                                    | tensor "a?b"
          [A]                                                | does not begin with {
          """)
  void namesWhatIsWrongWithAHeader(String header, String expected) throws IOException {
    byte[] bytes = RawFile.of(header.replace("A", A), 8);
    assertMalformed(bytes, expected);
  }

  @Test
  void namesWhatIsWrongWithTheFile() throws IOException {
    assertMalformed(new byte[0], "has 0 bytes");
    assertMalformed(new byte[7], "has 7 bytes");
    assertMalformed(new byte[8], "does not begin with {");
    byte[] whole = RawFile.of("{" + A + "}", 8);
    byte[] cut = new byte[20];
    System.arraycopy(whole, 0, cut, 0, cut.length);
    assertMalformed(cut, "announces a header of");
    whole[7] = (byte) 0x80;
    assertMalformed(whole, "announces a header of 92233720368547758");
    whole[7] = 0;
    whole[4] = 1;
    assertMalformed(whole, "more than the format's 100000000");
    assertMalformed(
        RawFile.of(new byte[] {'{', '"', (byte) 0xc0, (byte) 0x80, '"', '}'}, new byte[0]),
        "not UTF-8");
  }

  @Test
  void refusesMoreSizesThanAnyTensorHas() throws IOException {
    String sizes = "1,".repeat(100) + "1";
    assertMalformed(
        RawFile.of("{\"a\":{\"shape\":[" + sizes + "]}}", 8), "shape has more than 64 numbers");
  }

  private void assertMalformed(byte[] bytes, String expected) throws IOException {
    Path path = RawFile.write(folder, bytes);
    SafetensorsException e =
        assertThrows(SafetensorsException.class, () -> SafetensorsFile.open(path).close());
    String message = String.valueOf(e.getMessage());
    assertTrue(message.contains(expected), message);
    assertTrue(message.startsWith(path.toString()), message);
    assertEquals(1, message.lines().count(), message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"none.safetensors", "."})
  void namesAFileThatIsNone(String name) {
    Path path = folder.resolve(name);
    SafetensorsException e =
        assertThrows(SafetensorsException.class, () -> SafetensorsFile.open(path).close());
    assertTrue(String.valueOf(e.getMessage()).startsWith(path + ": "), e.getMessage());
  }

  @Test
  void namesATensorThatIsMissingOrOfAnotherType() throws IOException {
    Path path = RawFile.write(folder, RawFile.of("{" + A + "}", 8));
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertRefused("no tensor \"b\"", () -> file.tensor("b"));
      assertRefused("\"a\" is F32[2], not I32", () -> file.ints("a"));
    }
    byte[] ints =
        RawFile.of("{\"a\":{\"dtype\":\"I32\",\"shape\":[2,1],\"data_offsets\":[0,8]}}", 8);
    try (SafetensorsFile file = SafetensorsFile.open(RawFile.write(folder, ints))) {
      assertRefused("\"a\" is I32[2, 1], not F32", () -> file.tensor("a"));
      assertRefused("\"a\" is I32[2, 1], not I32 of one", () -> file.ints("a"));
    }
  }

  private static void assertRefused(String expected, Executable access) {
    SafetensorsException e = assertThrows(SafetensorsException.class, access);
    assertTrue(String.valueOf(e.getMessage()).contains(expected), e.getMessage());
  }

  @Test
  void viewsOfAClosedFileAreRefusedNotRead() throws IOException {
    Path path = RawFile.write(folder, RawFile.of("{" + A + "}", 8));
    SafetensorsFile file = SafetensorsFile.open(path);
    Tensor tensor = file.tensor("a");
    file.close();
    file.close();
    assertThrows(IllegalStateException.class, () -> tensor.get(0));
    Files.delete(path);
    assertFalse(Files.exists(path));
  }
}
