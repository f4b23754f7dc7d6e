package io.github.hydragen.cli;

import io.github.hydragen.Availability;
import io.github.hydragen.Backends;
import io.github.hydragen.DeviceInfo;
import io.github.hydragen.cli.console.ExitCode;
import io.github.hydragen.cli.console.Terminal;
import io.github.hydragen.spi.AttentionBackendProvider;
import java.util.List;
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

  DevicesCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    for (AttentionBackendProvider provider : Backends.providers()) {
      line("", provider.name(), "", provider.availability());
      List<DeviceInfo> devices = provider.devices();
      for (DeviceInfo device : devices) {
        line("  ", device.name(), device.description(), device.availability());
      }
    }
    return ExitCode.DONE;
  }

  private void line(String indent, String name, String description, Availability availability) {
    String state = availability.available() ? "available" : "not available";
    terminal.out().printf("%s%-16s%s: %s%n", indent, name, state, availability.reason());
    if (!description.isEmpty()) {
      terminal.out().println(indent + "  " + description);
    }
    if (!availability.remedy().isEmpty()) {
      terminal.out().println(indent + "  remedy: " + availability.remedy());
    }
  }
}
