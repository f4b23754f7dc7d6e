package io.github.hydragen.cpu;

import io.github.hydragen.DataType;
import io.github.hydragen.spi.JvmFlags;

/** The inner loops that this JVM can run: on vectors where the incubator module is there. */
abstract sealed class Simd {
  private static final String MODULE = "jdk.incubator.vector";
  private static final System.Logger LOG = System.getLogger(Simd.class.getName());
  private static final Simd BEST = choose();

  /** What a user adds to the JVM's arguments to get vectors. */
  static final String REMEDY = "start java with --add-modules " + MODULE;

  /** The best that there is here. */
  static Simd best() {
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
  abstract String remedy();

  /** In words, for users. */
  abstract String description();

  /** Whether this is the slow twin. */
  abstract boolean isScalar();

  abstract Decoder decoder(DataType type);

  abstract RowSums rowSums(DataType type);

  abstract SoftmaxOps softmaxOps();

  abstract MatrixOps matrixOps();

  /** Loads classes of the incubator module: made only where it is present. */
  static final class Vectors extends Simd {
    @Override
    String description() {
      return VectorSoftmaxOps.F.vectorBitSize() + "-bit vectors";
    }

    @Override
    String remedy() {
      return "";
    }

    @Override
    boolean isScalar() {
      return false;
    }

    @Override
    Decoder decoder(DataType type) {
      return switch (type) {
        case F32 -> new VectorDecoders.Of32();
        case F16 -> new VectorDecoders.OfF16();
        case BF16 -> new VectorDecoders.OfBF16();
      };
    }

    @Override
    RowSums rowSums(DataType type) {
      return switch (type) {
        case F32 -> new VectorRowSums32();
        case F16 -> new VectorRowSumsF16();
        case BF16 -> new VectorRowSumsBF16();
      };
    }

    @Override
    SoftmaxOps softmaxOps() {
      return new VectorSoftmaxOps();
    }

    @Override
    MatrixOps matrixOps() {
      return new VectorMatrixOps();
    }
  }

  /** Needs nothing. */
  static final class Scalars extends Simd {
    private final String remedy;

    Scalars(String remedy) {
      this.remedy = remedy;
    }

    @Override
    String description() {
      return "no vectors (" + remedy + ")";
    }

    @Override
    String remedy() {
      return remedy;
    }

    @Override
    boolean isScalar() {
      return true;
    }

    @Override
    Decoder decoder(DataType type) {
      return new ScalarDecoder(type);
    }

    @Override
    RowSums rowSums(DataType type) {
      return new ScalarRowSums(type, 1);
    }

    @Override
    SoftmaxOps softmaxOps() {
      return new ScalarSoftmaxOps();
    }

    @Override
    MatrixOps matrixOps() {
      return new ScalarMatrixOps();
    }
  }
}
