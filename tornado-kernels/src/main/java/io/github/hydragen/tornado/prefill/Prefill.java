package io.github.hydragen.tornado.prefill;

import io.github.hydragen.DataType;
import io.github.hydragen.InsufficientMemoryException;
import io.github.hydragen.Tensor;
import io.github.hydragen.spi.BatchView;
import io.github.hydragen.tornado.plan.PassShape;
import io.github.hydragen.tornado.prefill.PrefillPlanner.Piece;
import io.github.hydragen.tornado.prefill.PrefillPlanner.Plan;
import io.github.hydragen.tornado.store.DevicePrefix;
import io.github.hydragen.tornado.store.EngineDevice;
import io.github.hydragen.tornado.store.Layout;
import io.github.hydragen.tornado.store.PrefixPool;
import io.github.hydragen.tornado.store.Stores;
import java.lang.foreign.Arena;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Attends in calls with many tokens a sequence, as prompts are. A batch's own graph takes a token
 * of every sequence in an execution, and many tokens would be as many executions; here keys are
 * sent along with queries, and one execution takes all.
 */
public final class Prefill implements AutoCloseable {
  /** Whether calls are made in this way: {@code auto}, {@code always} or {@code never}. */
  private static final String PROPERTY = "hydragen.tornado.prefill";

  /** Query heads of all tokens of an execution, at most: enough work-groups for a large GPU. */
  private static final int MOST_ROWS = 1 << 16;

  /** The same that a graph has at least, as a larger one has to be compiled again. */
  private static final int FEWEST_ROWS = 1 << 14;

  /** Keys that a graph has at least. */
  private static final int FEWEST_KEYS = 1024;

  /** Executions of a batch's own graph up to which nothing else is worth its compilation. */
  private static final int FEW_EXECUTIONS = 8;

  /** Microseconds that an execution of a batch's own graph takes beside its keys, about. */
  private static final double EXECUTION_MICROS = 250;

  /** Bytes of keys that it reads in a microsecond for each sequence, about. */
  private static final double READ_BYTES_PER_MICRO = 25_000;

  /** Bytes of keys that are packed and sent in a microsecond, about. */
  private static final double SENT_BYTES_PER_MICRO = 4000;

  private final EngineDevice engine;
  private final Layout layout;
  private final PassShape shape;
  private final String mode;
  private @Nullable PrefillGraph graph;
  private long taken;

  /** For the calls of an engine. */
  public Prefill(EngineDevice engine) {
    this.engine = engine;
    this.layout = engine.layout();
    this.shape = PassShape.of(layout);
    this.mode = System.getProperty(PROPERTY, "auto");
    if (!Set.of("auto", "always", "never").contains(mode)) {
      throw new IllegalArgumentException(
          "-D%s=%s: choose auto, always or never".formatted(PROPERTY, mode));
    }
  }

  /**
   * Whether a call is faster in this way.
   *
   * @param counts query tokens of each sequence, {@code total} together
   * @param atOnce tokens that an execution of the batch's own graph takes
   */
  public boolean serves(BatchView view, int[] counts, long total, int atOnce) {
    if (!mode.equals("auto")) {
      return mode.equals("always") && Arrays.stream(counts).anyMatch(count -> count > 1);
    }
    long executions = Math.ceilDiv(total, atOnce);
    if (executions <= FEW_EXECUTIONS) {
      return false;
    }
    long own = 0;
    long shared = 0;
    int sequences = 0;
    Set<DevicePrefix> seen = new HashSet<>();
    for (int s = 0; s < counts.length; s++) {
      if (counts[s] > 0) {
        sequences++;
        own += view.length(s);
        for (DevicePrefix prefix : DevicePrefix.path(view.prefix(s))) {
          shared += seen.add(prefix) ? prefix.length() : 0;
        }
      }
    }
    double read = layout.kvBytes(own + shared) / (READ_BYTES_PER_MICRO * sequences);
    long sent = layout.kvBytes(own + shared * Math.ceilDiv(total, mostTokens()));
    return executions * (EXECUTION_MICROS + read) > sent / SENT_BYTES_PER_MICRO;
  }

