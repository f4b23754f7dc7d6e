package io.github.hydragen.cpu;

import io.github.hydragen.EngineOptions;

/** Decides whether one pass over a prefix serves all of its sequences. */
final class SharingModel {
  private final EngineOptions.Sharing sharing;

  SharingModel(EngineOptions options) {
    this.sharing = options.sharing();
  }

  void decide(SharedPass pass) {
    pass.shared =
        switch (sharing) {
          case ALWAYS -> true;
          case NEVER -> false;
          case AUTO -> pass.sequences > 1;
        };
  }
}
