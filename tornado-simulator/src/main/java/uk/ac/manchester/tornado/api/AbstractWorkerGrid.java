package uk.ac.manchester.tornado.api;

/** The state of a grid of any number of dimensions. */
public abstract class AbstractWorkerGrid implements WorkerGrid {
  private long[] globalWork;
  private long[] localWork;
  private long[] numberOfWorkgroups;
  private long[] globalOffset = {0, 0, 0};

  /** Creates a grid of {@code x * y * z} threads in groups of a size left open. */
  protected AbstractWorkerGrid(long x, long y, long z) {
    globalWork = new long[] {x, y, z};
  }

  @Override
  public long[] getGlobalWork() {
    return globalWork;
  }

  @Override
  public long[] getLocalWork() {
    return localWork;
  }

  @Override
  public long[] getNumberOfWorkgroups() {
    return numberOfWorkgroups;
  }

  @Override
  public long[] getGlobalOffset() {
    return globalOffset;
  }

  @Override
  public void setGlobalWork(long x, long y, long z) {
    globalWork = new long[] {x, y, z};
  }

  @Override
  public void setLocalWork(long x, long y, long z) {
    localWork = new long[] {x, y, z};
    numberOfWorkgroups = new long[] {globalWork[0] / x, globalWork[1] / y, globalWork[2] / z};
  }

  @Override
  public void setGlobalOffset(long x, long y, long z) {
    globalOffset = new long[] {x, y, z};
  }

  @Override
  public void setLocalWorkToNull() {
    localWork = null;
  }

  @Override
  public void setNumberOfWorkgroupsToNull() {
    numberOfWorkgroups = null;
  }
}
