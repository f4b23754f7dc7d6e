package io.github.hydragen.spi;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Flags that are on, off and unknown. */
class JvmFlagsTest {
  @Test
  void saysWhatIsOnAndOff() {
    assertTrue(JvmFlags.isOn("UseCompressedClassPointers"));
    assertFalse(JvmFlags.isOn("PrintFlagsFinal"));
    assertFalse(JvmFlags.isOn("NoJvmHasThisFlag"));
    assertFalse(JvmFlags.isOff("UseCompressedClassPointers"));
    assertTrue(JvmFlags.isOff("PrintFlagsFinal"));
    assertFalse(JvmFlags.isOff("NoJvmHasThisFlag"));
  }
}
