package io.github.hydragen.tornado;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.hydragen.Availability;
import io.github.hydragen.BackendUnavailableException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Devices and the two providers, of which one is available at a time. */
class DevicesTest {
  @Test
  void oneOfTheTwoProvidersIsAvailableAndTheOtherSaysWhatToDo() {
    Availability tornado = new TornadoBackendProvider().availability();
    Availability simulator = new SimulatorBackendProvider().availability();
    assertNotEquals(tornado.available(), simulator.available());
    Availability other = tornado.available() ? simulator : tornado;
    assertTrue(other.remedy().contains("TORNADOVM_HOME"), other.remedy());
    assertFalse(other.reason().isEmpty());
  }

  @Test
  void anUnknownDeviceIsRefusedWithTheKnownOnes() {
    BackendUnavailableException refused =
        assertThrows(BackendUnavailableException.class, () -> Devices.find("9:9"));
    String message = String.valueOf(refused.getMessage());
    assertTrue(message.contains("9:9: choose one of [0:0"), message);
  }

  @ParameterizedTest
  @CsvSource({"123, 123", "2B, 2", "3KB, 3072", "4GB, 4294967296", "1MB, 1048576"})
  void sizesAreReadAsTornadoVmDoes(String size, long bytes) {
    assertEquals(bytes, Devices.bytes(size));
  }
}
