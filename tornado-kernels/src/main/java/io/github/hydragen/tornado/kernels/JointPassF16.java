package io.github.hydragen.tornado.kernels;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;

/**
 * Attention to packed prefixes and to suffixes side by side, where each key/value head has a query
 * head: each work-group does what its {@link Turn} says, a {@link MatrixPass}'s or a {@link
 * SuffixRowF16}'s work. The first are bound by arithmetic, the second by memory, and TornadoVM has
 * a single stream: two kernels would run one after the other. CUDA only.
 */
public final class JointPassF16 {
  private JointPassF16() {}

  /**
   * Both passes; other arguments as in {@link TilePassF32#attend}.
   *
   * @param tiles the stored keys and values of the prefixes
   * @param scales for each key/value head, by what these keys and values are to be multiplied
   * @param keys those of the suffixes
   * @param values like {@code keys}
   * @param turns of each work-group
   * @param dim elements between the starts of heads, 64 or 128
   */
  public static void attend(
      KernelContext context,
      FloatArray queries,
      LongArray tiles,
      FloatArray scales,
      HalfFloatArray keys,
      HalfFloatArray values,
      IntArray work,
      IntArray turns,
      FloatArray states,
      FloatArray lses,
      int heads,
      int dim,
      int slots,
      float scale,
      float cap) {
    int thread = context.localIdx & (MatrixPass.THREADS - 1);
    int turn = context.groupIdx * Turn.INTS;
    int item = turns.get(turn + Turn.ITEM);
    int head = turns.get(turn + Turn.HEAD);
    if (head < 0) {
      SuffixRowF16.attendHeads(
          context,
          thread,
          item,
          Turn.suffixHead(head),
          queries,
          keys,
          values,
          work,
          states,
          lses,
          heads,
          dim,
          slots,
          scale,
          cap);
    } else if (work.get(item + WorkItem.ROW_COUNT) > 0) {
      MatrixPass.attendItem(
          context, thread, item, head, queries, tiles, scales, work, states, lses, heads, heads,
          dim, slots, scale, cap);
    }
  }
}
