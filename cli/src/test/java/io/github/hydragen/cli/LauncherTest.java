package io.github.hydragen.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script, in a folder that looks built, with a JDK that shows how it was started. */
class LauncherTest {
  private static final Path SCRIPT = Path.of("..", "hydragen");
  private static final Path BASH = Path.of("/bin/bash");

  private final Path root;
  private final Path jdk;

  LauncherTest(@TempDir Path folder) {
    this.root = folder.resolve("root");
    this.jdk = folder.resolve("jdk");
  }

  @BeforeEach
  void build() throws IOException {
    assumeTrue(Files.isExecutable(BASH) && Files.exists(SCRIPT), "no bash or no script");
    Files.createDirectories(root.resolve("cli/target/lib"));
    Files.createFile(root.resolve("cli/target/hydragen-cli-1.jar"));
    Files.copy(SCRIPT, root.resolve("hydragen"));
    Files.createDirectories(jdk.resolve("bin"));
    Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"25\"\n");
    executable("java", "#!/bin/bash\necho \"${LC_ALL:-none}\"\necho \"${@: -1}\"\n");
    executable("javac", "");
  }

  private void executable(String name, String text) throws IOException {
    Path file = Files.writeString(jdk.resolve("bin").resolve(name), text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /**
   * The lines of its output; the script gets an argument from printf, whatever charset Java has.
   */
  private List<String> run(String locale, String escaped) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(BASH.toString(), "-c"));
    command.add("exec /bin/bash ./hydragen attend \"$(printf '" + escaped + "')\"");
    ProcessBuilder builder = new ProcessBuilder(command).directory(root.toFile());
    builder.environment().put("JAVA_HOME", jdk.toString());
    builder.environment().put("LC_ALL", locale);
    builder.environment().remove("TORNADOVM_HOME");
    builder.environment().remove("HYDRAGEN_JAVA_OPTIONS");
    Process process = builder.redirectErrorStream(true).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), out);
    return out.lines().toList();
  }

  @Test
  void aNameBeyondAsciiIsReadAsUtf8WhereTheLocaleCannotReadIt() throws Exception {
    assumeTrue(run("C.UTF-8", "a").equals(List.of("C.UTF-8", "a")), "the locale is there");
    for (String locale : List.of("C", "POSIX")) {
      assertEquals(List.of("C.UTF-8", "cäse"), run(locale, "c\\303\\244se"));
    }
  }

  @Test
  void otherwiseTheLocaleStays() throws Exception {
    assertEquals(List.of("C", "case"), run("C", "case"));
    assertEquals(List.of("C.UTF-8", "cäse"), run("C.UTF-8", "c\\303\\244se"));
  }
}
