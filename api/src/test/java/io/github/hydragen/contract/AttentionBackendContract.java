package io.github.hydragen.contract;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.hydragen.AttentionShape;
import io.github.hydragen.EngineOptions;
import io.github.hydragen.EngineOptions.Sharing;
import io.github.hydragen.SequenceBatch;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;

/**
 * What every backend must do, compared with the exact reference on seeded random data.
 *
 * <p>A backend's module extends it in a test of its own and adds nothing but what it is:
 *
 * <pre>{@code
 * class CpuBackendContractTest extends AttentionBackendContract {
 *   @Override
 *   protected String backend() {
 *     return "cpu";
 *   }
 * }
 * }</pre>
 *
 * <p>The module needs {@code hydragen-api} of type {@code test-jar} in test scope. What a backend
 * does not support yet it names in {@link #unsupported()}, {@link #refusal} or {@link #workLimit()}
 * with the reason: those tests show as skipped with it. A slow one lowers {@link #randomCases()}
 * and {@link #soakOperations()}. Random tests print their seed where they fail; {@code
 * -Dhydragen.test.seed=N} gives others.
 */
public abstract class AttentionBackendContract {
  /** A name as {@link EngineOptions#withBackend} takes it. */
  protected abstract String backend();

  /**
   * The largest error of outputs and LSE, absolute up to magnitude 1 and relative above.
   *
   * @return by default 2e-5: fp32 arithmetic on the stored (rounded) keys and values
   */
  protected double tolerance() {
    return 2e-5;
  }

  /** Features that are not supported, each with the reason; none by default. */
  protected Map<Feature, String> unsupported() {
    return Map.of();
  }

  /** Why a head layout is not supported, or null if it is. */
  protected @Nullable String refusal(AttentionShape shape) {
    return null;
  }

  /** The most multiply-adds of one attention call; larger cases are skipped. */
  protected long workLimit() {
    return Long.MAX_VALUE;
  }

  /** How the passes over prefixes are run: every case runs in each of these ways. */
  protected List<Sharing> sharings() {
    return List.of(Sharing.AUTO, Sharing.ALWAYS, Sharing.NEVER);
  }

  /** Random trees to check. */
  protected int randomCases() {
    return 2_000;
  }

  /** Random operations of the soak test. */
  protected int soakOperations() {
    return 100_000;
  }

  /** Changes the options of every engine of this backend; by default not at all. */
  protected EngineOptions adapt(EngineOptions options) {
    return options;
  }

  /** The options with this backend. */
  final EngineOptions with(EngineOptions options) {
    return adapt(options).withBackend(backend());
  }

  /** Tokens that a batch's suffixes take: its capacity, or what its pages hold. */
  final long storedTokens(SequenceBatch batch) {
    int page = with(EngineOptions.defaults()).pageTokens();
    if (page == 0) {
      return (long) batch.size() * batch.capacity();
    }
    long tokens = 0;
    for (int s = 0; s < batch.size(); s++) {
      tokens += ((long) batch.length(s) + page - 1) / page * page;
    }
    return tokens;
  }

  /** Skips a test that needs what the backend does not support. */
  final void assume(Set<Feature> features) {
    for (Feature feature : features) {
      String reason = unsupported().get(feature);
      assumeTrue(reason == null, () -> backend() + " does not support " + feature + ": " + reason);
    }
  }

  /** Skips a test of a head layout that the backend does not support. */
  final void assume(AttentionShape shape) {
    String reason = refusal(shape);
    assumeTrue(reason == null, () -> backend() + " does not support " + shape + ": " + reason);
  }

  /** Checks a scenario in each way of sharing. */
  final void check(Scenario scenario) {
    check(scenario, tolerance());
  }

  final void check(Scenario scenario, double tolerance) {
    assume(scenario.features());
    assume(scenario.shape);
    assumeTrue(
        scenario.work() <= workLimit(),
        () ->
            "%s takes up to %d multiply-adds a call, this needs %d"
                .formatted(backend(), workLimit(), scenario.work()));
    new ScenarioCheck(scenario, tolerance).run(this::with, sharings());
  }

  @Nested
  class Conformance extends ConformanceCases {
    Conformance() {
      super(AttentionBackendContract.this);
    }
  }

  @Nested
  class Shapes extends ShapeCases {
    Shapes() {
      super(AttentionBackendContract.this);
    }
  }

  @Nested
  class Types extends TypeCases {
    Types() {
      super(AttentionBackendContract.this);
    }
  }

  @Nested
  class Masks extends MaskCases {
    Masks() {
      super(AttentionBackendContract.this);
    }
  }

  @Nested
  class Padding extends PaddingCases {
    Padding() {
      super(AttentionBackendContract.this);
    }
  }

  @Nested
  class Lifecycle extends LifecycleCases {
    Lifecycle() {
      super(AttentionBackendContract.this);
    }
  }

  @Nested
  class Memory extends MemoryCases {
    Memory() {
      super(AttentionBackendContract.this);
    }
  }

  @Nested
  class Properties extends PropertyCases {
    Properties() {
      super(AttentionBackendContract.this);
    }
  }

  @Nested
  class RandomTrees extends RandomTreeCases {
    RandomTrees() {
      super(AttentionBackendContract.this);
    }
  }

  @Nested
  class Soak extends SoakCases {
    Soak() {
      super(AttentionBackendContract.this);
    }
  }
}
