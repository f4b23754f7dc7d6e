package io.github.hydragen.cpu;

import io.github.hydragen.DataType;

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
    if (ModuleLayer.boot().findModule(MODULE).isPresent()) {
      return new Vectors();
    }
    LOG.log(
        System.Logger.Level.WARNING,
        "the CPU engine computes without vectors: module {0} is absent; {1}",
        MODULE,
        REMEDY);
    return new Scalars();
  }

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
    @Override
    String description() {
      return "no vectors (" + REMEDY + ")";
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
