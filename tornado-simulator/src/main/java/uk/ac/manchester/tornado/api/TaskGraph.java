package uk.ac.manchester.tornado.api;

import io.github.hydragen.simulator.engine.GraphRecorder;
import io.github.hydragen.simulator.engine.KernelCall;
import uk.ac.manchester.tornado.api.common.TornadoFunctions;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;

/**
 * Kernels and the copies between host and device around them, in the order in which they were
 * added. A graph is written once and frozen by {@link #snapshot()}.
 */
public class TaskGraph {
  private final GraphRecorder recorder;

  /** Creates an empty graph; {@code name} prefixes the names of its tasks. */
  public TaskGraph(String name) {
    recorder = new GraphRecorder(name);
  }

  /** Returns the name. */
  public String getTaskGraphName() {
    return recorder.name();
  }

  /** Declares arrays that are copied to the device; {@code mode} says when. */
  public TaskGraph transferToDevice(int mode, Object... objects) {
    recorder.transferToDevice(mode, objects);
    return this;
  }

  /** Declares arrays that are copied to the host; {@code mode} says when. */
  public TaskGraph transferToHost(int mode, Object... objects) {
    recorder.transferToHost(mode, objects);
    return this;
  }

  /** Declares arrays that stay on the device for other graphs of the plan. */
  public TaskGraph persistOnDevice(Object... objects) {
    return transferToHost(DataTransferMode.UNDER_DEMAND, objects);
  }

  /** Declares arrays that the graph of this name left on the device. */
  public TaskGraph consumeFromDevice(String uniqueTaskGraphName, Object... objects) {
    recorder.consumeFromDevice(uniqueTaskGraphName, objects);
    return this;
  }

  /** Declares arrays that the graph executed before left on the device. */
  public TaskGraph consumeFromDevice(Object... objects) {
    recorder.consumeFromLast(objects);
    return this;
  }

  /** Returns the graph in the form that a plan executes. */
  public ImmutableTaskGraph snapshot() {
    return new ImmutableTaskGraph(recorder.snapshot());
  }

  private TaskGraph add(String id, Object code, KernelCall call, Object... arguments) {
    recorder.task(id, code, call, arguments);
    return this;
  }

  /** Adds a kernel. */
  public TaskGraph task(String id, TornadoFunctions.Task code) {
    return add(id, code, a -> code.apply());
  }

  /** Adds a kernel and the arguments of every execution. */
  @SuppressWarnings("unchecked")
  public <T1> TaskGraph task(String id, TornadoFunctions.Task1<T1> code, T1 arg) {
    return add(id, code, a -> code.apply((T1) a[0]), arg);
  }

  /** Adds a kernel and the arguments of every execution. */
  @SuppressWarnings("unchecked")
  public <T1, T2> TaskGraph task(String id, TornadoFunctions.Task2<T1, T2> code, T1 arg1, T2 arg2) {
    return add(id, code, a -> code.apply((T1) a[0], (T2) a[1]), arg1, arg2);
  }

  /** Adds a kernel and the arguments of every execution. */
  @SuppressWarnings("unchecked")
  public <T1, T2, T3> TaskGraph task(
      String id, TornadoFunctions.Task3<T1, T2, T3> code, T1 arg1, T2 arg2, T3 arg3) {
    return add(id, code, a -> code.apply((T1) a[0], (T2) a[1], (T3) a[2]), arg1, arg2, arg3);
  }

  /** Adds a kernel and the arguments of every execution. */
  @SuppressWarnings("unchecked")
  public <T1, T2, T3, T4> TaskGraph task(
      String id, TornadoFunctions.Task4<T1, T2, T3, T4> code, T1 arg1, T2 arg2, T3 arg3, T4 arg4) {
    return add(
        id,
        code,
        a -> code.apply((T1) a[0], (T2) a[1], (T3) a[2], (T4) a[3]),
        arg1,
        arg2,
        arg3,
        arg4);
  }

  /** Adds a kernel and the arguments of every execution. */
  @SuppressWarnings("unchecked")
  public <T1, T2, T3, T4, T5> TaskGraph task(
      String id,
      TornadoFunctions.Task5<T1, T2, T3, T4, T5> code,
      T1 arg1,
      T2 arg2,
      T3 arg3,
      T4 arg4,
      T5 arg5) {
    return add(
        id,
        code,
        a -> code.apply((T1) a[0], (T2) a[1], (T3) a[2], (T4) a[3], (T5) a[4]),
        arg1,
        arg2,
        arg3,
        arg4,
        arg5);
  }

