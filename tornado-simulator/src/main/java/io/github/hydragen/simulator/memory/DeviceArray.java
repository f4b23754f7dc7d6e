package io.github.hydragen.simulator.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.Function;
import uk.ac.manchester.tornado.api.types.arrays.BFloat16Array;
import uk.ac.manchester.tornado.api.types.arrays.ByteArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * The device's copy of a host array: memory of its own, full of poison until something is copied or
 * written there.
 */
public final class DeviceArray implements AutoCloseable {
  private static final long ALIGNMENT = 64;

  private final TornadoNativeArray host;
  private final TornadoNativeArray view;
  private final Arena arena = Arena.ofShared();
  private final WrittenElements written;
  private final RaceShadow races;
  private boolean writtenByLaunch;
  private String history = "nothing was ever copied or written to it on the device";

  /** Allocates the copy of {@code host}, without its contents. */
  public DeviceArray(TornadoNativeArray host) {
    this.host = host;
    MemorySegment memory = arena.allocate(host.getNumBytesOfSegmentWithHeader(), ALIGNMENT);
    view = viewLike(host).apply(memory);
    Poison.fill(view);
    written = new WrittenElements(host.getSize());
    races = new RaceShadow(host.getSize());
  }

  private static Function<MemorySegment, TornadoNativeArray> viewLike(TornadoNativeArray array) {
    if (array instanceof FloatArray) {
      return FloatArray::fromSegmentShallow;
    } else if (array instanceof HalfFloatArray) {
      return HalfFloatArray::fromSegmentShallow;
    } else if (array instanceof BFloat16Array) {
      return BFloat16Array::fromSegmentShallow;
    } else if (array instanceof IntArray) {
      return IntArray::fromSegmentShallow;
    } else if (array instanceof LongArray) {
      return LongArray::fromSegmentShallow;
    } else if (array instanceof ShortArray) {
      return ShortArray::fromSegmentShallow;
    } else {
      return ByteArray::fromSegmentShallow;
    }
  }

  /** Returns the array that kernels get in place of the host's. */
  public TornadoNativeArray view() {
    return view;
  }

  /** Returns which elements hold something. */
  public WrittenElements written() {
    return written;
  }

  /** Returns who accessed the elements in the current launch. */
  public RaceShadow races() {
    return races;
  }

  /** Tells whether the kernel that runs now can write the array. */
  public boolean isWrittenByLaunch() {
    return writtenByLaunch;
  }

  /** Says whether the kernel that runs next can write the array. */
  public void setWrittenByLaunch(boolean yes) {
    writtenByLaunch = yes;
  }

  /** Returns why the array has no contents, for messages. */
  public String history() {
    return history;
  }

  /** Says why the array has no contents, for messages. */
  public void setHistory(String reason) {
    history = reason;
  }

  /** Copies the host's elements to the device. */
  public void copyIn() {
    view.getSegment().copyFrom(host.getSegment());
    written.setAll();
  }

  /** Copies the device's elements to the host, as they are. */
  public void copyOut() {
    host.getSegment().copyFrom(view.getSegment());
  }

  /** Copies {@code bytes} from {@code offset} on, counted from the header, to the host. */
  public void copyOut(long offset, long bytes) {
    MemorySegment.copy(
        view.getSegmentWithHeader(), offset, host.getSegmentWithHeader(), offset, bytes);
  }

  /** Returns the size in bytes, with the header. */
  public long bytes() {
    return view.getNumBytesOfSegmentWithHeader();
  }

  /** Frees the memory; a later access is an {@link IllegalStateException}. */
  @Override
  public void close() {
    arena.close();
  }
}
