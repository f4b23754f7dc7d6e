package io.github.hydragen.simulator.engine;

import io.github.hydragen.simulator.bytecode.ParameterAccess;
import io.github.hydragen.simulator.runtime.CompiledKernel;
import java.util.List;

/**
 * A kernel and its arguments.
 *
 * @param name the name of the graph, a dot and the id of the task
 * @param kernel the kernel
 * @param arguments the arguments, with host arrays
 * @param accesses what the kernel does with the array behind each parameter
 */
record GraphTask(
    String name, CompiledKernel kernel, List<Object> arguments, List<ParameterAccess> accesses) {}
