package io.github.hydragen.simulator.runtime;

import io.github.hydragen.simulator.FaultKind;
import io.github.hydragen.simulator.memory.LocalArray;
import io.github.hydragen.simulator.memory.Poison;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.vectors.Half2;

/**
 * The local memory of a work-group: the n-th allocation of each thread is the same array. The
 * groups of a launch run one after another and take over each other's arrays. Groups may make
 * different arrays, as where each does one of several jobs; a device has room for all of them.
 */
final class LocalMemory {
  /** What an element type is called, takes up, and how an array of it is made. */
  enum Type {
    INT(Integer.BYTES) {
      @Override
      Object make(int size) {
        return Poison.ints(size);
      }
    },
    LONG(Long.BYTES) {
      @Override
      Object make(int size) {
        return Poison.longs(size);
      }
    },
    FLOAT(Float.BYTES) {
      @Override
      Object make(int size) {
        return Poison.floats(size);
      }
    },
    DOUBLE(Double.BYTES) {
      @Override
      Object make(int size) {
        return new double[size];
      }
    },
    BYTE(Byte.BYTES) {
      @Override
      Object make(int size) {
        return new byte[size];
      }
    },
    HALF_FLOAT(Short.BYTES) {
      @Override
      Object make(int size) {
        return new HalfFloat[size];
      }
    },
    HALF2(Integer.BYTES) {
      @Override
      Object make(int size) {
        return new Half2[size];
      }
    };

    private final int bytes;

    Type(int bytes) {
      this.bytes = bytes;
    }

    abstract Object make(int size);
  }

  private record Allocation(Type type, int size, int site, LocalArray array) {}

  private static final int ALIGNMENT = 16;

  private final Faults faults;
  private final List<Allocation> allocations = new ArrayList<>();
  private final List<Allocation> ofGroup = new ArrayList<>();
  private final LocalViews views = new LocalViews();
  private long bytes;

  LocalMemory(Faults faults) {
    this.faults = faults;
  }

  /** Begins the next work-group. */
  void nextGroup() {
    ofGroup.clear();
  }

  Object allocate(Type type, int size, WorkItem item, int site) {
    int number = item.nextAllocation(site);
    if (number == ofGroup.size()) {
      ofGroup.add(next(type, size, item, site));
    }
    Allocation known = ofGroup.get(number);
    if (known.type != type || known.size != size || known.site != site) {
      throw faults.at(
          item,
          site,
          FaultKind.LOCAL_ALLOCATION_MISMATCH,
          "its allocation number %d is %s[%d]; that of another thread is %s[%d]"
              .formatted(number, type, size, known.type, known.size));
    }
    return known.array.array();
  }

  /** The allocation of a place in the kernel, which no thread of the group has made yet. */
  private Allocation next(Type type, int size, WorkItem item, int site) {
    if (ofGroup.stream().anyMatch(a -> a.site == site)) {
      throw faults.at(
          item,
          site,
          FaultKind.LOCAL_ALLOCATION_MISMATCH,
          "the thread allocates here for the second time: a device has one array per allocation");
    }
    for (Allocation allocation : allocations) {
      if (allocation.site == site) {
        return allocation;
      }
    }
    return add(type, size, item, site);
  }

  private Allocation add(Type type, int size, WorkItem item, int site) {
    long address = bytes;
    bytes = (bytes + (long) size * type.bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (bytes > Limits.LOCAL_MEMORY_BYTES) {
      throw faults.at(
          item,
          site,
          FaultKind.LOCAL_MEMORY_EXCEEDED,
          "local arrays of %d bytes; a work-group has %d"
              .formatted(bytes, Limits.LOCAL_MEMORY_BYTES));
    }
    LocalArray array = new LocalArray(type.make(size), size, type.bytes, address);
    Allocation made = new Allocation(type, size, site, array);
    allocations.add(made);
    return made;
  }

  /** Arrays of the group. */
  int count() {
    return ofGroup.size();
  }

  /** Returns the record of a Java array, or of a view of one; null where it is not the group's. */
  @Nullable LocalArray find(Object array) {
    for (Allocation allocation : allocations) {
      if (allocation.array.array() == array) {
        return allocation.array;
      }
    }
    return views.find(array);
  }

  LocalViews views() {
    return views;
  }
}
