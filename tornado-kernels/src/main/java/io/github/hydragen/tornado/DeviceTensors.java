package io.github.hydragen.tornado;

import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * What a model's kernels work on: the task graph of a layer and the arrays of its attention, all of
 * which stay on the device. They are valid until the step is closed.
 *
 * <p>Token {@code t} of an array is that of sequence {@code t}. There may be more tokens than
 * sequences; what they hold is never read.
 *
 * @param graph to which transfers and tasks are added
 * @param grid to which each task's worker is added, under {@code graph.getTaskGraphName() + "." +
 *     task}
 * @param previous the name of the graph that runs right before this one, or null for the first
 * @param tokens tokens of the arrays, at least the sequences of the batch
 * @param headDim elements between the starts of heads: the head dimension rounded up to a multiple
 *     of 32, or for tuned kernels to 64 or 128, with zeros between
 * @param queries to be written, [tokens, queryHeads, headDim]
 * @param keys of the new tokens, to be written, [tokens, kvHeads, headDim]: a {@code FloatArray}
 *     where keys are stored as F32, a {@code HalfFloatArray} for F16, and a {@code LongArray} for
 *     BF16 on devices with tuned kernels, four numbers a long, the first in the lowest bits
 * @param values like {@code keys}
 * @param out to be read, like {@code queries}
 * @param lse to be read, natural logarithms, [tokens, queryHeads]
 */
public record DeviceTensors(
    TaskGraph graph,
    GridScheduler grid,
    @Nullable String previous,
    int tokens,
    int headDim,
    FloatArray queries,
    TornadoNativeArray keys,
    TornadoNativeArray values,
    FloatArray out,
    FloatArray lse) {}
