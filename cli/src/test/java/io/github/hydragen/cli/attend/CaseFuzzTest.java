package io.github.hydragen.cli.attend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.hydragen.cli.attend.CaseRunner.Answer;
import io.github.hydragen.safetensors.SafetensorsException;
import io.github.hydragen.safetensors.SafetensorsFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Valid files, damaged: each is either read or refused with one line, and nothing else happens. */
class CaseFuzzTest {
  private static final int FILES = 10_000;

  private final Path path;
  private int refused;

  CaseFuzzTest(@TempDir Path folder) {
    this.path = folder.resolve("damaged.safetensors");
  }

  @Test
  void aDamagedFileIsReadOrRefused() throws IOException {
    byte[] valid = {};
    for (int seed = 0; seed < FILES; seed++) {
      if (seed % 100 == 0) {
        new RandomCase(seed).file().write(path);
        valid = Files.readAllBytes(path);
      }
      byte[] damaged = damage(valid, new Random(seed));
      Files.write(path, damaged);
      try {
        // Reading is the point; computing what was read, now and then, shows that the case is
        // whole.
        readOrRefuse(damaged.length, seed % 4 == 0);
      } catch (RuntimeException | Error e) {
        throw new AssertionError("seed " + seed, e);
      }
    }
    assertTrue(refused > FILES / 4 && refused < FILES * 9 / 10, refused + " refused");
  }

  /** Cuts the file short, flips up to four bits of header or data, or changes a digit. */
  private static byte[] damage(byte[] valid, Random random) {
    byte[] damaged = valid.clone();
    int header = 8 + (valid[0] & 0xff) + ((valid[1] & 0xff) << 8);
    switch (random.nextInt(4)) {
      case 0 -> damaged = Arrays.copyOf(valid, random.nextInt(valid.length));
      case 1 -> flip(damaged, header, valid.length, random);
      case 2 -> flip(damaged, 0, header, random);
      default -> changeDigit(damaged, header, random);
    }
    return damaged;
  }

  private static void flip(byte[] bytes, int from, int to, Random random) {
    for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
      bytes[random.nextInt(from, to)] ^= (byte) (1 << random.nextInt(8));
    }
  }

  private static void changeDigit(byte[] bytes, int header, Random random) {
    int at = 8 + random.nextInt(header - 8);
    while (at < header && (bytes[at] < '0' || bytes[at] > '9')) {
      at++;
    }
    bytes[at % header] = (byte) ('0' + random.nextInt(10));
  }

  private void readOrRefuse(long size, boolean compute) {
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertTrue(readAll(file) <= size);
      AttentionCase attentionCase = CaseReader.read(file);
      if (compute) {
        compute(attentionCase);
      }
    } catch (SafetensorsException e) {
      refused++;
      String message = String.valueOf(e.getMessage());
      assertTrue(message.startsWith(path + ": ") && message.lines().count() == 1, message);
    }
  }

  private static void compute(AttentionCase attentionCase) {
    try (Arena arena = Arena.ofShared()) {
      Answer answer = CaseRunner.run(attentionCase, "reference", arena);
      assertEquals(attentionCase.queries().elements(), answer.state().out().elements());
    }
  }

  /** Touches every byte of every tensor and returns how many there are. */
  private static long readAll(SafetensorsFile file) throws SafetensorsException {
    long bytes = 0;
    for (String name : file.names()) {
      MemorySegment segment = file.bytes(name);
      bytes += segment.byteSize();
      for (long i = 0; i < segment.byteSize(); i++) {
        segment.get(ValueLayout.JAVA_BYTE, i);
      }
    }
    return bytes;
  }
}
