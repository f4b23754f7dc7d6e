package io.github.hydragen.benchmarks.compare;

import io.github.hydragen.AttentionShape;
import io.github.hydragen.DataType;
import io.github.hydragen.benchmarks.DecodeCase;
import io.github.hydragen.benchmarks.Hydragen;
import io.github.hydragen.benchmarks.Peer;
import io.github.hydragen.benchmarks.compare.Competition.Entry;
import java.util.ArrayList;
import java.util.List;

/** What is compared, in order. */
final class Cases {
  private static final AttentionShape MHA = AttentionShape.of(32, 32, 128);
  private static final AttentionShape GQA = AttentionShape.of(32, 8, 128);
  private static final List<DataType> TYPES = List.of(DataType.F32, DataType.BF16, DataType.F16);
  private static final Hydragen SHARED = new Hydragen(true);
  private static final Hydragen UNSHARED = new Hydragen(false);
  private static final String SLOWEST = "scalar-loop";
  private static final int MANY_STEPS = 1000;

  private final List<Peer> peers;
  private final int threads;
  private final Pace pace;
  private final List<Planned> planned = new ArrayList<>();

  /** One case and who takes part. */
  record Planned(Section section, DecodeCase c, List<Entry> entries, Pace pace) {}

  private Cases(List<Peer> peers, int threads, Pace pace) {
    this.peers = peers;
    this.threads = threads;
    this.pace = pace;
  }

  /** Those for figures. */
  static List<Planned> full(List<Peer> peers, int threads) {
    Cases cases = new Cases(peers, threads, Pace.FULL);
    for (DataType type : TYPES) {
      cases.steps(type);
    }
    for (DataType type : TYPES) {
      cases.passes(type);
    }
    for (DataType type : TYPES) {
      cases.ours(type);
    }
    return cases.planned;
  }

  /** One small case of each kind: whether everything works. */
  static List<Planned> quick(List<Peer> peers, int threads) {
    Cases cases = new Cases(peers, threads, Pace.QUICK);
    AttentionShape shape = AttentionShape.of(4, 2, 64);
    for (DataType type : TYPES) {
      cases.all(Section.STEP, new DecodeCase(4, 64, 16, shape, type));
    }
    cases.all(Section.SMALL, new DecodeCase(1, 64, 16, shape, DataType.F32));
    cases.all(Section.PREFIX, new DecodeCase(4, 64, 0, shape, DataType.BF16));
    cases.all(Section.SUFFIX, new DecodeCase(4, 0, 16, shape, DataType.BF16));
    cases.sharing(new DecodeCase(4, 64, 16, shape, DataType.F32));
    cases.scaling(new DecodeCase(4, 64, 16, shape, DataType.F32));
    cases.spread(new DecodeCase(4, 64, 16, shape, DataType.F32), 100);
    return cases.planned;
  }

  private void steps(DataType type) {
    all(Section.STEP, new DecodeCase(64, 1024, 256, MHA, type));
    all(Section.STEP, new DecodeCase(64, 2048, 256, MHA, type));
    all(Section.STEP, new DecodeCase(64, 2048, 256, GQA, type));
    all(Section.STEP, new DecodeCase(256, 2048, 64, MHA, type));
    for (int batch : new int[] {1, 2, 4, 8, 16}) {
      all(Section.SMALL, new DecodeCase(batch, 2048, 256, MHA, type));
    }
    for (int prefix : new int[] {16, 128}) {
      for (int batch : new int[] {1, 8}) {
        all(Section.SMALL, new DecodeCase(batch, prefix, 64, MHA, type));
      }
    }
  }

  private void passes(DataType type) {
    libraries(Section.PREFIX, new DecodeCase(64, 1024, 0, MHA, type));
    libraries(Section.PREFIX, new DecodeCase(64, 2048, 0, MHA, type));
    libraries(Section.PREFIX, new DecodeCase(256, 2048, 0, MHA, type));
    libraries(Section.PREFIX, new DecodeCase(64, 2048, 0, GQA, type));
    for (AttentionShape shape : List.of(MHA, GQA)) {
      for (int suffix : new int[] {64, 256, 512}) {
        libraries(Section.SUFFIX, new DecodeCase(64, 0, suffix, shape, type));
      }
    }
  }

  private void ours(DataType type) {
    sharing(new DecodeCase(64, 2048, 256, MHA, type));
    sharing(new DecodeCase(256, 2048, 64, MHA, type));
    if (type == DataType.F16) {
      return;
    }
    for (int suffix : new int[] {1, 128, 256, 512, 1024}) {
      scaling(new DecodeCase(64, 1024, suffix, MHA, type));
    }
    for (int batch : new int[] {16, 32, 128, 256}) {
      scaling(new DecodeCase(batch, 1024, 256, MHA, type));
    }
    spread(new DecodeCase(64, 2048, 256, MHA, type), MANY_STEPS);
  }

  private void all(Section section, DecodeCase c) {
    compete(section, c, peers);
  }

  /** The plain loop is hopeless and slow. */
  private void libraries(Section section, DecodeCase c) {
    compete(section, c, peers.stream().filter(peer -> !peer.name().equals(SLOWEST)).toList());
  }

  private void compete(Section section, DecodeCase c, List<Peer> against) {
    List<Entry> entries = new ArrayList<>(List.of(new Entry(SHARED, threads)));
    against.forEach(peer -> entries.add(new Entry(peer, threads)));
    planned.add(new Planned(section, c, entries, pace));
  }

  private void sharing(DecodeCase c) {
    List<Entry> entries = List.of(new Entry(SHARED, threads), new Entry(UNSHARED, threads));
    planned.add(new Planned(Section.SHARING, c, entries, pace));
  }

  private void scaling(DecodeCase c) {
    List<Entry> entries =
        threads == 1
            ? List.of(new Entry(SHARED, 1))
            : List.of(new Entry(SHARED, 1), new Entry(SHARED, threads));
    planned.add(new Planned(Section.SCALING, c, entries, pace));
  }

  private void spread(DecodeCase c, int steps) {
    List<Entry> entries = List.of(new Entry(SHARED, threads));
    planned.add(new Planned(Section.SPREAD, c, entries, pace.inARow(steps)));
  }
}
