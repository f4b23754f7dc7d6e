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
  private static final MedianInterval NONE = new MedianInterval(0, 0, 0);

  private static SharingCell cell(int batch, int prefix, boolean chosen, double low, double high) {
    MedianInterval loss = new MedianInterval((low + high) / 2, low, high);
    MedianInterval own = new MedianInterval(0.02, 0.01, 0.03);
    return new SharingCell(
        batch, prefix, chosen, 9, 24, 10, 10, 25, 10.5, loss, NONE, own, 9, high > 0.05 ? 2 : 0);
  }

  @Test
  void gainsAreInTheirPlacesAndLossesAreSummedUp() {
    List<SharingCell> cells =
        List.of(
            cell(1, 0, false, 0, 0),
            cell(1, 16, false, 0.06, 0.08),
            cell(1, 32, true, -0.3, -0.1),
            cell(2, 16, true, 0.01, 0.06));
    String table = SharingTable.of(Environment.here(), Map.of(LAYOUT, cells));
    assertTrue(
        table.contains("**8 query heads, 2 key/value heads of 128, bf16**\n\n| batch | 16 | 32 |"));
    assertTrue(table.contains("| 1 | 2.50 | **2.50** |\n| 2 | **2.50** |  |"), table);
    assertTrue(
        table.contains(
            "with the whole interval: 1 of 3 points; slower by more than 5%: 1; in doubt: 1; measured"
                + " again: 2. The worst: 7.0% (6.0 to 8.0%), at batch 1 and prefix 16."),
        table);
    assertTrue(
        table.contains("at most 2.0% slower (1.0 to 3.0%), at batch 1 and prefix 0,"), table);
    assertTrue(table.contains("`SharingDecision docs`"), table);
  }

  @Test
  void onlyWhatIsBetweenTheMarksIsReplaced() {
    String document =
        "before\n<!-- sharing-decision: begin -->\nold\n<!-- sharing-decision: end -->\nafter\n";
    assertEquals(document.replace("old", "new"), SharingTable.replace(document, "new\n"));
    assertThrows(IllegalArgumentException.class, () -> SharingTable.replace("no marks", "new"));
  }
}
