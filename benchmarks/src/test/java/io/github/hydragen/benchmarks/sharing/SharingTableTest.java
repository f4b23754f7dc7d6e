package io.github.hydragen.benchmarks.sharing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.hydragen.DataType;
import io.github.hydragen.cli.console.Environment;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SharingTableTest {
  private static final Layout LAYOUT = new Layout(8, 2, 128, DataType.BF16);

  private static SharingCell cell(int batch, int prefix, boolean chosen, double loss) {
    return new SharingCell(
        batch, prefix, chosen, 10, 10, 25, 10.5, loss, loss - 1, 0.02, 9, loss > 0.05);
  }

  @Test
  void gainsAreInTheirPlacesAndLossesAreSummedUp() {
    List<SharingCell> cells =
        List.of(cell(1, 0, false, 0), cell(1, 16, false, 0.071), cell(1, 32, true, -0.2));
    String table = SharingTable.of(Environment.here(), "a command", Map.of(LAYOUT, cells));
    assertTrue(
        table.contains("**8 query heads, 2 key/value heads of 128, bf16**\n\n| batch | 16 | 32 |"));
    assertTrue(table.contains("| 1 | 2.50 | **2.50** |"), table);
    assertTrue(
        table.contains(
            "more than 5%: 1 of 2 points; the worst by 7.1%, at batch 1 and prefix 16. Measured"
                + " twice: 1."),
        table);
    assertTrue(table.contains("at most 2.0% slower without a prefix, 2.0% at batch 1"), table);
    assertTrue(table.contains("`a command`"), table);
  }

  @Test
  void onlyWhatIsBetweenTheMarksIsReplaced() {
    String document =
        "before\n<!-- sharing-decision: begin -->\nold\n<!-- sharing-decision: end -->\nafter\n";
    assertEquals(document.replace("old", "new"), SharingTable.replace(document, "new\n"));
    assertThrows(IllegalArgumentException.class, () -> SharingTable.replace("no marks", "new"));
  }

  @Test
  void lossesAreMediansOfTurns() {
    long[] steps = new long[2];
    CellTimer timer =
        new CellTimer(List.of(() -> steps[0]++, () -> steps[1] += spin() > 0 ? 1 : 0));
    timer.time(20_000_000);
    assertTrue(timer.rounds() >= 3);
    assertTrue(steps[0] > steps[1] && steps[1] > 0);
    assertTrue(timer.micros(0) < timer.micros(1));
    assertTrue(timer.loss(1) < -0.5, "loss " + timer.loss(1));
  }

  /** Takes at least 100 microseconds. */
  private static long spin() {
    long end = System.nanoTime() + 100_000;
    while (System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    return end;
  }
}
