package uk.ac.manchester.tornado.api;

/** A grid of 3 dimensions. */
public class WorkerGrid3D extends AbstractWorkerGrid {
  /** The number of dimensions. */
  public static final int DIM = 3;

  /** Creates a grid of this many threads in groups of a size left open. */
  public WorkerGrid3D(int x, int y, int z) {
    super(x, y, z);
  }

  @Override
  public int dimension() {
    return DIM;
  }
}
