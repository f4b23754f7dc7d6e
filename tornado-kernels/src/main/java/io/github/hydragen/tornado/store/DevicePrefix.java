package io.github.hydragen.tornado.store;

import io.github.hydragen.spi.BackendPrefix;
import java.lang.foreign.Arena;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The host's copy of a prefix, from which batches take theirs to the device. */
public final class DevicePrefix implements BackendPrefix {
  private final Arena arena = Arena.ofShared();
  private final EngineDevice engine;
  private final @Nullable DevicePrefix parent;
  private final Stores tokens;
  private final int length;

  /** Allocates a prefix of {@code length} tokens, all zeros, behind its parent's. */
  public DevicePrefix(EngineDevice engine, @Nullable DevicePrefix parent, int length) {
    this.engine = engine;
    this.parent = parent;
    this.length = length;
    engine.requireHost(length + " prefix tokens", engine.layout().kvBytes(length));
    try {
      this.tokens = new Stores(arena, engine.layout(), length, engine.tokensPerStore());
    } catch (RuntimeException | Error e) {
      arena.close();
      throw e;
    }
    engine.usage().add(engine.layout().kvBytes(length), engine.kvBytes(length));
  }

  @Nullable DevicePrefix parent() {
    return parent;
  }

  /** Its own keys and values. */
  public Stores tokens() {
    return tokens;
  }

  /** Tokens of its own. */
  public int length() {
    return length;
  }

  /** A prefix and its ancestors, outermost first; empty for null. */
  public static List<DevicePrefix> path(@Nullable BackendPrefix leaf) {
    Deque<DevicePrefix> path = new ArrayDeque<>();
    for (DevicePrefix p = (DevicePrefix) leaf; p != null; p = p.parent) {
      path.addFirst(p);
    }
    return List.copyOf(path);
  }

  @Override
  public void close() {
    arena.close();
    engine.usage().add(-engine.layout().kvBytes(length), -engine.kvBytes(length));
  }
}
