package io.github.hydragen.cpu.sharing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.hydragen.DataType;
import io.github.hydragen.cpu.sharing.SharingRates.Widths;
import io.github.hydragen.cpu.simd.Simd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SharingRatesTest {
  private static final SharingRates RATES =
      new SharingRates(
          new Widths(1, 2, 3),
          new Widths(40, 60, 100),
          new Widths(0.25, 0.5, 0.75),
          7,
          0.125,
          80,
          60,
          50,
          900);

  private final Path folder;

  SharingRatesTest(@TempDir Path folder) {
    this.folder = folder;
  }

  @Test
  void rowsAreStreamedInFoursTwosAndOnes() {
    assertEquals(1, RATES.stream(1));
    assertEquals(2 + 1, RATES.stream(3));
    assertEquals(2 * 3 + 2 + 1, RATES.stream(11));
    assertEquals(4 * 3, RATES.stream(16));
    assertEquals(0.25, RATES.miss(1));
    assertEquals(0.5, RATES.miss(3));
    assertEquals(0.75, RATES.miss(16));
  }

  @Test
  void tilesAreAsWideAsTheirRows() {
    assertEquals(7 + 40, RATES.matrix(16, 64));
    assertEquals(7 + 60, RATES.matrix(17, 64));
    assertEquals(7 + 100, RATES.matrix(64, 64));
    assertEquals(7 + 2 * 100 + 100, RATES.matrix(161, 64));
  }

  @Test
  void textIsReadAgain() {
    SharingRates again = SharingRates.parse(RATES.text()).orElseThrow();
    assertEquals(RATES.text(), again.text());
    assertEquals(RATES.matrix(161, 64), again.matrix(161, 64));
    assertEquals(900, again.barrier());
  }

  @Test
  void textThatMakesNoSenseIsNoRates() {
    String good = RATES.text();
    for (String bad :
        new String[] {
          "",
          "fast",
          good + " 1",
          good.substring(good.indexOf(' ')),
          "-" + good,
          good.replace("900", "NaN"),
          good.replace("900.0", "1e30")
        }) {
      assertEquals(Optional.empty(), SharingRates.parse(bad), bad);
    }
  }

  @Test
  void theFileKeepsTypesAndMachinesApart() throws IOException {
    Path file = folder.resolve("new").resolve("rates.properties");
    SharingRatesFile here = new SharingRatesFile(file, "a: processor = 1");
    SharingRatesFile there = new SharingRatesFile(file, "another");
    assertEquals(Optional.empty(), here.read(DataType.F32));
    here.write(DataType.F32, RATES);
    there.write(DataType.F32, SharingRates.defaults(DataType.F32, new Simd.Scalars("")));
    assertEquals(RATES.text(), here.read(DataType.F32).orElseThrow().text());
    assertEquals(Optional.empty(), here.read(DataType.BF16));
    assertTrue(there.read(DataType.F32).isPresent());
    try (var files = Files.list(file.getParent())) {
      assertEquals(1, files.count());
    }
  }

  @Test
  void aDamagedFileIsReplaced() throws IOException {
    Path file = folder.resolve("rates.properties");
    Files.writeString(file, "a=\\u12zz");
    SharingRatesFile rates = new SharingRatesFile(file, "here");
    assertEquals(Optional.empty(), rates.read(DataType.F16));
    rates.write(DataType.F16, RATES);
    assertTrue(rates.read(DataType.F16).isPresent());
  }

  @Test
  void whereNothingCanBeWrittenNothingIs() throws IOException {
    Path blocked = Files.createFile(folder.resolve("file"));
    SharingRatesFile rates = new SharingRatesFile(blocked.resolve("rates.properties"), "here");
    rates.write(DataType.F16, RATES);
    assertEquals(Optional.empty(), rates.read(DataType.F16));
  }

  @Test
  void whatWasNotCompiledIsNotPlausible() {
    assertTrue(SharingRates.defaults(DataType.F32, Simd.best()).plausible());
    assertTrue(SharingRates.defaults(DataType.BF16, new Simd.Scalars("")).plausible());
    String sound = "4 6 10 40 60 100 1 1 1 7 0 80 60 50 900";
    assertTrue(SharingRates.parse(sound).orElseThrow().plausible());
    for (String slow :
        new String[] {
          "4 6 300 40 60 100 1 1 1 7 0 80 60 50 900",
          "0 6 10 40 60 100 1 1 1 7 0 80 60 50 900",
          "4 6 10 4000 60 100 1 1 1 7 0 80 60 50 900",
          "4 6 10 400 600 1000 1 1 1 7 0 80 60 50 900",
          "4 6 10 40 60 100 1 1 1 7 0 0 60 50 900"
        }) {
      assertFalse(SharingRates.parse(slow).map(SharingRates::plausible).orElse(false), slow);
    }
  }

  /** Bounds so wide that only a wrong unit, or a part that does nothing, is beyond them. */
  @Test
  void measuredRatesAreThoseOfAProcessor() {
    Simd simd = Simd.best();
    Assumptions.assumeFalse(simd.isScalar());
    Optional<SharingRates> measured = SharingRatesMeter.measure(simd, DataType.BF16, 1);
    for (int i = 0; i < 3 && measured.isEmpty(); i++) {
      measured = SharingRatesMeter.measure(simd, DataType.BF16, 1);
    }
    SharingRates rates = measured.orElseThrow();
    assertTrue(SharingRates.parse(rates.text()).isPresent(), rates.text());
    assertTrue(rates.stream(1) > 0.1 && rates.stream(4) < 1e4, rates.text());
    assertTrue(rates.tile().narrow() > 1 && rates.tile().wide() < 1e5, rates.text());
    assertTrue(rates.merge() > 1 && rates.row() > 1, rates.text());
  }
}
