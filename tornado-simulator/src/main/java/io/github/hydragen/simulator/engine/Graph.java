package io.github.hydragen.simulator.engine;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * A frozen task graph.
 *
 * @param name the name
 * @param tasks the kernels in order
 * @param in the arrays copied to the device, with the transfer mode
 * @param out the arrays copied to the host, with the transfer mode
 * @param consumed the arrays taken over from the graph of a name, or from the last one (null)
 */
public record Graph(
    String name,
    List<GraphTask> tasks,
    Map<TornadoNativeArray, Integer> in,
    Map<TornadoNativeArray, Integer> out,
    Map<TornadoNativeArray, @Nullable String> consumed) {

  /** Tells whether the array's device memory outlives an execution. */
  boolean keeps(TornadoNativeArray array) {
    return in.containsKey(array) || out.containsKey(array) || consumed.containsKey(array);
  }
}
