package io.github.hydragen.tornado.device;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The functions of CUDA's driver that page-lock memory of the host and say how much of a device's
 * is free. TornadoVM has loaded the driver; its own page locks are not used, as {@link Devices}
 * says.
 *
 * <p>CUDA Driver API: Context Management, Memory Management.
 */
@SuppressWarnings("restricted") // Used only where native access is enabled.
final class CudaDriver {
  /** Locked memory counts as such in all contexts. */
  private static final int PORTABLE = 1;

  private static final Optional<CudaDriver> INSTANCE = load();

  private final MethodHandle currentContext;
  private final MethodHandle pushContext;
  private final MethodHandle popContext;
  private final MethodHandle register;
  private final MethodHandle unregister;
  private final MethodHandle memoryInfo;

  private CudaDriver(SymbolLookup library) {
    currentContext = function(library, "cuCtxGetCurrent", ADDRESS);
    pushContext = function(library, "cuCtxPushCurrent_v2", JAVA_LONG);
    popContext = function(library, "cuCtxPopCurrent_v2", ADDRESS);
    register = function(library, "cuMemHostRegister_v2", ADDRESS, JAVA_LONG, JAVA_INT);
    unregister = function(library, "cuMemHostUnregister", ADDRESS);
    memoryInfo = function(library, "cuMemGetInfo_v2", ADDRESS, ADDRESS);
  }

  /** The driver, if there is one and native access is enabled. */
  static Optional<CudaDriver> instance() {
    return INSTANCE;
  }

  private static Optional<CudaDriver> load() {
    if (!CudaDriver.class.getModule().isNativeAccessEnabled()) {
      return Optional.empty();
    }
    boolean windows = System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("windows");
    String name = windows ? "nvcuda.dll" : "libcuda.so.1";
    try {
      return Optional.of(new CudaDriver(SymbolLookup.libraryLookup(name, Arena.global())));
    } catch (IllegalArgumentException | NoSuchElementException e) {
      return Optional.empty();
    }
  }

  private static MethodHandle function(
      SymbolLookup library, String name, MemoryLayout... parameters) {
    return Linker.nativeLinker()
        .downcallHandle(
            library.find(name).orElseThrow(), FunctionDescriptor.of(JAVA_INT, parameters));
  }

  /** The context that is current on this thread, or 0. */
  long currentContext() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment context = arena.allocate(JAVA_LONG);
      int error = (int) currentContext.invokeExact(context);
      return error == 0 ? context.get(JAVA_LONG, 0) : 0;
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  /** Locks memory, and says whether it could. */
  boolean lock(long context, MemorySegment memory) {
    return in(context, () -> (int) register.invokeExact(memory, memory.byteSize(), PORTABLE)) == 0;
  }

  /** Unlocks memory that was locked. */
  void unlock(long context, MemorySegment memory) {
    in(context, () -> (int) unregister.invokeExact(memory));
  }

  /** Bytes of a context's device that no program has, if the driver says. */
  OptionalLong freeMemory(long context) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment free = arena.allocate(JAVA_LONG);
      MemorySegment all = arena.allocate(JAVA_LONG);
      int error = in(context, () -> (int) memoryInfo.invokeExact(free, all));
      return error == 0 ? OptionalLong.of(free.get(JAVA_LONG, 0)) : OptionalLong.empty();
    }
  }

  private interface Call {
    int error() throws Throwable;
  }

  private int in(long context, Call call) {
    try (Arena arena = Arena.ofConfined()) {
      int error = (int) pushContext.invokeExact(context);
      if (error != 0) {
        return error;
      }
      try {
        return call.error();
      } finally {
        int ignored = (int) popContext.invokeExact(arena.allocate(JAVA_LONG));
      }
    } catch (Throwable e) {
      throw failed(e);
    }
  }

  /** A downcall throws nothing of its own. */
  private static IllegalStateException failed(Throwable thrown) {
    return new IllegalStateException("a call of CUDA's driver failed: " + thrown, thrown);
  }
}
