package io.github.hydragen.cli;

import io.github.hydragen.cli.console.ExitCode;
import io.github.hydragen.cli.console.Terminal;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Prints a completion script. */
@Command(
    name = "completion",
    description = "Prints a script that completes commands and options in a shell.",
    footer = {
      "",
      "Examples:",
      "  source <(./hydragen completion bash)",
      "  ./hydragen completion zsh > ~/.hydragen-completion && source ~/.hydragen-completion"
    })
final class CompletionCommand implements Callable<Integer> {
  /** Shells that the script runs in. */
  enum Shell {
    bash,
    zsh
  }

  private final Terminal terminal;

  @Parameters(paramLabel = "SHELL", description = "The shell: ${COMPLETION-CANDIDATES}.")
  private Shell shell = Shell.bash;

  CompletionCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    if (shell == Shell.zsh) {
      terminal.out().println("autoload -U +X compinit && compinit");
    }
    CommandLine hydragen = Main.commandLine(terminal);
    terminal.out().println(AutoComplete.bash(hydragen.getCommandName(), hydragen));
    return ExitCode.DONE;
  }
}
