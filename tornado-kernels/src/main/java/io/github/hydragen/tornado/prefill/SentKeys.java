package io.github.hydragen.tornado.prefill;

import io.github.hydragen.tornado.prefill.PrefillPlanner.Piece;
import io.github.hydragen.tornado.store.KvStore;
import io.github.hydragen.tornado.store.Layout;
import io.github.hydragen.tornado.store.PackedKeys;
import io.github.hydragen.tornado.store.PrefixPool;
import io.github.hydragen.tornado.store.Stores;
import java.lang.foreign.Arena;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * Keys and values that every execution of a {@link PrefillGraph} takes from the host: gathered from
 * where they are stored, and packed where the kernels are tuned. What the execution before had at
 * the same place is neither gathered nor packed again.
 */
final class SentKeys {
  private static final int TILE = PrefixPool.TILE;

  /** Tokens that a thread copies at a time. */
  private static final int CHUNK = 64;

  private final Stores gathered;
  private final @Nullable PackedKeys packed;

  /** What there is, by target. */
  private Map<Integer, Piece> present = new HashMap<>();

  /** Room for {@code tokens}, a multiple of a tile. */
  SentKeys(Arena arena, Layout layout, int tokens) {
    gathered = new Stores(arena, layout, tokens, tokens);
    packed = layout.tuned() ? new PackedKeys(arena, layout, tokens) : null;
  }

  /** The keys as they are stored. */
  KvStore store() {
    return gathered.at(0);
  }

  /** The keys as tuned kernels read them, which then are what is sent. */
  @Nullable PackedKeys packed() {
    return packed;
  }

  /** What is sent. */
  List<TornadoNativeArray> arrays() {
    return packed == null
        ? List.of(store().keys(), store().values())
        : List.of(packed.tiles(), packed.scales());
  }

  /**
   * Has the keys of some pieces ready.
   *
   * @param pieces that lie behind each other, the first at 0
   */
  void gather(List<Piece> pieces) {
    Map<Integer, Piece> before = present;
    // Until all is there, nothing is.
    present = new HashMap<>();
    Map<Integer, Piece> after = new HashMap<>();
    BitSet kept = new BitSet();
    int end = 0;
    for (Piece piece : pieces) {
      int first = kept(before.get(piece.target()), piece);
      kept.set(piece.target() / TILE, (piece.target() + first) / TILE);
      copy(piece, first);
      after.put(piece.target(), piece);
      end = Math.ceilDiv(piece.target() + piece.tokens(), TILE) * TILE;
    }
    if (packed != null) {
      packed.pack(store(), end, kept);
    }
    present = after;
  }

  /** Tokens of a piece that are there, in whole tiles. */
  private static int kept(@Nullable Piece before, Piece piece) {
    if (before == null || before.from() != piece.from() || before.first() != piece.first()) {
      return 0;
    }
    return Math.min(before.tokens(), piece.tokens()) / TILE * TILE;
  }

  /** Copies keys from token {@code first} of a piece on, and zeros up to the next tile. */
  private void copy(Piece piece, int first) {
    IntStream.range(0, Math.ceilDiv(piece.tokens() - first, CHUNK))
        .parallel()
        .forEach(
            i -> {
              int at = first + i * CHUNK;
              int count = Math.min(CHUNK, piece.tokens() - at);
              gathered.copy(piece.target() + at, piece.from(), piece.first() + at, count);
            });
    store().clear(piece.target() + piece.tokens(), -piece.tokens() & (TILE - 1));
  }

  /**
   * Forgets what was written since.
   *
   * @param from the stores that were written to
   * @param same how many tokens of a piece are as they were
   */
  void forget(Stores from, ToIntFunction<Piece> same) {
    present.replaceAll((target, piece) -> piece.from() == from ? whole(piece, same) : piece);
  }

  /** What is left of a piece, in whole tiles. */
  private static Piece whole(Piece piece, ToIntFunction<Piece> same) {
    int tokens = same.applyAsInt(piece);
    return tokens < piece.tokens() ? piece.first(tokens / TILE * TILE) : piece;
  }
}
