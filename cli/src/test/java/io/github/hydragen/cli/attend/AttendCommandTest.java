package io.github.hydragen.cli.attend;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.github.hydragen.DataType;
import io.github.hydragen.Tensor;
import io.github.hydragen.cli.Cli;
import io.github.hydragen.cli.console.ExitCode;
import io.github.hydragen.safetensors.RawFile;
import io.github.hydragen.safetensors.SafetensorsFile;
import io.github.hydragen.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class AttendCommandTest {
  private static final double TOLERANCE = 2e-5;

  private final Path folder;
  private final Path input;
  private final Path output;

  AttendCommandTest(@TempDir Path folder) {
    this.folder = folder;
    this.input = folder.resolve("case.safetensors");
    this.output = folder.resolve("out.safetensors");
  }

  private Cli.Result attend(String... more) {
    String[] first = {"attend", "--input", input.toString(), "--output", output.toString()};
    String[] all = Arrays.copyOf(first, first.length + more.length);
    System.arraycopy(more, 0, all, first.length, more.length);
    return Cli.run(all);
  }

  @ParameterizedTest
  @ValueSource(strings = {"reference", "cpu"})
  void equalsTheDefinition(String backend) throws IOException {
    for (long seed = 0; seed < 150; seed++) {
      RandomCase random = new RandomCase(seed);
      random.file().write(input);
      Cli.Result result = attend("--backend", backend);
      assertEquals(ExitCode.DONE, result.code(), "seed " + seed + ": " + result.err());
      try (SafetensorsFile answer = SafetensorsFile.open(output)) {
        compare("seed " + seed + ": " + random, random, answer);
      }
    }
  }

  /** A header of odd length moves every tensor off its alignment. */
  @ParameterizedTest
  @ValueSource(strings = {"reference", "cpu"})
  void readsDataOfAnyAlignment(String backend) throws IOException {
    for (long seed = 0; seed < 12; seed++) {
      RandomCase random = new RandomCase(seed);
      random.file().write(input);
      byte[] bytes = Files.readAllBytes(input);
      int header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt() + 8;
      byte[] padded = Arrays.copyOfRange(bytes, 8, header + 1);
      padded[padded.length - 1] = ' ';
      Files.write(input, RawFile.of(padded, Arrays.copyOfRange(bytes, header, bytes.length)));
      assertEquals(ExitCode.DONE, attend("--backend", backend).code());
      try (SafetensorsFile answer = SafetensorsFile.open(output)) {
        compare("seed " + seed + ": " + random, random, answer);
      }
    }
  }

  private static void compare(String message, RandomCase random, SafetensorsFile answer)
      throws IOException {
    assertEquals("e", answer.metadata().get("lse_base"));
    Tensor out = answer.tensor("out");
    Tensor lse = answer.tensor("lse");
    assertEquals(DataType.F32, out.type());
    assertArrayEquals(random.q.shape(), out.shape());
    assertArrayEquals(Arrays.copyOf(random.q.shape(), 3), lse.shape());
    Definition definition = new Definition(random);
    int row = 0;
    for (int b = 0; b < random.batch; b++) {
      for (int t = 0; t < random.newTokens; t++) {
        for (int h = 0; h < random.queryHeads; h++, row++) {
          double[] expected = definition.row(b, t, h);
          for (int i = 0; i < random.headDim; i++) {
            assertEquals(expected[i], out.get((long) row * random.headDim + i), TOLERANCE, message);
          }
          assertEquals(expected[random.headDim], lse.get(row), TOLERANCE, message);
        }
      }
    }
  }

  /** A case of one sequence, one head of dimension 2, two suffix tokens; no prefix. */
  private static SafetensorsWriter plain() {
    return new SafetensorsWriter()
        .tensor("q", floats(1, 1, 1, 2))
        .tensor("suffix.k", floats(1, 2, 1, 2))
        .tensor("suffix.v", floats(1, 2, 1, 2));
  }

  private static SafetensorsWriter withPrefix(int tokens, int... offsets) {
    return plain()
        .tensor("prefix.0.k", floats(tokens, 1, 2))
        .tensor("prefix.0.v", floats(tokens, 1, 2))
        .ints("prefix.0.offsets", offsets);
  }

  private static Tensor floats(long... shape) {
    long elements = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    return Tensor.of(new float[(int) elements], shape);
  }

  static List<Arguments> malformed() {
    return List.of(
        bad(
            "no tensor \"q\": it must be [batch, new_tokens, query_heads, head_dim] of F32, F16 or"
                + " BF16",
            new SafetensorsWriter()),
        bad("no tensor \"suffix.k\"", new SafetensorsWriter().tensor("q", floats(1, 1, 1, 2))),
        bad("q is F32[1, 2]", replaced("q", floats(1, 2))),
        bad("q is F32[0, 1, 1, 2]", replaced("q", floats(0, 1, 1, 2))),
        bad("q is F32[1, 0, 1, 2]", replaced("q", floats(1, 0, 1, 2))),
        bad("suffix.k is F32[2, 2]", replaced("suffix.k", floats(2, 2))),
        bad("suffix.k is F32[2, 2, 1, 2]", replaced("suffix.k", floats(2, 2, 1, 2))),
        bad(
            "suffix.v is F32[1, 1, 1, 2]: it must be F32[1, 2, 1, 2] to fit suffix.k",
            replaced("suffix.v", floats(1, 1, 1, 2))),
        bad(
            "suffix.k is F32[1, 2, 2, 2]: it must be of kv_heads that divide the 1 query_heads of q",
            replaced("suffix.k", floats(1, 2, 2, 2))),
        bad(
            "suffix.k is F32[1, 2, 0, 2]: it must be of kv_heads that divide",
            replaced("suffix.k", floats(1, 2, 0, 2))),
        bad(
            "q is F32[1, 1, 1, 257]: it must be of a head_dim of 1 to 256",
            replaced("q", floats(1, 1, 1, 257))),
        bad(
            "q is F32[1, 1, 1025, 2]: it must be of 1 to 1024 query_heads",
            replaced("q", floats(1, 1, 1025, 2))),
        bad(
            "q is F32[1, 1, 4294967296, 0]: it must be of 1 to 1024 query_heads",
            replaced("q", floats(1, 1, 1L << 32, 0))),
        bad(
            "lengths has 2 entries: it must have 1, one for each sequence of q",
            plain().ints("suffix.lengths", 1, 1)),
        bad("lengths has 3 for sequence 0", plain().ints("suffix.lengths", 3)),
        bad("lengths has -1 for sequence 0", plain().ints("suffix.lengths", -1)),
        bad("not I32", plain().tensor("suffix.lengths", floats(1))),
        bad("\"suffix.length\" is no part", plain().ints("suffix.length", 1)),
        bad("\"prefix.00.k\" is no part", plain().tensor("prefix.00.k", floats(1, 1, 2))),
        bad("\"prefix.1000.k\" is no part", plain().tensor("prefix.1000.k", floats(1, 1, 2))),
        bad(
            "no tensor \"prefix.0.offsets\": it must be I32 [groups + 1], and levels are 0, 1 and so"
                + " on",
            plain().tensor("prefix.1.k", floats(1, 1, 2))),
        bad("prefix.0.offsets has 1 entries, the first 3: it must begin with 0", withPrefix(3, 3)),
        bad("prefix.0.offsets has 0 entries: it must begin with 0", withPrefix(3)),
        bad("offsets has 2 entries, the first 1: it must begin with 0", withPrefix(3, 1, 3)),
        bad("falls from 4 to 3", withPrefix(3, 0, 4, 3)),
        bad(
            "prefix.0.k is F32[3, 1, 2]: it must be F32[4, 1, 2] to fit q, suffix.k and"
                + " prefix.0.offsets",
            withPrefix(3, 0, 4)),
        bad("groups has 1 for sequence 0", withPrefix(3, 0, 3).ints("prefix.0.groups", 1)),
        bad(
            "groups has 2 entries: it must have 1, one for each sequence of q",
            withPrefix(3, 0, 3).ints("prefix.0.groups", 0, 0)),
        bad("scale is \"0\"", plain().metadata("scale", "0")),
        bad("scale is \"1f\"", plain().metadata("scale", "1f")),
        bad("scale is \"NaN\"", plain().metadata("scale", "NaN")),
        bad("scale is \"1e99\"", plain().metadata("scale", "1e99")),
        bad("causal is \"1\"", plain().metadata("causal", "1")),
        bad("logit_soft_cap is \"-1\"", plain().metadata("logit_soft_cap", "-1")),
        bad("window is \"-2\"", plain().metadata("window", "-2")),
        bad("window is \"1.5\"", plain().metadata("window", "1.5")));
  }

  private static Arguments bad(String expected, SafetensorsWriter file) {
    return Arguments.of(expected, file);
  }

  private static SafetensorsWriter replaced(String name, Tensor with) {
    SafetensorsWriter file = new SafetensorsWriter();
    UnaryOperator<String> other = n -> n.equals(name) ? "" : n;
    for (String tensor : List.of("q", "suffix.k", "suffix.v")) {
      Tensor plain = tensor.equals("q") ? floats(1, 1, 1, 2) : floats(1, 2, 1, 2);
      file.tensor(tensor, other.apply(tensor).isEmpty() ? with : plain);
    }
    return file;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("malformed")
  void aCaseThatDoesNotFitIsOneLine(String expected, SafetensorsWriter file) throws IOException {
    file.write(input);
    Files.writeString(output, "untouched");
    assertRefused(expected, attend("--backend", "reference"));
    assertEquals("untouched", Files.readString(output));
    assertEquals(List.of(input, output), files());
  }

  @Test
  void aFileThatIsNoSafetensorsIsOneLine() throws IOException {
    assertRefused("there is no such file", attend());
    Files.writeString(input, "{\"q\": 1}");
    assertRefused("announces a header", attend());
    Files.write(input, RawFile.of("{}", 3));
    assertRefused("the file has 3 bytes", attend());
    assertEquals(List.of(input), files());
  }

  private static void assertRefused(String expected, Cli.Result result) {
    assertAll(
        () -> assertEquals(ExitCode.USAGE, result.code(), result.err()),
        () -> assertEquals("", result.out()),
        () -> assertEquals(1, result.errLines().size(), result.err()),
        () -> assertTrue(result.err().startsWith("hydragen: "), result.err()),
        () -> assertTrue(result.err().contains(expected), result.err()));
  }

  @Test
  void badFlagsAreOneLine() throws IOException {
    plain().write(input);
    assertRefused("--output", Cli.run("attend", "--input", input.toString()));
    assertRefused("--input", Cli.run("attend", "--output", output.toString()));
    assertRefused("--nonsense", attend("--nonsense"));
    String in = input.toString();
    String none = folder.resolve("none").resolve("out").toString();
    assertRefused(
        "there is no folder " + folder.resolve("none"),
        Cli.run("attend", "--input", in, "--output", none));
    assertRefused("it is the input", Cli.run("attend", "--input", in, "--output", in));
    String dir = folder.toString();
    assertRefused("not a regular file", Cli.run("attend", "--input", in, "--output", dir));
    assertEquals(List.of(input), files());
  }

  @Test
  void aKeyOfAnotherTypeIsToldTheType() throws IOException {
    byte[] halves = new byte[2 * 2 * Short.BYTES];
    Tensor k = Tensor.of(MemorySegment.ofArray(halves), DataType.F16, 1, 2, 1, 2);
    replaced("suffix.k", k).write(input);
    assertRefused("suffix.k is F16[1, 2, 1, 2]: it must be F32[1, 2, 1, 2] to fit q", attend());
  }

  @Test
  void aFileThatMayNotBeReadIsOneLine() throws IOException {
    plain().write(input);
    Files.setPosixFilePermissions(input, Set.of());
    assumeFalse(Files.isReadable(input), "root may read anything");
    assertRefused(input + ": cannot be read: permission denied", attend());
  }

  /** What is written first has a longer name than the answer, which nobody gave. */
  @Test
  void anAnswerThatCannotBeWrittenIsNamedAsItWasGiven() throws IOException {
    plain().write(input);
    Path longest = folder.resolve("x".repeat(255));
    Cli.Result result =
        Cli.run("attend", "--input", input.toString(), "--output", longest.toString());
    assertEquals(ExitCode.FAILED, result.code());
    assertEquals(
        List.of("hydragen: --output " + longest + ": File name too long"), result.errLines());
    assertEquals(List.of(input), files());
  }

  @Test
  void aBackendThatIsNotThereHasItsOwnExitCode() throws IOException {
    plain().write(input);
    Cli.Result result = attend("--backend", "nonsense");
    assertEquals(ExitCode.UNAVAILABLE, result.code());
    assertEquals(1, result.errLines().size(), result.err());
    assertFalse(Files.exists(output));
  }

  /** A file with a hole: 512 GiB long, but of a few blocks on the disk. */
  @Test
  void aCaseThatDoesNotFitInMemoryIsOneLine() throws IOException {
    long bytes = 1L << 38;
    String header =
        """
        {"q":{"dtype":"F32","shape":[1,1,1,64],"data_offsets":[0,256]},
        "suffix.k":{"dtype":"F32","shape":[1,1073741824,1,64],"data_offsets":[256,%d]},
        "suffix.v":{"dtype":"F32","shape":[1,1073741824,1,64],"data_offsets":[%d,%d]}}"""
            .formatted(256 + bytes, 256 + bytes, 256 + 2 * bytes);
    Files.write(input, RawFile.of(header, 256));
    try (RandomAccessFile file = new RandomAccessFile(input.toFile(), "rw")) {
      file.setLength(file.length() + 2 * bytes);
    }
    Cli.Result result = attend("--backend", "cpu");
    assertEquals(ExitCode.FAILED, result.code(), result.err());
    assertEquals(1, result.errLines().size(), result.err());
    assertTrue(result.err().contains("GiB"), result.err());
    assertEquals(List.of(input), files());
  }

  @Test
  void whatIsNoPartOfACaseIsNoted() throws IOException {
    plain().metadata("format", "pt").metadata("made by", "hand").ints("token\nids", 1).write(input);
    Cli.Result result = attend("--backend", "reference");
    assertEquals(ExitCode.DONE, result.code(), result.err());
    assertEquals(
        List.of(
            "hydragen: note: tensor token?ids is no part of a case and was ignored",
            "hydragen: note: metadata made by means nothing here and was ignored"),
        result.errLines());
    assertTrue(result.out().contains("out F32[1, 1, 1, 2], lse F32[1, 1, 1]"), result.out());
  }

  @Test
  void aGroupBelowTwoParentsIsNoted() throws IOException {
    new SafetensorsWriter()
        .tensor("q", floats(3, 1, 1, 2))
        .tensor("suffix.k", floats(3, 0, 1, 2))
        .tensor("suffix.v", floats(3, 0, 1, 2))
        .tensor("prefix.0.k", floats(4, 1, 2))
        .tensor("prefix.0.v", floats(4, 1, 2))
        .ints("prefix.0.offsets", 0, 2, 4)
        .ints("prefix.0.groups", 0, 1, 1)
        .tensor("prefix.1.k", floats(5, 1, 2))
        .tensor("prefix.1.v", floats(5, 1, 2))
        .ints("prefix.1.offsets", 0, 5)
        .write(input);
    Cli.Result result = attend("--backend", "reference");
    assertEquals(ExitCode.DONE, result.code(), result.err());
    assertEquals(
        List.of(
            "hydragen: note: prefix.1 has groups below several parents: 1 more copies are stored"),
        result.errLines());
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }
}
