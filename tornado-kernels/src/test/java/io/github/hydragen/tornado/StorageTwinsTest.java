package io.github.hydragen.tornado;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The F16 kernels are the F32 kernels with other arrays of keys and values. TornadoVM compiles no
 * generic code, so both are written out; this holds them equal.
 */
class StorageTwinsTest {
  private static final Path KERNELS = Path.of("src/main/java/io/github/hydragen/tornado/kernels");

  @BeforeAll
  static void sources() {
    assumeTrue(Files.isDirectory(KERNELS), "the sources of the kernels are not in " + KERNELS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"TilePass", "StreamPass"})
  void halfFollowsFloat(String kernel) throws IOException {
    String expected =
        source(kernel + "F32")
            .replace(kernel + "F32", kernel + "F16")
            .replace("FloatArraykeys,", "HalfFloatArraykeys,")
            .replace("FloatArrayvalues,", "HalfFloatArrayvalues,");
    String actual =
        source(kernel + "F16")
            .replace(".getFloat32()", "")
            .replace("importuk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;", "");
    assertEquals(expected, actual);
  }

  /** As above, but BF16 numbers are in longs, and so are the packed prefixes of both. */
  @Test
  void jointPassesAreTwins() throws IOException {
    String expected =
        source("JointPassBF16")
            .replace("BF16", "F16")
            .replace("LongArraykeys,", "HalfFloatArraykeys,")
            .replace("LongArrayvalues,", "HalfFloatArrayvalues,")
            .replace("suffixes,fourF16numbersineachelement", "suffixes");
    String actual =
        source("JointPassF16")
            .replace("importuk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;", "");
    assertEquals(expected, actual);
  }

  /** The products, between what reads and what packs, stand in methods with local arrays. */
  @Test
  void matrixPassesOverSuffixesMultiplyAlike() throws IOException {
    String first = source("SuffixMatrixBF16").replace("mmaBF16(", "mma(");
    String second = source("SuffixMatrixF16");
    assertEquals(part(first, "intright=", "[]l7="), part(second, "intright=", "[]l7="));
    assertEquals(part(first, "[]k0=", "score[7]="), part(second, "[]k0=", "score[7]="));
    assertEquals(part(first, "floatbest0=", "sum1+="), part(second, "floatbest0=", "sum1+="));
    assertEquals(part(first, "[]p0=", "floatsum="), part(second, "[]p0=", "floatsum="));
  }

  private static String part(String source, String from, String to) {
    int start = source.indexOf(from);
    return source.substring(start, source.indexOf(to, start));
  }

  private static String source(String name) throws IOException {
    return Files.readString(KERNELS.resolve(name + ".java")).replaceAll("\\s", "");
  }
}
