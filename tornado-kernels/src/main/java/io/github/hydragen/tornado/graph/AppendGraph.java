package io.github.hydragen.tornado.graph;

import io.github.hydragen.tornado.device.GraphPart;
import io.github.hydragen.tornado.device.NativeArrays;
import io.github.hydragen.tornado.store.Ints;
import io.github.hydragen.tornado.store.KvStore;
import io.github.hydragen.tornado.store.Layout;
import io.github.hydragen.tornado.store.Stores;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * The graph that writes many new tokens to the suffixes, those of prompts for instance, and has the
 * suffixes on the device for the graph of {@link Pipeline}. That takes a few tokens in every
 * execution, as it copies and computes for all that it has room for.
 */
final class AppendGraph {
  static final String NAME = "hydragenAppend";

  /** Elements of the keys of an execution: more take no less time each. */
  private static final int MOST_ELEMENTS = 1 << 20;

  private final Stores suffixes;
  private final int tokens;
  private final KvStore staged;
  private final IntArray targets;

  /** Allocates what is copied to the device. */
  AppendGraph(Arena arena, Layout layout, Stores suffixes) {
    this.suffixes = suffixes;
    tokens = tokens(layout, suffixes.tokens());
    staged = new KvStore(arena, layout, tokens);
    targets = NativeArrays.ints(arena, (long) tokens * suffixes.all().size());
    targets.getSegment().fill((byte) -1);
  }

  private static int tokens(Layout layout, long suffixTokens) {
    return layout.wholeTokens(Math.max(1, Math.min(MOST_ELEMENTS / layout.kvRow(), suffixTokens)));
  }

  /** Bytes of such a graph's arrays, but for the suffixes. */
  static long bytes(Layout layout, long suffixTokens, int stores) {
    int tokens = tokens(layout, suffixTokens);
    return layout.kvBytes(tokens) + (long) Integer.BYTES * tokens * stores;
  }

  /** What is copied to the device. */
  List<TornadoNativeArray> copied() {
    return List.of(staged.keys(), staged.values());
  }

  /** The arrays of the suffixes, which it leaves on the device. */
  static Object[] left(Stores suffixes) {
    return suffixes.all().stream().flatMap(s -> List.of(s.keys(), s.values()).stream()).toArray();
  }

  TaskGraph graph(Layout layout, GridScheduler grid) {
    TaskGraph graph = new TaskGraph(NAME);
    graph.transferToDevice(
        DataTransferMode.EVERY_EXECUTION, staged.keys(), staged.values(), targets);
    graph.transferToDevice(DataTransferMode.FIRST_EXECUTION, left(suffixes));
    GraphPart part = new GraphPart(graph, grid);
    AppendTasks tasks = new AppendTasks(part, new KernelContext(), layout);
    for (int i = 0; i < suffixes.all().size(); i++) {
      tasks.append("append" + i, staged, targets, i * tokens, suffixes.all().get(i));
      part.elementwise("append" + i, AppendTasks.threads(layout, tokens));
    }
    graph.persistOnDevice(left(suffixes));
    return graph;
  }

  /** Takes in as many as it can of the tokens of suffixes that are pending. */
  void write(Pending pending) {
    MemorySegment ints = targets.getSegment();
    ints.fill((byte) -1);
    Ints taken = pending.takeSuffixes(tokens);
    for (int i = 0; i < taken.size(); i++) {
      int token = taken.get(i);
      int at = suffixes.index(token) * tokens + i;
      ints.setAtIndex(ValueLayout.JAVA_INT, at, suffixes.within(token));
    }
    suffixes.copyTo(staged, 0, taken);
  }
}
