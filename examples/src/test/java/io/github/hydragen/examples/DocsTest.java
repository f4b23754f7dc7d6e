package io.github.hydragen.examples;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The docs show code that is compiled and run, and link to what is there. */
class DocsTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern JAVA = Pattern.compile("```java\\R(.*?)```", Pattern.DOTALL);
  private static final Pattern LINK = Pattern.compile("]\\(([^)#:]+)(#[^)]*)?\\)");

  static List<Path> pages() throws IOException {
    try (Stream<Path> top = Files.list(ROOT);
        Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
      return Stream.concat(top, docs)
          .filter(path -> path.toString().endsWith(".md"))
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("pages")
  void everyJavaBlockIsPartOfWhatIsCompiled(Path page) throws IOException {
    String sources = sources();
    Matcher block = JAVA.matcher(Files.readString(page));
    while (block.find()) {
      assertTrue(
          sources.contains(withoutBlanks(block.group(1))),
          page + " shows code that no source has:\n" + block.group(1));
    }
  }

  /** The sources of the modules that pages show code of, tests included. */
  private static String sources() throws IOException {
    StringBuilder all = new StringBuilder();
    for (String module : List.of("api", "tornado-kernels", "examples")) {
      try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src"))) {
        for (Path file : files.filter(DocsTest::isJava).toList()) {
          all.append(withoutBlanks(Files.readString(file))).append('\n');
        }
      }
    }
    return all.toString();
  }

  private static boolean isJava(Path path) {
    return path.toString().endsWith(".java");
  }

  /** Lines may be broken and indented differently. */
  private static String withoutBlanks(String code) {
    return code.replaceAll("\\s+", "");
  }

  @ParameterizedTest
  @MethodSource("pages")
  void everyLinkToAFileLeadsToOne(Path page) throws IOException {
    Matcher link = LINK.matcher(Files.readString(page));
    while (link.find()) {
      Path target = page.resolveSibling(link.group(1));
      assertTrue(Files.exists(target), page + " links to " + link.group(1));
    }
  }
}
