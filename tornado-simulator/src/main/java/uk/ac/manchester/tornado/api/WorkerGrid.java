package uk.ac.manchester.tornado.api;

/** How many threads a kernel runs with, and in which groups. */
public interface WorkerGrid {
  /** Returns the number of dimensions, 1 to 3. */
  int dimension();

  /** Returns the number of threads in x, y and z. */
  long[] getGlobalWork();

  /** Returns the number of threads of a work-group in x, y and z; null where it is left open. */
  long[] getLocalWork();

  /** Returns the number of work-groups in x, y and z; null where it is left open. */
  long[] getNumberOfWorkgroups();

  /** Returns the first thread ids in x, y and z. */
  long[] getGlobalOffset();

  /** Sets the number of threads. */
  void setGlobalWork(long x, long y, long z);

  /** Sets the number of threads of a work-group. */
  void setLocalWork(long x, long y, long z);

  /** Leaves the number of work-groups open. */
  void setNumberOfWorkgroupsToNull();

  /** Leaves the number of threads of a work-group open. */
  void setLocalWorkToNull();

  /** Sets the first thread ids. */
  void setGlobalOffset(long x, long y, long z);
}
