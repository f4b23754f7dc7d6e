package io.github.hydragen.benchmarks.compare;

import io.github.hydragen.MemoryUsage;
import io.github.hydragen.benchmarks.Contender;
import io.github.hydragen.benchmarks.DecodeCase;
import io.github.hydragen.benchmarks.Peer;
import io.github.hydragen.benchmarks.Staging;
import io.github.hydragen.benchmarks.compare.Result.Limits;
import io.github.hydragen.benchmarks.compare.Result.StepMicros;
import io.github.hydragen.cli.check.SyntheticTokens;
import io.github.hydragen.cli.check.WorstError;
import io.github.hydragen.cpu.CpuLimits;
import io.github.hydragen.spi.HostMemory;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Times contenders in turns: each checked first, then round after round. */
final class Competition {
  /** One that is this slow has a turn in the first and the last round only. */
  private static final double SLOW_NANOS = 1e9;

  /** For what a library takes beside keys and values. */
  private static final double MEMORY_MARGIN = 1.15;

  private final CpuLimits machine;

  /**
   * Who takes part.
   *
   * @param threads that it computes with
   */
  record Entry(Peer peer, int threads) {}

  /**
   * Competes.
   *
   * @param machine measured in turns too
   */
  Competition(CpuLimits machine) {
    this.machine = machine;
  }

  /** One entry's part of a case. */
  private static final class Seat {
    final Entry entry;
    final Sample nanos = new Sample();
    @Nullable Contender contender;
    @Nullable WorstError error;
    @Nullable String skipped;
    double lastNanos;

    Seat(Entry entry) {
      this.entry = entry;
    }

    double step() {
      if (contender == null) {
        throw new IllegalStateException(entry.peer().name() + " was skipped");
      }
      long start = System.nanoTime();
      contender.step();
      lastNanos = System.nanoTime() - start;
      return lastNanos;
    }
  }

  /** Measures one case. */
  List<Result> run(
      Section section, DecodeCase c, SyntheticTokens tokens, List<Entry> entries, Pace pace) {
    List<Seat> seats = entries.stream().map(Seat::new).toList();
    Sample flops = new Sample();
    Sample bytes = new Sample();
    try {
      seats.forEach(seat -> attempt(seat, () -> prepare(seat, c, tokens, pace)));
      for (int round = 0; round < pace.rounds(); round++) {
        pause(pace.pauseMillis());
        machine.flopsPerSecond(); // Wakes the threads.
        flops.add(machine.flopsPerSecond());
        bytes.add(machine.bytesPerSecond());
        boolean outer = round == 0 || round == pace.rounds() - 1;
        for (Seat seat : seats) {
          if (seat.contender != null && (outer || seat.lastNanos < SLOW_NANOS)) {
            attempt(seat, () -> turn(seat, pace));
          }
        }
      }
      Limits limits = new Limits(flops.median(), bytes.median());
      return seats.stream().map(seat -> result(section, c, seat, limits)).toList();
    } finally {
      seats.forEach(Competition::close);
    }
  }

  private static void prepare(Seat seat, DecodeCase c, SyntheticTokens tokens, Pace pace) {
    Peer peer = seat.entry.peer();
    boolean shared = !peer.name().endsWith("unshared");
    double needed = MEMORY_MARGIN * (shared ? c.bytes() : c.unsharedBytes());
    HostMemory.require(peer.name(), (long) needed);
    Contender contender = peer.open(c, new Staging(tokens), seat.entry.threads());
    seat.contender = contender;
    seat.step();
    WorstError error = RowCheck.of(c, tokens, contender);
    seat.error = error;
    if (!RowCheck.isRounding(c, error)) {
      skip(seat, String.format(Locale.ROOT, "wrong: out %.1e, lse %.1e", error.out(), error.lse()));
      return;
    }
    double warm = contender.isCompiledWhileItRuns() ? pace.warmNanos() : pace.leadNanos();
    for (double spent = 0; spent < warm; ) {
      spent += seat.step();
    }
  }

  /** What fails one contender is its reason to be skipped, and the others go on. */
  private static void attempt(Seat seat, Runnable action) {
    try {
      action.run();
    } catch (RuntimeException | LinkageError e) {
      skip(seat, e.getMessage() == null ? e.toString() : e.getMessage());
    }
  }

  private static void skip(Seat seat, String why) {
    close(seat);
    seat.contender = null;
    seat.skipped = why.strip().replaceAll("\\s+", " ");
  }

  private static void turn(Seat seat, Pace pace) {
    pause(pace.pauseMillis());
    boolean slow = seat.lastNanos > pace.turnNanos();
    for (double spent = slow ? pace.leadNanos() : 0; spent < pace.leadNanos(); ) {
      spent += seat.step();
    }
    double spent = 0;
    for (int i = 0; i < pace.turnSteps() || spent < pace.turnNanos(); i++) {
      double nanos = seat.step();
      seat.nanos.add(nanos);
      spent += nanos;
    }
  }

  private static void pause(int millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  private static Result result(Section section, DecodeCase c, Seat seat, Limits limits) {
    Contender contender = seat.contender;
    WorstError error = seat.error;
    MemoryUsage memory = contender == null ? null : contender.memory();
    return new Result(
        section,
        seat.entry.peer().name(),
        library(seat.entry.peer()),
        contender == null ? "" : contender.choice(),
        c.batch(),
        c.prefix(),
        c.suffix(),
        c.shape().queryHeads(),
        c.shape().kvHeads(),
        c.shape().headDim(),
        c.type().name().toLowerCase(Locale.ROOT),
        seat.entry.threads(),
        seat.nanos.count(),
        contender == null ? null : micros(seat.nanos),
        error == null ? null : error.out(),
        error == null ? null : error.lse(),
        memory == null ? null : memory.kvBytes(),
        memory == null ? null : memory.allocatedBytes(),
        limits,
        seat.skipped);
  }

  private static String library(Peer peer) {
    try {
      return peer.library();
    } catch (LinkageError e) {
      return peer.name();
    }
  }

  private static StepMicros micros(Sample nanos) {
    return new StepMicros(
        nanos.median() / 1e3,
        nanos.percentile(0.1) / 1e3,
        nanos.percentile(0.9) / 1e3,
        nanos.percentile(0.99) / 1e3);
  }

  private static void close(Seat seat) {
    if (seat.contender != null) {
      seat.contender.close();
    }
  }
}