  /** Adds a kernel and the arguments of every execution. */
  @SuppressWarnings("unchecked")
  public <T1, T2, T3, T4, T5, T6> TaskGraph task(
      String id,
      TornadoFunctions.Task6<T1, T2, T3, T4, T5, T6> code,
      T1 arg1,
      T2 arg2,
      T3 arg3,
      T4 arg4,
      T5 arg5,
      T6 arg6) {
    return add(
        id,
        code,
        a -> code.apply((T1) a[0], (T2) a[1], (T3) a[2], (T4) a[3], (T5) a[4], (T6) a[5]),
        arg1,
        arg2,
        arg3,
        arg4,
        arg5,
        arg6);
  }

  /** Adds a kernel and the arguments of every execution. */
  @SuppressWarnings("unchecked")
  public <T1, T2, T3, T4, T5, T6, T7> TaskGraph task(
      String id,
      TornadoFunctions.Task7<T1, T2, T3, T4, T5, T6, T7> code,
      T1 arg1,
      T2 arg2,
      T3 arg3,
      T4 arg4,
      T5 arg5,
      T6 arg6,
      T7 arg7) {
    return add(
        id,
        code,
        a ->
            code.apply((T1) a[0], (T2) a[1], (T3) a[2], (T4) a[3], (T5) a[4], (T6) a[5], (T7) a[6]),
        arg1,
        arg2,
        arg3,
        arg4,
        arg5,
        arg6,
        arg7);
  }

  /** Adds a kernel and the arguments of every execution. */
  @SuppressWarnings("unchecked")
  public <T1, T2, T3, T4, T5, T6, T7, T8> TaskGraph task(
      String id,
      TornadoFunctions.Task8<T1, T2, T3, T4, T5, T6, T7, T8> code,
      T1 arg1,
      T2 arg2,
      T3 arg3,
      T4 arg4,
      T5 arg5,
      T6 arg6,
      T7 arg7,
      T8 arg8) {
    return add(
        id,
        code,
        a ->
            code.apply(
                (T1) a[0], (T2) a[1], (T3) a[2], (T4) a[3], (T5) a[4], (T6) a[5], (T7) a[6],
                (T8) a[7]),
        arg1,
        arg2,
        arg3,
        arg4,
        arg5,
        arg6,
        arg7,
        arg8);
  }

  /** Adds a kernel and the arguments of every execution. */
  @SuppressWarnings("unchecked")
  public <T1, T2, T3, T4, T5, T6, T7, T8, T9> TaskGraph task(
      String id,
      TornadoFunctions.Task9<T1, T2, T3, T4, T5, T6, T7, T8, T9> code,
      T1 arg1,
      T2 arg2,
      T3 arg3,
      T4 arg4,
      T5 arg5,
      T6 arg6,
      T7 arg7,
      T8 arg8,
      T9 arg9) {
    return add(
        id,
        code,
        a ->
            code.apply(
                (T1) a[0], (T2) a[1], (T3) a[2], (T4) a[3], (T5) a[4], (T6) a[5], (T7) a[6],
                (T8) a[7], (T9) a[8]),
        arg1,
        arg2,
        arg3,
        arg4,
        arg5,
        arg6,
        arg7,
        arg8,
        arg9);
  }

  /** Adds a kernel and the arguments of every execution. */
  @SuppressWarnings("unchecked")
  public <T1, T2, T3, T4, T5, T6, T7, T8, T9, T10> TaskGraph task(
      String id,
      TornadoFunctions.Task10<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10> code,
      T1 arg1,
      T2 arg2,
      T3 arg3,
      T4 arg4,
      T5 arg5,
      T6 arg6,
      T7 arg7,
      T8 arg8,
      T9 arg9,
      T10 arg10) {
    return add(
        id,
        code,
        a ->
            code.apply(
                (T1) a[0],
                (T2) a[1],
                (T3) a[2],
                (T4) a[3],
                (T5) a[4],
                (T6) a[5],
                (T7) a[6],
                (T8) a[7],
                (T9) a[8],
                (T10) a[9]),
        arg1,
        arg2,
        arg3,
        arg4,
        arg5,
        arg6,
        arg7,
        arg8,
        arg9,
        arg10);
  }

  /** Adds a kernel and the arguments of every execution. */
  @SuppressWarnings("unchecked")
  public <T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11> TaskGraph task(
      String id,
      TornadoFunctions.Task11<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11> code,
      T1 arg1,
      T2 arg2,
      T3 arg3,
      T4 arg4,
      T5 arg5,
      T6 arg6,
      T7 arg7,
      T8 arg8,
      T9 arg9,
      T10 arg10,
      T11 arg11) {
    return add(
        id,
        code,
        a ->
            code.apply(
                (T1) a[0],
                (T2) a[1],
                (T3) a[2],
                (T4) a[3],
                (T5) a[4],
                (T6) a[5],
                (T7) a[6],
                (T8) a[7],
                (T9) a[8],
                (T10) a[9],
                (T11) a[10]),
        arg1,
        arg2,
        arg3,
        arg4,
        arg5,
        arg6,
        arg7,
        arg8,
        arg9,
        arg10,
        arg11);
  }

