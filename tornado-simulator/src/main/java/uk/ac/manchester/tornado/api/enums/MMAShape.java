package uk.ac.manchester.tornado.api.enums;

/** Tile shapes of the matrix instructions: rows of A, columns of B, depth. */
public enum MMAShape {
  M16N8K16("m16n8k16"),
  M16N8K32("m16n8k32");

  private final String ptxName;

  MMAShape(String ptxName) {
    this.ptxName = ptxName;
  }

  /** Returns the shape as the PTX instruction set writes it. */
  public String getPtxName() {
    return ptxName;
  }
}
