package io.github.hydragen.cpu.simd;

import io.github.hydragen.DataType;
import io.github.hydragen.spi.JvmFlags;

/** The inner loops that this JVM can run: on vectors where the incubator module is there. */
public abstract sealed class Simd {
  private static final String MODULE = "jdk.incubator.vector";
  private static final System.Logger LOG = System.getLogger(Simd.class.getName());
  private static final Simd BEST = choose();

  /** What a user adds to the JVM's arguments to get vectors. */
  static final String REMEDY = "start java with --add-modules " + MODULE;

  /** The best that there is here. */
  public static Simd best() {
    return BEST;
  }

  private static Simd choose() {
    if (ModuleLayer.boot().findModule(MODULE).isEmpty()) {
      return scalars("module " + MODULE + " is absent", REMEDY);
    }
    if (!hasFma()) {
      return scalars(
          "the processor has no FMA instructions",
          "use a processor with FMA, or have the virtual machine or emulator show it");
    }
    return new Vectors();
  }

  private static Simd scalars(String reason, String remedy) {
    LOG.log(
        System.Logger.Level.WARNING,
        "the CPU engine computes without vectors: {0}; {1}",
        reason,
        remedy);
    return new Scalars(remedy);
  }

  /**
   * Whether the JVM has an instruction for a product and a sum. Where it has none the Vector API
   * computes each with {@code BigDecimal}: steps took 400 times as long as those of the scalar
   * twin.
   */
  private static boolean hasFma() {
    return !JvmFlags.isOff("UseFMA");
  }

  /** What users can do to get vectors; empty where they have them. */
  public abstract String remedy();

  /** In words, for users. */
  public abstract String description();

  /** Whether this is the slow twin. */
  public abstract boolean isScalar();

  /** Widens stored numbers for many queries. */
  public abstract Decoder decoder(DataType type);

  /** Sums over stored rows for few queries. */
  public abstract RowSums rowSums(DataType type);

  /** The loops over scores of few queries. */
  public abstract SoftmaxOps softmaxOps();

  /** The loops over widened tiles for many queries. */
  public abstract MatrixOps matrixOps();

  /** Loads classes of the incubator module: made only where it is present. */
  static final class Vectors extends Simd {
    @Override
    public String description() {
      return VectorSoftmaxOps.F.vectorBitSize() + "-bit vectors";
    }

    @Override
    public String remedy() {
      return "";
    }

    @Override
    public boolean isScalar() {
      return false;
    }

    @Override
    public Decoder decoder(DataType type) {
      return switch (type) {
        case F32 -> new VectorDecoders.Of32();
        case F16 -> new VectorDecoders.OfF16();
        case BF16 -> new VectorDecoders.OfBF16();
      };
    }

    @Override
    public RowSums rowSums(DataType type) {
      return switch (type) {
        case F32 -> new VectorRowSums32();
        case F16 -> new VectorRowSumsF16();
        case BF16 -> new VectorRowSumsBF16();
      };
    }

    @Override
    public SoftmaxOps softmaxOps() {
      return new VectorSoftmaxOps();
    }

    @Override
    public MatrixOps matrixOps() {
      return new VectorMatrixOps();
    }
  }

  /** Needs nothing. */
  public static final class Scalars extends Simd {
    private final String remedy;

    /** With what users can do to get vectors. */
    public Scalars(String remedy) {
      this.remedy = remedy;
    }

    @Override
    public String description() {
      return "no vectors (" + remedy + ")";
    }

    @Override
    public String remedy() {
      return remedy;
    }

    @Override
    public boolean isScalar() {
      return true;
    }

    @Override
    public Decoder decoder(DataType type) {
      return new ScalarDecoder(type);
    }

    @Override
    public RowSums rowSums(DataType type) {
      return new ScalarRowSums(type, 1);
    }

    @Override
    public SoftmaxOps softmaxOps() {
      return new ScalarSoftmaxOps();
    }

    @Override
    public MatrixOps matrixOps() {
      return new ScalarMatrixOps();
    }
  }
}
