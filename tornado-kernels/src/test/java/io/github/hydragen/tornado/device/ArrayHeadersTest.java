package io.github.hydragen.tornado.device;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Objects;
import org.junit.jupiter.api.Test;

/** When tuned kernels would read at the wrong place. */
class ArrayHeadersTest {
  @Test
  void theUsualOnesAreFine() {
    assertNull(ArrayHeaders.unusual(16, flag -> false));
  }

  @Test
  void compactHeadersAreShorter() {
    String why = ArrayHeaders.unusual(16, "UseCompactObjectHeaders"::equals);
    assertTrue(Objects.requireNonNull(why).contains("-XX:-UseCompactObjectHeaders"), why);
  }

  @Test
  void otherHeadersAreNamed() {
    String why = ArrayHeaders.unusual(24, flag -> false);
    assertTrue(Objects.requireNonNull(why).contains("24 bytes"), why);
  }
}
