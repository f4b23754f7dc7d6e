package io.github.hydragen.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script, in a folder that looks built, with a JDK that shows how it was started. */
class LauncherTest {
  private static final Path SCRIPT = Path.of("..", "hydragen");
  private static final Path BASH = Path.of("/bin/bash");

  private final Path folder;
  private final Path root;
  private final Path jdk;

  LauncherTest(@TempDir Path folder) {
    this.folder = folder;
    this.root = folder.resolve("a [1] '$x");
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
    executable(
        "java",
        """
        #!/bin/bash
        printf '%s\\n' "${LC_ALL:-none}" "$@"
        printf '%s\\n' "Picked up X_OPTIONS: x" "WARNING: Using incubator modules: jdk.incubator.vector" "error" >&2
        """);
    executable("javac", "");
  }

  private void executable(String name, String text) throws IOException {
    Path file = Files.writeString(jdk.resolve("bin").resolve(name), text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** What a line of bash prints; the script must find that nothing has to be built. */
  private List<String> bash(Path folder, Map<String, String> variables, String line)
      throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(BASH.toString(), "-c", line).directory(folder.toFile());
    Map<String, String> environment = builder.environment();
    environment.keySet().removeAll(List.of("TORNADOVM_HOME", "HYDRAGEN_JAVA_OPTIONS", "LC_ALL"));
    environment.put("JAVA_HOME", jdk.toString());
    environment.putAll(variables);
    Process process = builder.redirectErrorStream(true).start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), out);
    assertFalse(Files.exists(root.resolve(".hydragen/build.log")), out);
    return out.lines().toList();
  }

  /** What follows an option of the JVM. */
  private List<String> launched(Map<String, String> variables, String... after) throws Exception {
    List<String> lines = bash(root, variables, "exec /bin/bash ./hydragen 2>/dev/null devices");
    int start = after.length == 0 ? 1 : lines.indexOf(after[0]) + 1;
    return lines.subList(start, lines.size());
  }

  /** The locale and the last argument, which printf makes, whatever charset Java has. */
  private List<String> attended(String locale, String escaped) throws Exception {
    String line = "exec /bin/bash ./hydragen attend 2>/dev/null \"$(printf '" + escaped + "')\"";
    List<String> lines = bash(root, Map.of("LC_ALL", locale), line);
    return List.of(lines.getFirst(), lines.getLast());
  }

  @Test
  void aNameBeyondAsciiIsReadAsUtf8WhereTheLocaleCannotReadIt() throws Exception {
    assumeTrue(attended("C.UTF-8", "a").equals(List.of("C.UTF-8", "a")), "the locale is there");
    for (String locale : List.of("C", "POSIX")) {
      assertEquals(List.of("C.UTF-8", "cäse"), attended(locale, "c\\303\\244se"));
    }
  }

  @Test
  void otherwiseTheLocaleStays() throws Exception {
    assertEquals(List.of("C", "case"), attended("C", "case"));
    assertEquals(List.of("C.UTF-8", "cäse"), attended("C.UTF-8", "c\\303\\244se"));
  }

  @Test
  void aFolderToChangeIntoElsewhereDoesNotMatter() throws Exception {
    String line = "exec /bin/bash \"$FOLDER/hydragen\" devices 2>/dev/null";
    Map<String, String> variables = Map.of("CDPATH", ".", "FOLDER", root.getFileName().toString());
    List<String> lines = bash(folder, variables, line);
    assertEquals(jar("1"), lines.get(lines.indexOf("-cp") + 1));
  }

  @Test
  void theNewestOfSeveralVersionsRuns() throws Exception {
    Path old = Files.createFile(root.resolve("cli/target/hydragen-cli-0.jar"));
    Files.setLastModifiedTime(old, FileTime.fromMillis(0));
    assertEquals(jar("1"), launched(Map.of(), "-cp").getFirst());
  }

  /** The class path of a version whose folder of libraries is empty. */
  private String jar(String version) {
    return root.resolve("cli/target/hydragen-cli-" + version + ".jar")
        + ":"
        + root.resolve("cli/target/lib/*.jar");
  }

  @Test
  void furtherOptionsAreNoPatternsOfFileNames() throws Exception {
    Map<String, String> variables = Map.of("HYDRAGEN_JAVA_OPTIONS", "-Dx=* * -Dy");
    List<String> options = launched(variables, "-XX:+UseParallelGC");
    assertEquals(List.of("-Dx=*", "*", "-Dy", "-cp"), options.subList(0, 4));
  }

  @Test
  void aCollectorThatIsAskedForIsTheOnlyOne() throws Exception {
    String parallel = "-XX:+UseParallelGC";
    assertTrue(launched(Map.of()).contains(parallel));
    assertTrue(launched(Map.of("HYDRAGEN_JAVA_OPTIONS", "-Xmx1g")).contains(parallel));
    for (String asked : List.of("-XX:+UseZGC", "-Xmx1g -XX:+UseSerialGC -Dx")) {
      assertFalse(launched(Map.of("HYDRAGEN_JAVA_OPTIONS", asked)).contains(parallel), asked);
    }
  }

  @Test
  void ofTheJvmsFirstLinesOnlyTheWarningOfTheVectorApiIsLeftOut() throws Exception {
    String line = "/bin/bash ./hydragen devices 2>&1 >/dev/null | cat";
    assertEquals(List.of("Picked up X_OPTIONS: x", "error"), bash(root, Map.of(), line));
  }

  @Test
  void aBuildThatIsStoppedStopsMavenAndHasTheSignalsCode() throws Exception {
    Files.delete(root.resolve("cli/target/hydragen-cli-1.jar"));
    Path started = folder.resolve("started");
    executable("mvn", "#!/bin/bash\necho $$ >'" + started + "'\nexec sleep 60\n");
    ProcessBuilder builder = new ProcessBuilder(BASH.toString(), "./hydragen", "devices");
    builder.environment().put("JAVA_HOME", jdk.toString());
    builder
        .environment()
        .merge("PATH", jdk.resolve("bin").toString(), (old, own) -> own + ":" + old);
    Process process = builder.directory(root.toFile()).start();
    for (int i = 0; i < 600 && (!Files.exists(started) || Files.size(started) == 0); i++) {
      Thread.sleep(50);
    }
    ProcessHandle maven =
        ProcessHandle.of(Long.parseLong(Files.readString(started).strip())).orElseThrow();
    process.destroy();
    assertEquals(143, process.waitFor());
    maven.onExit().get(30, TimeUnit.SECONDS);
  }

  @Test
  void theOptionsOfAnSdkAreWrittenForItsPlace() throws Exception {
    Path sdk = Files.createDirectories(root.resolveSibling("s d&k"));
    Files.writeString(sdk.resolve("tornado-argfile.template"), "-Dx=${TORNADOVM_HOME}/lib\n");
    Path written = root.resolve(".hydragen/tornado-argfile");
    Map<String, String> variables = Map.of("TORNADOVM_HOME", sdk.toString());
    assertTrue(launched(variables).contains("@" + written));
    assertEquals("-Dx=\"" + sdk + "\"/lib\n", Files.readString(written));
    // What is as it should be stays: it may not be writable, or another start may read it.
    Files.setLastModifiedTime(written, FileTime.fromMillis(0));
    launched(variables);
    assertEquals(FileTime.fromMillis(0), Files.getLastModifiedTime(written));
  }
}
