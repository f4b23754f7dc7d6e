package io.github.hydragen.cli.attend;

import io.github.hydragen.cli.attend.CaseRunner.Answer;
import io.github.hydragen.cli.console.BackendName;
import io.github.hydragen.cli.console.ExitCode;
import io.github.hydragen.cli.console.ExportFile;
import io.github.hydragen.cli.console.Terminal;
import io.github.hydragen.safetensors.SafetensorsException;
import io.github.hydragen.safetensors.SafetensorsFile;
import io.github.hydragen.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Computes attention on tensors from a file. */
@Command(
    name = "attend",
    description = "Computes attention on tensors from a safetensors file.",
    footer = {
      "",
      "The case file holds q [batch, new_tokens, query_heads, head_dim]; suffix.k and suffix.v",
      "[batch, capacity, kv_heads, head_dim]; suffix.lengths (I32, optional); for each level i of",
      "prefixes prefix.<i>.k, prefix.<i>.v [tokens, kv_heads, head_dim], prefix.<i>.offsets (I32)",
      "and prefix.<i>.groups (I32, optional). Metadata: scale, causal, logit_soft_cap, window.",
      "The answer holds out, the shape of q, and lse (natural logarithm), both F32.",
      "",
      "Examples:",
      "  ./hydragen attend --input case.safetensors --output out.safetensors",
      "  ./hydragen attend --input case.safetensors --output exact.safetensors --backend reference"
    })
public final class AttendCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Option(
      names = "--input",
      required = true,
      paramLabel = "FILE",
      description = "The case, a safetensors file.")
  private Path input = Path.of("");

  @Option(
      names = "--output",
      required = true,
      paramLabel = "FILE",
      description = "Takes the answer; replaced if it exists.")
  private Path output = Path.of("");

  @Option(
      names = "--backend",
      paramLabel = "NAME",
      converter = BackendName.class,
      description = "The backend that computes; by default the best that is available.")
  private @Nullable String backend;

  /** With the streams to write to. */
  public AttendCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    try (SafetensorsFile file = SafetensorsFile.open(input);
        Arena arena = Arena.ofShared()) {
      checkOutput();
      AttentionCase attentionCase = CaseReader.read(file);
      Answer answer = CaseRunner.run(attentionCase, backend, arena);
      write(answer);
      note(attentionCase.notes());
      note(answer.notes());
    } catch (SafetensorsException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
    return ExitCode.DONE;
  }

  private void checkOutput() throws IOException {
    Path folder = output.toAbsolutePath().getParent();
    if (Files.exists(output) && !Files.isRegularFile(output)) {
      throw badOutput("it exists and is not a regular file");
    }
    if (folder == null || !Files.isDirectory(folder)) {
      throw badOutput("there is no folder " + folder);
    }
    if (!Files.isWritable(folder)) {
      throw badOutput("the folder " + folder + " is not writable");
    }
    if (Files.exists(output) && Files.isSameFile(input, output)) {
      throw badOutput("it is the input");
    }
  }

  private IllegalArgumentException badOutput(String why) {
    return new IllegalArgumentException(
        "--output " + output + " cannot be written: " + why + "; choose another");
  }

  private void note(List<String> notes) {
    for (String note : notes) {
      terminal.err().println("hydragen: note: " + note.replaceAll("\\p{Cntrl}", "?"));
    }
  }

  private void write(Answer answer) throws IOException {
    try {
      new SafetensorsWriter()
          .metadata("lse_base", "e")
          .tensor("out", answer.state().out())
          .tensor("lse", answer.state().lse())
          .write(output);
    } catch (IOException e) {
      throw new IOException("--output " + output + ": " + ExportFile.reason(e), e);
    }
    terminal
        .out()
        .printf(
            "%s: out %s, lse %s by %s%n",
            output, answer.state().out(), answer.state().lse(), answer.device().name());
  }
}
