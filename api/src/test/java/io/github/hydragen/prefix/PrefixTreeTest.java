package io.github.hydragen.prefix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrefixTreeTest {
  private final PrefixTree tree = new PrefixTree();

  private static int[] tokens(String text) {
    return text.chars().toArray();
  }

  private void add(String... texts) {
    for (String text : texts) {
      tree.add(tree.size(), tokens(text));
    }
  }

  /** For example {@code 0-6:[1] 6-9:[0, 2]}: ranges and the sequences attached to each. */
  private String shared(int minTokens) {
    List<String> nodes = new ArrayList<>();
    for (SharedPrefixes.Node node : tree.shared(minTokens).nodes()) {
      nodes.add(node.from() + "-" + node.to() + ":" + new TreeSet<>(node.sequences()));
    }
    return String.join(" ", nodes);
  }

  @Test
  void sequencesThatPart() {
    add("system: why", "system: how", "other");
    assertEquals("0-8:[0, 1]", shared(1));
    SharedPrefixes shared = tree.shared(1);
    assertEquals(0, shared.node(0));
    assertEquals(8, shared.covered(1));
    assertEquals(-1, shared.node(2));
    assertEquals(0, shared.covered(2));
    assertEquals(8, shared.savedTokens());
    assertEquals(2, shared.nodes().get(0).sequencesBelow());
  }

  @Test
  void severalLevels() {
    add("aaaabbbbX", "aaaabbbbY", "aaaaccccX", "aaaaccccY", "aaaaddddX");
    assertEquals("0-4:[4] 4-8:[2, 3] 4-8:[0, 1]", shared(4));
    assertEquals(12 + 4 + 4 + 4, tree.shared(4).savedTokens());
    assertEquals("0-8:[2, 3] 0-8:[0, 1]", shared(5), "a short run is left to those below");
    assertEquals("", shared(9));
  }

  @Test
  void equalSequencesAndThoseThatContinueAnother() {
    add("abc", "abc", "abcdef", "abcdef", "abcdefg");
    assertEquals("0-3:[0, 1] 3-6:[2, 3, 4]", shared(3));
    assertEquals("0-6:[2, 3, 4]", shared(4), "what is too short alone is left to those below");
    assertEquals(-1, tree.shared(4).node(0));
  }

  @Test
  void emptySequencesShareNothing() {
    add("", "", "a");
    assertEquals("", shared(1));
    assertEquals(-1, tree.shared(1).node(1));
    tree.remove(0);
    assertEquals(2, tree.size());
  }

  @Test
  void sequencesComeAndGo() {
    add("aaaabbbb", "aaaabbcc", "aaaa");
    assertEquals("0-4:[2] 4-6:[0, 1]", shared(1));
    tree.remove(2);
    assertEquals("0-6:[0, 1]", shared(1), "nothing ends at 4 any more");
    assertFalse(tree.contains(2));
    tree.remove(0);
    assertEquals("", shared(1));
    tree.add(0, tokens("aaaabbcc"));
    assertEquals("0-8:[0, 1]", shared(1));
    tree.remove(0);
    tree.remove(1);
    assertTrue(tree.root.children.isEmpty());
  }

  /** What an engine holds for a node can be kept as long as its id and range stay. */
  @Test
  void idsStayWhileTheTokensDo() {
    add("aaaabbbb1", "aaaabbbb2", "aaaacccc3");
    Map<Integer, Long> before = ids();
    add("aabbb", "x", "aaaacccc3");
    tree.remove(3);
    tree.remove(5);
    assertEquals(before, ids());
  }

  private Map<Integer, Long> ids() {
    Map<Integer, Long> ids = new TreeMap<>();
    tree.shared(1).nodes().forEach(node -> ids.put(node.to(), node.id()));
    return ids;
  }

  @Test
  void theCallersTokensAreCopied() {
    int[] mine = tokens("abcd");
    tree.add(0, mine);
    Arrays.fill(mine, 0);
    tree.add(1, tokens("abcd"));
    assertEquals("0-4:[0, 1]", shared(1));
  }

  @ParameterizedTest
  @CsvSource({"abcdef,6", "abcdeX,5", "abX,2", "X,0", "'',0", "abcdefgh,6"})
  void tokensMatched(String text, int expected) {
    add("abcdef", "abcX");
    assertEquals(expected, tree.matched(tokens(text)));
  }

  @Test
  void messagesNameTheValue() {
    add("a");
    assertMessage(
        "sequence 0 is in the tree already: remove it first", () -> tree.add(0, new int[2]));
    assertMessage("sequence 7 is not in the tree", () -> tree.remove(7));
    assertMessage("minTokens 0 is below 1: choose 1 or more", () -> tree.shared(0));
    assertMessage("sequence 7 was not in the tree", () -> tree.shared(1).node(7));
    assertEquals(1, tree.size());
  }

  private static void assertMessage(String message, Runnable call) {
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, call::run);
    assertEquals(message, e.getMessage());
  }

  /** As deep as there are tokens: no recursion may run out of stack. */
  @Test
  void aVeryDeepTree() {
    int[] all = new int[6_000];
    for (int s = 0; s < all.length; s++) {
      tree.add(s, Arrays.copyOf(all, s));
    }
    assertEquals(all.length - 2, tree.shared(1).nodes().size());
    for (int s = 0; s < all.length; s++) {
      tree.remove(s);
    }
    assertTrue(tree.root.children.isEmpty());
  }

  /** A node as text without its id: range, sequences attached, how many below, parent's range. */
  private static Set<String> describe(SharedPrefixes shared) {
    Set<String> nodes = new TreeSet<>();
    for (SharedPrefixes.Node node : shared.nodes()) {
      String above =
          node.parent() < 0
              ? "none"
              : shared.nodes().get(node.parent()).from()
                  + "-"
                  + shared.nodes().get(node.parent()).to();
      nodes.add(
          "%d-%d %s of %d below %s"
              .formatted(
                  node.from(),
                  node.to(),
                  new TreeSet<>(node.sequences()),
                  node.sequencesBelow(),
                  above));
    }
    return nodes;
  }

  /** The same by comparing every sequence with every other, token by token. */
  private static Set<String> naive(Map<Integer, int[]> sequences, int minTokens) {
    Map<String, TreeSet<Integer>> attached = new HashMap<>();
    Map<String, String> described = new HashMap<>();
    for (Map.Entry<Integer, int[]> entry : sequences.entrySet()) {
      int last = 0;
      String key = null;
      String range = "none";
      int[] own = entry.getValue();
      for (int length = 1; length <= own.length; length++) {
        Set<Integer> group = group(sequences, own, length);
        boolean parts = length == own.length || !group.equals(group(sequences, own, length + 1));
        if (group.size() >= 2 && parts && length - last >= minTokens) {
          key = Arrays.toString(Arrays.copyOf(own, length));
          attached.computeIfAbsent(key, k -> new TreeSet<>());
          described.put(key, last + "-" + length + " %s of " + group.size() + " below " + range);
          range = last + "-" + length;
          last = length;
        }
      }
      if (key != null) {
        attached.computeIfAbsent(key, k -> new TreeSet<>()).add(entry.getKey());
      }
    }
    Set<String> nodes = new TreeSet<>();
    described.forEach((key, text) -> nodes.add(text.formatted(attached.get(key))));
    return nodes;
  }

  private static Set<Integer> group(Map<Integer, int[]> sequences, int[] own, int length) {
    Set<Integer> group = new TreeSet<>();
    sequences.forEach(
        (id, other) -> {
          if (other.length >= length && Arrays.equals(other, 0, length, own, 0, length)) {
            group.add(id);
          }
        });
    return group;
  }

  @ParameterizedTest
  @CsvSource({"1,2", "2,2", "3,3", "4,2", "5,1", "6,3", "7,2", "8,5"})
  void agreesWithNaiveGroupingAsSequencesComeAndGo(long seed, int alphabet) {
    Random random = new Random(seed);
    Map<Integer, int[]> sequences = new TreeMap<>();
    for (int round = 0; round < 400; round++) {
      int sequence = random.nextInt(14);
      if (sequences.remove(sequence) != null) {
        tree.remove(sequence);
      } else {
        int[] tokens = random.ints(random.nextInt(13), 0, alphabet).toArray();
        sequences.put(sequence, tokens);
        tree.add(sequence, tokens);
      }
      int minTokens = 1 + random.nextInt(4);
      SharedPrefixes shared = tree.shared(minTokens);
      assertEquals(naive(sequences, minTokens), describe(shared), "seed " + seed + ", " + round);
      checkRanges(sequences, shared);
      checkTidy(tree.root);
    }
  }

  /** Each sequence's path covers its first tokens without a gap, and they are the example's. */
  private static void checkRanges(Map<Integer, int[]> sequences, SharedPrefixes shared) {
    sequences.forEach(
        (id, tokens) -> {
          int end = shared.covered(id);
          for (int n = shared.node(id); n >= 0; n = shared.nodes().get(n).parent()) {
            SharedPrefixes.Node node = shared.nodes().get(n);
            assertEquals(end, node.to());
            assertTrue(node.parent() < n);
            int[] example = sequences.get(node.example());
            assertTrue(Arrays.equals(example, 0, end, tokens, 0, end));
            end = node.from();
          }
          assertEquals(0, end);
        });
  }

  private static void checkTidy(RadixNode node) {
    for (RadixNode child : node.children.values()) {
      assertTrue(child.children.size() > 1 || !child.sequences.isEmpty(), "a node without use");
      checkTidy(child);
    }
  }
}
