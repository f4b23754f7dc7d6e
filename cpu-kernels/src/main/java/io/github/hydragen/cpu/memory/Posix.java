package io.github.hydragen.cpu.memory;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** The few system calls of Linux that Java has no API for. */
final class Posix {
  /** Whether they can be called: on Linux, with native access enabled for this module. */
  static final boolean AVAILABLE =
      System.getProperty("os.name").equals("Linux")
          && Posix.class.getModule().isNativeAccessEnabled();

  private static final int READ_WRITE = 1 | 2;
  private static final int PRIVATE_ANONYMOUS = 0x02 | 0x20;
  private static final int HUGE_PAGES = 14;
  private static final long FAILED = -1;

  private Posix() {}

  /** Looked up when first called: only where {@link #AVAILABLE}. */
  private static final class Calls {
    static final MethodHandle MMAP =
        find(
            "mmap",
            FunctionDescriptor.of(
                ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
    static final MethodHandle MUNMAP =
        find("munmap", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG));
    static final MethodHandle MADVISE =
        find("madvise", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));

    private static MethodHandle find(String name, FunctionDescriptor type) {
      Linker linker = Linker.nativeLinker();
      return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), type);
    }
  }

  /**
   * Maps fresh zeroed pages, huge ones if the system has them, until the arena is closed.
   *
   * @throws OutOfMemoryError if the system refuses
   */
  static MemorySegment map(Arena arena, long bytes) {
    try {
      MemorySegment start =
          (MemorySegment)
              Calls.MMAP.invokeExact(
                  MemorySegment.NULL, bytes, READ_WRITE, PRIVATE_ANONYMOUS, -1, 0L);
      if (start.address() == FAILED) {
        throw new OutOfMemoryError("the system refused to map " + bytes + " bytes");
      }
      // Advice only: where it is refused, pages are small.
      int unused = (int) Calls.MADVISE.invokeExact(start, bytes, HUGE_PAGES);
      return start.reinterpret(bytes, arena, Posix::unmap);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  private static void unmap(MemorySegment memory) {
    try {
      int failed = (int) Calls.MUNMAP.invokeExact(memory, memory.byteSize());
      assert failed == 0;
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }
}
