package io.github.hydragen.cli;

import io.github.hydragen.Availability;
import io.github.hydragen.Backends;
import io.github.hydragen.DeviceInfo;
import io.github.hydragen.cli.console.ExitCode;
import io.github.hydragen.cli.console.Terminal;
import io.github.hydragen.spi.AttentionBackendProvider;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Lists backends and devices. */
@Command(
    name = "devices",
    description = "Lists backends and devices: available or not, why, and what to do.",
    footer = {
      "",
      "The backend tried first is on top; one of negative priority is used only if named.",
      "",
      "Examples:",
      "  ./hydragen devices",
      "  ./hydragen bench --backend cpu"
    })
final class DevicesCommand implements Callable<Integer> {
  private final Terminal terminal;

  /** Printed at the end, so that what a provider refuses leaves no half of a list. */
  private final StringBuilder list = new StringBuilder();

  DevicesCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    for (AttentionBackendProvider provider : Backends.providers()) {
      Availability availability = provider.availability();
      line("", provider.name(), state(availability) + ": " + availability.reason());
      remedy("", availability);
      for (DeviceInfo device : provider.devices()) {
        print(device, availability);
      }
    }
    terminal.out().print(list);
    return ExitCode.DONE;
  }

  /** One device; what is true of its whole backend is not said again. */
  private void print(DeviceInfo device, Availability ofBackend) {
    line("  ", device.name(), device.description());
    if (!device.availability().equals(ofBackend)) {
      line("  ", "", state(device.availability()) + ": " + device.availability().reason());
      remedy("  ", device.availability());
    }
  }

  private void remedy(String indent, Availability availability) {
    if (!availability.remedy().isEmpty()) {
      line(indent, "", "remedy: " + availability.remedy());
    }
  }

  private static String state(Availability availability) {
    return availability.available() ? "available" : "not available";
  }

  private void line(String indent, String name, String text) {
    list.append("%-16s%s%n".formatted(indent + name, text));
  }
}
