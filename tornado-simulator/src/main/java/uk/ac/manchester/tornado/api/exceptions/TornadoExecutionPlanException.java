package uk.ac.manchester.tornado.api.exceptions;

/** A plan that could not be closed. */
public class TornadoExecutionPlanException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Creates the exception with what went wrong and, where known, the remedy. */
  public TornadoExecutionPlanException(String reason) {
    super(reason);
  }
}
