package io.github.hydragen.simulator.runtime;

import io.github.hydragen.simulator.FaultKind;
import io.github.hydragen.simulator.SimulatorFault;
import io.github.hydragen.simulator.memory.DeviceArray;
import io.github.hydragen.simulator.memory.LocalArray;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** Checks every access of a launch to global and local memory, and counts it where asked to. */
final class MemoryWatch {
  private final boolean checked;
  private final Faults faults;
  private final LocalMemory local;
  private final List<DeviceArray> arrays;
  private final long firstGroup;
  private final LaunchLog log;

  /** The array that each instruction touched last: most touch the same one every time. */
  private final @Nullable TornadoNativeArray[] lastViews;

  private final @Nullable DeviceArray[] lastDevice;
  private final @Nullable Object[] lastJavaArrays;
  private final @Nullable LocalArray[] lastLocal;

  MemoryWatch(
      boolean checked,
      Faults faults,
      LocalMemory local,
      List<DeviceArray> arrays,
      long firstGroup,
      int sites,
      LaunchLog log) {
    this.checked = checked;
    this.faults = faults;
    this.local = local;
    this.arrays = arrays;
    this.firstGroup = firstGroup;
    this.log = log;
    lastViews = new TornadoNativeArray[sites];
    lastDevice = new DeviceArray[sites];
    lastJavaArrays = new Object[sites];
    lastLocal = new LocalArray[sites];
  }

  void read(TornadoNativeArray view, int index, int count, WorkItem item, int site) {
    if (!checked) {
      return;
    }
    DeviceArray array = device(view, item, site);
    checkBounds(index, count, view.getSize(), item, site);
    for (int i = index; i < index + count; i++) {
      if (!array.written().get(i)) {
        throw unwritten(array, i, item, site);
      }
      if (array.isWrittenByLaunch()) {
        check(array.races().read(i, item.globalStamp(), firstGroup), i, item, site);
      }
    }
    log.global(view, index, count, false, item, site);
  }

  void write(TornadoNativeArray view, int index, int count, WorkItem item, int site) {
    if (!checked) {
      return;
    }
    DeviceArray array = device(view, item, site);
    checkBounds(index, count, view.getSize(), item, site);
    for (int i = index; i < index + count; i++) {
      check(array.races().write(i, item.globalStamp(), firstGroup), i, item, site);
      array.written().set(i);
    }
    log.global(view, index, count, true, item, site);
  }

  void add(TornadoNativeArray view, int index, WorkItem item, int site) {
    if (!checked) {
      return;
    }
    DeviceArray array = device(view, item, site);
    checkBounds(index, 1, view.getSize(), item, site);
    if (!array.written().get(index)) {
      throw unwritten(array, index, item, site);
    }
    check(array.races().add(index, item.globalStamp(), firstGroup), index, item, site);
    log.global(view, index, 1, true, item, site);
  }

  /** Returns the record of a Java array; null where it is private to the thread. */
  @Nullable LocalArray local(Object array, int site) {
    if (lastJavaArrays[site] == array) {
      return lastLocal[site];
    }
    LocalArray found = local.find(array);
    lastJavaArrays[site] = array;
    lastLocal[site] = found;
    return found;
  }

  void read(LocalArray array, int index, WorkItem item, int site) {
    if (checked) {
      checkRead(array, index, item, site);
      log.local(array, index, item, site);
    }
  }

  /** Checks the read of 16 bytes from element {@code index} on by a matrix instruction. */
  void readRow(LocalArray array, int index, int count, WorkItem item, int site) {
    if (checked) {
      for (int i = index; i < index + count; i++) {
        checkRead(array, i, item, site);
      }
    }
  }

  private void checkRead(LocalArray array, int index, WorkItem item, int site) {
    checkBounds(index, 1, array.length(), item, site);
    if (array.isPending(index)) {
      throw faults.at(
          item,
          site,
          FaultKind.ASYNC_COPY_PENDING,
          "element %d is the target of a copy that is still under way".formatted(index));
    }
    long stamp = item.localStamp();
    if (!array.isWritten(index, stamp)) {
      throw faults.at(
          item,
          site,
          FaultKind.UNWRITTEN_READ,
          "element %d of the local array was never written".formatted(index));
    }
    check(array.read(index, stamp), index, item, site);
  }

  void write(LocalArray array, int index, WorkItem item, int site) {
    if (!checked) {
      return;
    }
    checkBounds(index, 1, array.length(), item, site);
    check(array.write(index, item.localStamp()), index, item, site);
    log.local(array, index, item, site);
  }

  void add(LocalArray array, int index, WorkItem item, int site) {
    if (!checked) {
      return;
    }
    checkBounds(index, 1, array.length(), item, site);
    if (!array.isWritten(index, item.localStamp())) {
      throw faults.at(
          item,
          site,
          FaultKind.UNWRITTEN_READ,
          "element %d of the local array was never written".formatted(index));
    }
    check(array.add(index, item.localStamp()), index, item, site);
    log.local(array, index, item, site);
  }

  void startCopy(LocalArray array, int index, WorkItem item, int site) {
    if (checked) {
      write(array, index, item, site);
      array.setPending(index, true);
    }
  }

  void endCopy(LocalArray array, int index, WorkItem item, int site) {
    if (checked) {
      array.setPending(index, false);
      check(array.write(index, item.localStamp()), index, item, site);
    }
  }

  private DeviceArray device(TornadoNativeArray view, WorkItem item, int site) {
    if (lastViews[site] == view) {
      return Objects.requireNonNull(lastDevice[site]);
    }
    for (DeviceArray array : arrays) {
      if (array.view() == view) {
        lastViews[site] = view;
        lastDevice[site] = array;
        return array;
      }
    }
    throw faults.at(
        item,
        site,
        FaultKind.NOT_TRANSFERRED,
        "the array is not an argument of the kernel: it is in the host's memory");
  }

  private void checkBounds(int index, int count, int length, WorkItem item, int site) {
    if (index < 0 || index > length - count) {
      throw faults.at(
          item,
          site,
          FaultKind.OUT_OF_BOUNDS,
          "index %d of an array of %d elements".formatted(index, length));
    }
  }

  private void check(@Nullable String conflict, int index, WorkItem item, int site) {
    if (conflict != null) {
      throw faults.at(item, site, FaultKind.DATA_RACE, "element %d: %s".formatted(index, conflict));
    }
  }

  private SimulatorFault unwritten(DeviceArray array, int index, WorkItem item, int site) {
    return array.written().any()
        ? faults.at(
            item,
            site,
            FaultKind.UNWRITTEN_READ,
            "element %d was neither copied to the device nor written there".formatted(index))
        : faults.at(item, site, FaultKind.NOT_TRANSFERRED, array.history());
  }
}
