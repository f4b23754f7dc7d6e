package io.github.hydragen.simulator.engine;

import io.github.hydragen.simulator.bytecode.MethodKey;
import io.github.hydragen.simulator.runtime.CompiledKernel;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.exceptions.TornadoTaskRuntimeException;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * The method behind a method reference. Java has no public way to ask for it, so the reference is
 * called once with null for the context and for every array: the kernel fails at the first use of
 * one, before it can do anything, and the stack trace of that failure names it.
 */
record KernelMethod(Class<?> owner, MethodKey key) {
  /** Set to {@code plain} for speed; anything else watches every access to memory. */
  static final String MODE_PROPERTY = "hydragen.simulator.mode";

  private static final Map<Class<?>, KernelMethod> KNOWN =
      Collections.synchronizedMap(new WeakHashMap<>());

  private static final ClassValue<Map<String, CompiledKernel>> COMPILED =
      new ClassValue<>() {
        @Override
        protected Map<String, CompiledKernel> computeValue(Class<?> type) {
          return new ConcurrentHashMap<>();
        }
      };

  static KernelMethod find(String task, Object code, KernelCall call, Object[] arguments) {
    KernelMethod known = KNOWN.get(code.getClass());
    if (known == null) {
      known = probe(task, code, call, arguments);
      KNOWN.put(code.getClass(), known);
    }
    return known;
  }

  private static KernelMethod probe(String task, Object code, KernelCall call, Object[] arguments) {
    @Nullable Object[] probes = arguments.clone();
    for (int i = 0; i < probes.length; i++) {
      if (probes[i] instanceof KernelContext || probes[i] instanceof TornadoNativeArray) {
        probes[i] = null;
      }
    }
    try {
      call.apply(probes);
    } catch (RuntimeException e) {
      return method(task, code, frame(task, e), arguments);
    }
    throw new TornadoTaskRuntimeException(
        "Task %s: the kernel uses none of its arguments, so it cannot be told which method it is"
            .formatted(task));
  }

  /** Returns the frame of the kernel: the one that was called from the task graph. */
  private static StackTraceElement frame(String task, RuntimeException e) {
    StackTraceElement kernel = null;
    for (StackTraceElement frame : e.getStackTrace()) {
      if (frame.getClassName().equals(TaskGraph.class.getName())) {
        break;
      }
      if (!frame.getClassName().contains("$$Lambda")) {
        kernel = frame;
      }
    }
    if (kernel == null) {
      throw new TornadoTaskRuntimeException(
          "Task %s: the kernel's method cannot be found: pass a reference to a static method"
              .formatted(task),
          e);
    }
    return kernel;
  }

  private static KernelMethod method(
      String task, Object code, StackTraceElement frame, Object[] arguments) {
    Class<?> owner = load(task, frame.getClassName(), code.getClass().getClassLoader());
    List<Method> candidates =
        Arrays.stream(owner.getDeclaredMethods())
            .filter(m -> m.getName().equals(frame.getMethodName()))
            .filter(m -> Modifier.isStatic(m.getModifiers()))
            .filter(m -> accepts(m.getParameterTypes(), arguments))
            .toList();
    if (candidates.size() != 1) {
      throw new TornadoTaskRuntimeException(
          "Task %s: %d static methods %s of %s take these arguments; a kernel must be the only one"
              .formatted(task, candidates.size(), frame.getMethodName(), owner.getName()));
    }
    Method method = candidates.getFirst();
    MethodType type = MethodType.methodType(method.getReturnType(), method.getParameterTypes());
    MethodKey key =
        new MethodKey(
            owner.getName().replace('.', '/'), method.getName(), type.toMethodDescriptorString());
    return new KernelMethod(owner, key);
  }

  private static Class<?> load(String task, String name, @Nullable ClassLoader loader) {
    try {
      return Class.forName(name, false, loader);
    } catch (ClassNotFoundException e) {
      throw new TornadoTaskRuntimeException(
          "Task %s: the class %s of the kernel cannot be loaded".formatted(task, name), e);
    }
  }

  private static boolean accepts(Class<?>[] types, Object[] arguments) {
    if (types.length != arguments.length) {
      return false;
    }
    for (int i = 0; i < types.length; i++) {
      Class<?> boxed = MethodType.methodType(types[i]).wrap().returnType();
      if (!boxed.isInstance(arguments[i])) {
        return false;
      }
    }
    return true;
  }

  @Nullable ClassLoader loader() {
    return owner.getClassLoader();
  }

  /** Returns the rewritten kernel, for the mode that the property says now. */
  CompiledKernel compiled() {
    boolean checked = !"plain".equals(System.getProperty(MODE_PROPERTY));
    return COMPILED
        .get(owner)
        .computeIfAbsent(
            key.name() + key.descriptor() + checked,
            any -> CompiledKernel.of(loader(), key, checked));
  }
}
