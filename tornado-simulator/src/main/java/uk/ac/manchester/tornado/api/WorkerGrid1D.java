package uk.ac.manchester.tornado.api;

/** A grid of 1 dimension. */
public class WorkerGrid1D extends AbstractWorkerGrid {
  /** The number of dimensions. */
  public static final int DIM = 1;

  /** Creates a grid of this many threads in groups of a size left open. */
  public WorkerGrid1D(int x) {
    super(x, 1, 1);
  }

  @Override
  public int dimension() {
    return DIM;
  }
}
