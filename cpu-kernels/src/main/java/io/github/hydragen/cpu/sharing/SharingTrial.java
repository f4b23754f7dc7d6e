package io.github.hydragen.cpu.sharing;

import io.github.hydragen.EngineOptions.Sharing;
import org.jspecify.annotations.Nullable;

/**
 * Public for the benchmarks, which compare the ways of sharing in one engine: two engines differ in
 * speed by where their memory lies, more than what is to be measured.
 */
public final class SharingTrial {
  private static volatile @Nullable Sharing forced;

  private SharingTrial() {}

  /** Makes all engines share so, whatever their options say; null ends that. */
  public static void force(@Nullable Sharing sharing) {
    forced = sharing;
  }

  static Sharing of(Sharing option) {
    Sharing sharing = forced;
    return sharing == null ? option : sharing;
  }
}
