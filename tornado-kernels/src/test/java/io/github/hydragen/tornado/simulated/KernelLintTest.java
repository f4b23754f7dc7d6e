package io.github.hydragen.tornado.simulated;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.hydragen.simulator.lint.KernelLint;
import io.github.hydragen.tornado.kernels.Append;
import io.github.hydragen.tornado.kernels.JointPassBF16;
import io.github.hydragen.tornado.kernels.JointPassF16;
import io.github.hydragen.tornado.kernels.MatrixPass;
import io.github.hydragen.tornado.kernels.Merge;
import io.github.hydragen.tornado.kernels.StreamPassF16;
import io.github.hydragen.tornado.kernels.StreamPassF32;
import io.github.hydragen.tornado.kernels.SuffixMatrixBF16;
import io.github.hydragen.tornado.kernels.SuffixMatrixF16;
import io.github.hydragen.tornado.kernels.SuffixPassBF16;
import io.github.hydragen.tornado.kernels.SuffixPassF16;
import io.github.hydragen.tornado.kernels.SuffixRowBF16;
import io.github.hydragen.tornado.kernels.SuffixRowF16;
import io.github.hydragen.tornado.kernels.TilePassF16;
import io.github.hydragen.tornado.kernels.TilePassF32;
import io.github.hydragen.tornado.kernels.Widen;
import io.github.hydragen.tornado.kernels.WidenBF16;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No kernel uses what TornadoVM is known to compile wrongly. */
class KernelLintTest {
  @ParameterizedTest
  @ValueSource(
      classes = {
        Append.class,
        Merge.class,
        TilePassF32.class,
        TilePassF16.class,
        StreamPassF32.class,
        StreamPassF16.class,
        Widen.class
      })
  void kernelsAreFreeOfTraps(Class<?> kernels) {
    assertEquals(List.of(), KernelLint.portable().check(kernels));
  }

  @ParameterizedTest
  @ValueSource(
      classes = {
        JointPassBF16.class,
        JointPassF16.class,
        MatrixPass.class,
        SuffixMatrixBF16.class,
        SuffixMatrixF16.class,
        SuffixPassBF16.class,
        SuffixPassF16.class,
        SuffixRowBF16.class,
        SuffixRowF16.class,
        WidenBF16.class
      })
  void kernelsForCudaAreFreeOfTraps(Class<?> kernels) {
    assertEquals(List.of(), KernelLint.cuda().check(kernels));
  }
}
