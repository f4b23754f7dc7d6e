package io.github.hydragen.cli.bench;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import org.jspecify.annotations.Nullable;

/**
 * Tells whether the JIT compiler is at work.
 *
 * <p>Its threads take processors from a step's workers while they compile, and what they have not
 * yet compiled runs a hundred times as long. With as many workers as processors that can go on for
 * seconds.
 */
public final class JitCompiler {
  /** Part of the time from which on it counts as busy. */
  private static final double BUSY = 0.05;

  private final @Nullable CompilationMXBean compiler = ManagementFactory.getCompilationMXBean();
  private long since = System.nanoTime();
  private long compiled = compiledMillis();

  /** Asks from now on. */
  public JitCompiler() {}

  private long compiledMillis() {
    return compiler != null && compiler.isCompilationTimeMonitoringSupported()
        ? compiler.getTotalCompilationTime()
        : 0;
  }

  /** Whether it compiled for a considerable part of the time since this was last asked. */
  public boolean wasBusy() {
    long now = System.nanoTime();
    long millis = compiledMillis();
    boolean busy = (millis - compiled) * 1e6 > BUSY * (now - since);
    since = now;
    compiled = millis;
    return busy;
  }
}
