package io.github.hydragen.cpu.sharing;

import io.github.hydragen.DataType;
import io.github.hydragen.cpu.kernel.MatrixKernel;
import io.github.hydragen.cpu.kernel.StreamKernel;
import io.github.hydragen.cpu.simd.Simd;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/**
 * What the parts of a step take of one worker: nanoseconds, at head dimension {@value #HEAD_DIM}.
 *
 * @param stream one token for 1, 2 and 4 rows of {@link StreamKernel}, its keys and values in cache
 * @param tile one token for tiles of {@link MatrixKernel}, a quarter, a half and all of the widest
 * @param miss one byte that is in no cache, in addition, for 1, 2, and 4 rows or more
 * @param widen one token for {@link MatrixKernel}, whatever the number of tiles
 * @param mask one token and row where {@link MatrixKernel} is given bounds
 * @param row one row for a kernel: its query in and its state out
 * @param run a further run of keys for {@link StreamKernel}, a narrow strip, beside its tokens
 * @param merge one state into its slot and from there into the result
 * @param barrier waiting for all workers
 */
public record SharingRates(
    Widths stream,
    Widths tile,
    Widths miss,
    double widen,
    double mask,
    double row,
    double run,
    double merge,
    double barrier) {
  static final int HEAD_DIM = 128;
  private static final int NUMBERS = 15;
  private static final double MOST_NANOS = 1e9;
  private static final double SLACK = 1.5;
  private static final double MOST_RUN = 10;

  /** Rows of the widest tile of vectors of 512 bits. */
  private static final int DEFAULT_WIDTH = 64;

  /** Measured on a processor with AVX-512 (AMD, family 26), for who has not measured. */
  private static final SharingRates OF_32 =
      new SharingRates(
          new Widths(4.8, 5.2, 9.0),
          new Widths(44, 73, 131),
          new Widths(0.023, 0.024, 0.027),
          14,
          0.6,
          84,
          130,
          49,
          300);

  private static final SharingRates OF_16 =
      new SharingRates(
          new Widths(4.8, 6.2, 10.8),
          new Widths(41, 69, 126),
          new Widths(0.034, 0.032, 0.032),
          13,
          0.6,
          80,
          120,
          48,
          300);

  /** The rates of something that comes in three widths. */
  record Widths(double narrow, double middle, double wide) {
    Widths times(double factor) {
      return new Widths(narrow * factor, middle * factor, wide * factor);
    }

    private boolean rises() {
      return narrow > 0 && narrow <= SLACK * middle && middle <= SLACK * wide;
    }

    private DoubleStream numbers() {
      return DoubleStream.of(narrow, middle, wide);
    }
  }

  /** What to go by where nothing was measured: narrower vectors take as many more operations. */
  public static SharingRates defaults(DataType type, Simd simd) {
    SharingRates rates = type == DataType.F32 ? OF_32 : OF_16;
    double more = (double) DEFAULT_WIDTH / simd.matrixOps().maxWidth();
    return new SharingRates(
        rates.stream.times(more),
        rates.tile,
        rates.miss,
        rates.widen * more,
        rates.mask,
        rates.row,
        rates.run,
        rates.merge,
        rates.barrier);
  }

  /**
   * Whether more rows take more time, but less for each, and nothing takes none: not so where code
   * was measured that the compiler had not come to yet.
   */
  boolean plausible() {
    return row > 0
        && merge > 0
        && run <= MOST_RUN * row
        && stream.rises()
        && tile.rises()
        && stream.wide <= SLACK * 4 * stream.narrow
        && tile.wide <= SLACK * 4 * tile.narrow
        && tile.wide <= SLACK * DEFAULT_WIDTH * stream.narrow;
  }

  /** One byte that is in no cache, for so many rows: those after the first four find it there. */
  double miss(int rows) {
    return rows >= 4 ? miss.wide : rows >= 2 ? miss.middle : miss.narrow;
  }

  /** One token for so many rows of {@link StreamKernel}, which takes them in fours, twos, ones. */
  double stream(int rows) {
    int fours = rows / 4;
    int twos = rows % 4 / 2;
    return fours * stream.wide + twos * stream.middle + rows % 2 * stream.narrow;
  }

  /**
   * One token for so many rows of {@link MatrixKernel}.
   *
   * @param width rows of the widest tile
   */
  double matrix(int rows, int width) {
    int full = rows / width;
    int rest = rows % width;
    double last = 0;
    if (rest > 0) {
      last = 4 * rest <= width ? tile.narrow : 2 * rest <= width ? tile.middle : tile.wide;
    }
    return widen + full * tile.wide + last;
  }

  /** As text, for {@link #parse}. */
  String text() {
    DoubleStream rest = DoubleStream.of(widen, mask, row, run, merge, barrier);
    return Stream.of(stream.numbers(), tile.numbers(), miss.numbers(), rest)
        .flatMapToDouble(numbers -> numbers)
        .mapToObj(number -> String.format(Locale.ROOT, "%.4g", number))
        .collect(Collectors.joining(" "));
  }

  /** The rates that a text states; empty if it states none that make sense. */
  static Optional<SharingRates> parse(String text) {
    double[] n;
    try {
      n = Arrays.stream(text.strip().split(" +")).mapToDouble(Double::parseDouble).toArray();
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
    if (n.length != NUMBERS || !Arrays.stream(n).allMatch(x -> x >= 0 && x < MOST_NANOS)) {
      return Optional.empty();
    }
    return Optional.of(
        new SharingRates(
            new Widths(n[0], n[1], n[2]),
            new Widths(n[3], n[4], n[5]),
            new Widths(n[6], n[7], n[8]),
            n[9],
            n[10],
            n[11],
            n[12],
            n[13],
            n[14]));
  }
}