  /** Adds a kernel and the arguments of every execution. */
  @SuppressWarnings("unchecked")
  public <T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12> TaskGraph task(
      String id,
      TornadoFunctions.Task12<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12> code,
      T1 arg1,
      T2 arg2,
      T3 arg3,
      T4 arg4,
      T5 arg5,
      T6 arg6,
      T7 arg7,
      T8 arg8,
      T9 arg9,
      T10 arg10,
      T11 arg11,
      T12 arg12) {
    return add(
        id,
        code,
        a ->
            code.apply(
                (T1) a[0],
                (T2) a[1],
                (T3) a[2],
                (T4) a[3],
                (T5) a[4],
                (T6) a[5],
                (T7) a[6],
                (T8) a[7],
                (T9) a[8],
                (T10) a[9],
                (T11) a[10],
                (T12) a[11]),
        arg1,
        arg2,
        arg3,
        arg4,
        arg5,
        arg6,
        arg7,
        arg8,
        arg9,
        arg10,
        arg11,
        arg12);
  }

  /** Adds a kernel and the arguments of every execution. */
  @SuppressWarnings("unchecked")
  public <T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13> TaskGraph task(
      String id,
      TornadoFunctions.Task13<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13> code,
      T1 arg1,
      T2 arg2,
      T3 arg3,
      T4 arg4,
      T5 arg5,
      T6 arg6,
      T7 arg7,
      T8 arg8,
      T9 arg9,
      T10 arg10,
      T11 arg11,
      T12 arg12,
      T13 arg13) {
    return add(
        id,
        code,
        a ->
            code.apply(
                (T1) a[0],
                (T2) a[1],
                (T3) a[2],
                (T4) a[3],
                (T5) a[4],
                (T6) a[5],
                (T7) a[6],
                (T8) a[7],
                (T9) a[8],
                (T10) a[9],
                (T11) a[10],
                (T12) a[11],
                (T13) a[12]),
        arg1,
        arg2,
        arg3,
        arg4,
        arg5,
        arg6,
        arg7,
        arg8,
        arg9,
        arg10,
        arg11,
        arg12,
        arg13);
  }

  /** Adds a kernel and the arguments of every execution. */
  @SuppressWarnings("unchecked")
  public <T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14> TaskGraph task(
      String id,
      TornadoFunctions.Task14<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14> code,
      T1 arg1,
      T2 arg2,
      T3 arg3,
      T4 arg4,
      T5 arg5,
      T6 arg6,
      T7 arg7,
      T8 arg8,
      T9 arg9,
      T10 arg10,
      T11 arg11,
      T12 arg12,
      T13 arg13,
      T14 arg14) {
    return add(
        id,
        code,
        a ->
            code.apply(
                (T1) a[0],
                (T2) a[1],
                (T3) a[2],
                (T4) a[3],
                (T5) a[4],
                (T6) a[5],
                (T7) a[6],
                (T8) a[7],
                (T9) a[8],
                (T10) a[9],
                (T11) a[10],
                (T12) a[11],
                (T13) a[12],
                (T14) a[13]),
        arg1,
        arg2,
        arg3,
        arg4,
        arg5,
        arg6,
        arg7,
        arg8,
        arg9,
        arg10,
        arg11,
        arg12,
        arg13,
        arg14);
  }

  /** Adds a kernel and the arguments of every execution. */
  @SuppressWarnings("unchecked")
  public <T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15> TaskGraph task(
      String id,
      TornadoFunctions.Task15<T1, T2, T3, T4, T5, T6, T7, T8, T9, T10, T11, T12, T13, T14, T15>
          code,
      T1 arg1,
      T2 arg2,
      T3 arg3,
      T4 arg4,
      T5 arg5,
      T6 arg6,
      T7 arg7,
      T8 arg8,
      T9 arg9,
      T10 arg10,
      T11 arg11,
      T12 arg12,
      T13 arg13,
      T14 arg14,
      T15 arg15) {
    return add(
        id,
        code,
        a ->
            code.apply(
                (T1) a[0],
                (T2) a[1],
                (T3) a[2],
                (T4) a[3],
                (T5) a[4],
                (T6) a[5],
                (T7) a[6],
                (T8) a[7],
                (T9) a[8],
                (T10) a[9],
                (T11) a[10],
                (T12) a[11],
                (T13) a[12],
                (T14) a[13],
                (T15) a[14]),
        arg1,
        arg2,
        arg3,
        arg4,
        arg5,
        arg6,
        arg7,
        arg8,
        arg9,
        arg10,
        arg11,
        arg12,
        arg13,
        arg14,
        arg15);
  }
}
