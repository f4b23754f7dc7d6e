package io.github.hydragen.simulator.engine;

import io.github.hydragen.simulator.bytecode.AccessAnalysis;
import io.github.hydragen.simulator.bytecode.ParameterAccess;
import io.github.hydragen.simulator.runtime.CompiledKernel;
import java.nio.BufferOverflowException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.exceptions.TornadoRuntimeException;
import uk.ac.manchester.tornado.api.exceptions.TornadoTaskRuntimeException;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** A task graph while it is written. */
public final class GraphRecorder {
  /** Bytes in which TornadoVM describes the tasks of a graph: so many a task and an argument. */
  private static final int MOST_BYTES = 8192;

  private static final int TASK_BYTES = 15;

  private static final int ARGUMENT_BYTES = 5;

  private final String name;
  private final List<GraphTask> tasks = new ArrayList<>();
  private final Map<TornadoNativeArray, Integer> in = new HashMap<>();
  private final Map<TornadoNativeArray, Integer> out = new HashMap<>();
  private final Map<TornadoNativeArray, @Nullable String> consumed = new HashMap<>();
  private int bytes;

  /** Starts a graph without tasks. */
  public GraphRecorder(String name) {
    this.name = name;
  }

  /** Returns the name. */
  public String name() {
    return name;
  }

  /** Declares arrays that are copied to the device. */
  public void transferToDevice(int mode, Object... objects) {
    for (Object object : objects) {
      if (!(object instanceof Number)) {
        in.put(array(object, "transferToDevice"), mode);
      }
    }
  }

  /** Declares arrays that are copied to the host. */
  public void transferToHost(int mode, Object... objects) {
    for (Object object : objects) {
      out.put(array(object, "transferToHost"), mode);
    }
  }

  /** Declares arrays that the graph of this name left on the device. */
  public void consumeFromDevice(String graph, Object... objects) {
    for (Object object : objects) {
      consumed.put(array(object, "consumeFromDevice"), graph);
    }
  }

  /** Declares arrays that the graph executed before left on the device. */
  public void consumeFromLast(Object... objects) {
    for (Object object : objects) {
      consumed.put(array(object, "consumeFromDevice"), null);
    }
  }

  private TornadoNativeArray array(@Nullable Object object, String method) {
    if (object instanceof TornadoNativeArray array) {
      return array;
    }
    throw new TornadoRuntimeException(
        "%s of graph %s takes arrays such as FloatArray; got %s".formatted(method, name, object));
  }

  /**
   * Adds a kernel: {@code code} is the method reference that {@code call} calls.
   *
   * @throws BufferOverflowException as TornadoVM does, if the graph holds no more
   */
  public void task(String id, Object code, KernelCall call, Object... arguments) {
    String task = name + "." + id;
    if (tasks.stream().anyMatch(t -> t.name().equals(task))) {
      throw new TornadoTaskRuntimeException(
          "Graph %s already has a task %s: give it another id".formatted(name, id));
    }
    if (Arrays.stream(arguments).noneMatch(KernelContext.class::isInstance)) {
      throw new TornadoTaskRuntimeException(
          "Task %s has no KernelContext among its arguments: the simulator runs only such kernels"
              .formatted(task));
    }
    bytes += TASK_BYTES + ARGUMENT_BYTES * arguments.length;
    if (bytes > MOST_BYTES) {
      throw new BufferOverflowException();
    }
    KernelMethod method = KernelMethod.find(task, code, call, arguments);
    CompiledKernel kernel = method.compiled();
    List<ParameterAccess> accesses = AccessAnalysis.of(method.loader(), method.key());
    tasks.add(new GraphTask(task, kernel, List.of(arguments), accesses));
  }

  /** Returns the graph as it is now. */
  public Graph snapshot() {
    return new Graph(
        name, List.copyOf(tasks), new HashMap<>(in), new HashMap<>(out), new HashMap<>(consumed));
  }
}
