package io.github.hydragen.examples;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.hydragen.Backends;
import io.github.hydragen.spi.AttentionBackendProvider;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The examples run on every backend that is available here. */
class ExamplesTest {
  private final PrintStream stdout = System.out;

  static Stream<String> backends() {
    return Backends.providers().stream()
        .filter(provider -> provider.availability().available())
        .map(AttentionBackendProvider::name);
  }

  @AfterEach
  void restore() {
    System.clearProperty(Backends.PROPERTY);
    System.setOut(stdout);
  }

  @ParameterizedTest
  @MethodSource("backends")
  void embeddingEqualsTheReference(String backend) {
    System.setProperty(Backends.PROPERTY, "reference");
    float[] expected = Embedding.decode();
    System.setProperty(Backends.PROPERTY, backend);
    assertArrayEquals(expected, Embedding.decode(), 2e-5f);
  }

  @ParameterizedTest
  @MethodSource("backends")
  void tourTellsWhatItDid(String backend) {
    assertEquals(
        List.of(
            "tokens before the sequences' own: 240 and 290",
            "suffix lengths: 13, 0, 0",
            "tokens below the fork: 50",
            "a prefix: tokens 0 to 4",
            "tokens saved by sharing: 4",
            "KV bytes: " + (200 + 40 + 90 + 50) * 2 * 2 * 64 * 2),
        output(backend, () -> Tour.main(new String[0])));
  }

  @ParameterizedTest
  @MethodSource("backends")
  void sampleManyIsEqualTokenForToken(String backend) {
    List<String> lines = output(backend, () -> SampleMany.main(new String[] {"8", "100"}));
    assertTrue(lines.getLast().startsWith("equal token for token: true"), lines.toString());
  }

  @ParameterizedTest
  @MethodSource("backends")
  void embeddingPrintsItsLastStep(String backend) {
    List<String> lines = output(backend, () -> Embedding.main(new String[0]));
    assertTrue(lines.getFirst().startsWith("outputs of the last step: 16384"), lines.toString());
  }

  private static List<String> output(String backend, Runnable example) {
    System.setProperty(Backends.PROPERTY, backend);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    example.run();
    return bytes.toString(StandardCharsets.UTF_8).lines().toList();
  }
}