  /**
   * Attends to all tokens of a call that there is memory for, and returns the first that is left.
   *
   * @param planner of the batch
   * @param counts query tokens of each sequence, {@code total} together
   */
  public long attend(
      PrefillPlanner planner,
      BatchView view,
      int[] counts,
      long total,
      Tensor q,
      Tensor out,
      @Nullable Tensor lse) {
    long from = 0;
    while (from < total) {
      long tokens = Math.min(total - from, mostTokens());
      Plan plan = planner.plan(view, counts, from, from + tokens);
      PrefillGraph.Size size = size(plan, tokens);
      while (!possible(size)) {
        if (tokens == 1) {
          return from;
        }
        tokens /= 2;
        plan = planner.plan(view, counts, from, from + tokens);
        size = size(plan, tokens);
      }
      PrefillGraph ready;
      try {
        ready = ready(size, q.type());
      } catch (InsufficientMemoryException e) {
        return from;
      }
      try {
        ready.attend(plan, q, out, lse, from, tokens);
      } catch (RuntimeException | Error e) {
        // Nobody knows what the device has now.
        close();
        throw e;
      }
      from += tokens;
    }
    return from;
  }

  /**
   * Forgets keys that were written to since a call sent them.
   *
   * @param from the stores that were written to
   * @param same how many tokens of a piece are as they were
   */
  public void forget(Stores from, ToIntFunction<Piece> same) {
    if (graph != null) {
      graph.forget(from, same);
    }
  }

  private int mostTokens() {
    return Math.max(4, MOST_ROWS / layout.shape().queryHeads());
  }

  /** The size of a graph for a plan, so large that others may fit too. */
  private PrefillGraph.Size size(Plan plan, long tokens) {
    boolean always = mode.equals("always");
    int fewest = always ? 1 : FEWEST_ROWS / layout.shape().queryHeads();
    int queries = layout.wholeTokens(room(tokens, fewest));
    int keys = room(plan.keys(), always ? PrefixPool.TILE : FEWEST_KEYS);
    int slots = Math.max(2, plan.slots());
    int rows = queries * layout.shape().groupSize();
    int full = slots * Math.ceilDiv(rows, shape.rows(PrefillPlanner.PASS));
    int items = room(plan.step().items(PrefillPlanner.PASS), always ? 1 : 2 * full);
    return new PrefillGraph.Size(queries, slots, keys, items);
  }

  /**
   * A number rounded up by an eighth at most, as all that there is room for is sent: to a multiple
   * of 4, and of a tile if it is one; or the largest int if that is beyond it.
   */
  private static int room(long number, int least) {
    long most = Math.max(number, least);
    long step = Math.max(4, Long.highestOneBit(most) / 8);
    return (int) Math.min(Integer.MAX_VALUE, Math.ceilDiv(most, step) * step);
  }

  /** Whether arrays can be so large. */
  private boolean possible(PrefillGraph.Size size) {
    long states = layout.stateElements(size.tokens(), size.slots());
    return size.keys() <= engine.tokensPerStore() && states <= engine.mostElements();
  }

  /** The graph, made again if it is not large enough or queries are of another type. */
  private PrefillGraph ready(PrefillGraph.Size least, DataType queries) {
    DataType type = queries == layout.storage() ? queries : DataType.F32;
    PrefillGraph present = graph;
    if (present == null) {
      return build(least, type);
    }
    if (present.size().holds(least) && present.serves(type)) {
      return present;
    }
    PrefillGraph.Size both = present.size().and(least);
    close();
    // Queries of either type can be sent as F32.
    DataType either = present.takes(type) ? type : DataType.F32;
    if (possible(both)) {
      try {
        return build(both, either);
      } catch (InsufficientMemoryException e) {
        // Then one that is just large enough.
      }
    }
    return build(least, either);
  }

  private PrefillGraph build(PrefillGraph.Size size, DataType queryType) {
    long bytes = size.bytes(layout);
    String what = "a call of %d tokens with %d keys".formatted(size.tokens(), size.keys());
    engine.requireHost(what, bytes + layout.kvBytes(size.keys()));
    engine.hardware().take(what, bytes, engine.remedy());
    Arena arena = Arena.ofShared();
    try {
      PrefillGraph built = new PrefillGraph(engine, arena, shape, size, queryType);
      engine.usage().add(bytes, 0);
      taken = bytes;
      graph = built;
      return built;
    } catch (RuntimeException | Error e) {
      arena.close();
      engine.hardware().giveBack(bytes);
      throw e;
    }
  }

  /** Gives its memory back; the next call makes a graph again. */
  @Override
  public void close() {
    PrefillGraph present = graph;
    if (present != null) {
      graph = null;
      engine.hardware().giveBack(taken);
      engine.usage().add(-taken, 0);
      present.close();
    }
  }
}
