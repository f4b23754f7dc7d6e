package io.github.hydragen.benchmarks.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.hydragen.benchmarks.compare.ComparisonFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Makes docs/performance.md and its pictures from docs/performance/*.json.
 *
 * <p>A file's group is its name up to the first dot. Files with {@code "suite": "peers"} are
 * comparisons, one a group; those whose results have {@code tokensPerSecond} are exports of {@code
 * hydragen bench}, and those of one group share their tables; others are not this command's. In the
 * page, what stands between {@code <!-- begin GROUP PART -->} and {@code <!-- end -->} is replaced;
 * the rest is written by hand. A group without a file is not measured yet.
 */
public final class Report {
  private static final Pattern PART =
      Pattern.compile("(<!-- begin ([^>]+) -->\n).*?(<!-- end -->)", Pattern.DOTALL);

  private final Path page;
  private final Path folder;

  private Report(Path docs) {
    this.page = docs.resolve("performance.md");
    this.folder = docs.resolve("performance");
  }

  /** Writes what has changed; the argument is the folder {@code docs}. */
  public static void main(String[] args) throws IOException {
    if (args.length != 1 || !Files.isRegularFile(Path.of(args[0], "performance.md"))) {
      System.err.println("report: give the folder docs, in which there is a performance.md");
      System.exit(2);
    }
    try {
      for (Map.Entry<Path, String> file : made(Path.of(args[0])).entrySet()) {
        Files.writeString(file.getKey(), file.getValue());
        System.out.println(file.getKey());
      }
    } catch (IllegalArgumentException e) {
      System.err.println("report: " + e.getMessage());
      System.exit(2);
    }
  }

  /**
   * What the page and the pictures must be.
   *
   * @param docs the folder of performance.md
   * @return texts by file
   * @throws IllegalArgumentException if the page asks for what the measurements do not have
   */
  static Map<Path, String> made(Path docs) throws IOException {
    return new Report(docs).make();
  }

  private Map<Path, String> make() throws IOException {
    Map<String, String> parts = new TreeMap<>();
    Map<String, String> pictures = new TreeMap<>();
    Set<String> groups = new TreeSet<>();
    for (Page one : pages()) {
      groups.add(one.group());
      parts.putAll(one.parts());
      pictures.putAll(one.pictures());
    }
    String text = filled(Files.readString(page), parts, groups);
    Map<Path, String> files = new TreeMap<>();
    files.put(page, text);
    // A group may be measured in parts: the others' pictures would be empty.
    pictures.forEach(
        (name, svg) -> {
          if (text.contains("/" + name)) {
            files.put(folder.resolve(name), svg);
          }
        });
    return files;
  }

  private List<Page> pages() throws IOException {
    List<Page> pages = new ArrayList<>();
    Map<String, Map<String, SuiteFile>> suites = new TreeMap<>();
    if (!Files.isDirectory(folder)) {
      return pages;
    }
    try (Stream<Path> found = Files.list(folder)) {
      for (Path path : found.filter(p -> p.toString().endsWith(".json")).sorted().toList()) {
        String name = path.getFileName().toString();
        String group = name.substring(0, name.indexOf('.'));
        String json = Files.readString(path);
        JsonNode root = new ObjectMapper().readTree(json);
        if (root.path("suite").asText().equals(ComparisonFile.SUITE)) {
          pages.add(PeersPage.of(group, ComparisonFile.of(json)));
        } else if (root.path("results").path(0).has("tokensPerSecond")) {
          suites.computeIfAbsent(group, key -> new LinkedHashMap<>()).put(name, SuiteFile.of(json));
        }
      }
    }
    suites.forEach((group, files) -> pages.add(SuitePage.of(group, files)));
    return pages;
  }

  private String filled(String text, Map<String, String> parts, Set<String> groups) {
    Matcher matcher = PART.matcher(text);
    StringBuilder filled = new StringBuilder();
    while (matcher.find()) {
      String part = parts.get(matcher.group(2));
      if (part == null && groups.stream().noneMatch(g -> matcher.group(2).startsWith(g + " "))) {
        part = "Not measured yet.\n";
      }
      if (part == null) {
        throw new IllegalArgumentException(
            page + " asks for '" + matcher.group(2) + "'; there is " + parts.keySet());
      }
      String whole = matcher.group(1) + part + matcher.group(3);
      matcher.appendReplacement(filled, Matcher.quoteReplacement(whole));
    }
    matcher.appendTail(filled);
    return filled.toString();
  }
}
