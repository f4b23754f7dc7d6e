package io.github.hydragen.simulator.lint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every rule finds its planted example, and well-written kernels pass. */
class KernelLintTest {

  static Stream<Arguments> planted() {
    return Stream.of(
        Arguments.of(LintRule.LOCAL_ARRAY_ARGUMENT, Planted.LocalArrayArgument.class),
        Arguments.of(LintRule.ARRAY_CAST, Planted.LocalArrayCast.class),
        Arguments.of(LintRule.ARRAY_CAST, Planted.PrivateArrayCast.class),
        Arguments.of(LintRule.ARRAY_CAST, Planted.PrivateArrayAsFragment.class),
        Arguments.of(LintRule.ARRAY_CAST, Planted.PrivateArrayAsTarget.class),
        Arguments.of(LintRule.ARRAY_CAST, Planted.FragmentCast.class),
        Arguments.of(LintRule.LOCAL_ARRAY_ALIGNMENT, Planted.LocalArrayAlignment.class),
        Arguments.of(LintRule.LOCAL_ARRAY_SIZE, Planted.LocalArraySize.class),
        Arguments.of(LintRule.LOOP_EXIT, Planted.LabelledBreak.class),
        Arguments.of(LintRule.LOOP_EXIT, Planted.LabelledContinue.class),
        Arguments.of(LintRule.LOOP_EXIT, Planted.ReturnInNestedLoops.class),
        Arguments.of(LintRule.LOOP_EXIT, Planted.ReturnInALoopOfAHelper.class),
        Arguments.of(LintRule.LOOP_UNDER_OR, Planted.LoopUnderOr.class),
        Arguments.of(LintRule.LOOP_UNDER_OR, Planted.LoopUnderElseOfAnd.class),
        Arguments.of(LintRule.LOOP_UNDER_OR, Planted.LoopInAWhileWithOr.class),
        Arguments.of(LintRule.UNSIGNED_SHIFT, Planted.UnsignedShift.class),
        Arguments.of(LintRule.UNSIGNED_SHIFT, Planted.UnsignedLongShift.class),
        Arguments.of(LintRule.NEGATIVE_DIVISION, Planted.NegativeDivision.class),
        Arguments.of(LintRule.NEGATIVE_DIVISION, Planted.NegativeRemainder.class),
        Arguments.of(LintRule.NEGATIVE_DIVISION, Planted.NegativeDivisionInAHelper.class),
        Arguments.of(LintRule.INFINITE_CONSTANT, Planted.InfiniteConstant.class),
        Arguments.of(LintRule.UNWRITTEN_ARRAY, Planted.UnwrittenArray.class),
        Arguments.of(LintRule.UNWRITTEN_ARRAY, Planted.UnwrittenOperand.class),
        Arguments.of(LintRule.HALF_RESULT, Planted.HalfResult.class),
        Arguments.of(LintRule.HALF_BITS, Planted.HalfBits.class),
        Arguments.of(LintRule.STATIC_OBJECT, Planted.StaticArray.class),
        Arguments.of(LintRule.ARRAY_SIZE, Planted.ArraySize.class),
        Arguments.of(LintRule.ARRAY_OF_ARRAYS, Planted.ArrayOfArrays.class),
        Arguments.of(LintRule.LAMBDA, Planted.Lambda.class),
        Arguments.of(LintRule.EXCEPTION, Planted.Throw.class),
        Arguments.of(LintRule.RECURSION, Planted.Recursion.class),
        Arguments.of(LintRule.UNSUPPORTED_CALL, Planted.Fma.class),
        Arguments.of(LintRule.UNSUPPORTED_CALL, Planted.IntegerAbs.class),
        Arguments.of(LintRule.UNSUPPORTED_CALL, Planted.FloatBits.class),
        Arguments.of(LintRule.NEW_OBJECT, Planted.NewObject.class),
        Arguments.of(LintRule.NEW_OBJECT, Planted.PrivateNativeArray.class),
        Arguments.of(LintRule.CUDA_NAME, Planted.CudaName.class),
        Arguments.of(LintRule.FRAGMENT_ACCESS, Planted.FragmentAccess.class),
        Arguments.of(LintRule.FRAGMENT_ASSIGNMENT, Planted.FragmentAssignment.class),
        Arguments.of(LintRule.NOT_PORTABLE, Planted.NotPortable.class));
  }

  /** Some examples need a construct that breaks another rule as well. */
  private static final Set<LintRule> COMPANIONS =
      EnumSet.of(LintRule.UNSUPPORTED_CALL, LintRule.NEW_OBJECT);

  @ParameterizedTest
  @MethodSource("planted")
  void findsThePlantedExample(LintRule rule, Class<?> kernels) {
    KernelLint lint = rule == LintRule.NOT_PORTABLE ? KernelLint.portable() : KernelLint.cuda();
    List<LintFinding> findings = lint.check(kernels);
    assertTrue(findings.stream().anyMatch(f -> f.rule() == rule), findings.toString());
    Set<LintRule> others =
        findings.stream().map(LintFinding::rule).collect(Collectors.toCollection(TreeSet::new));
    others.remove(rule);
    others.removeAll(COMPANIONS);
    assertEquals(Set.of(), others, findings.toString());
  }

  @Test
  void everyRuleHasAnExample() {
    Set<Object> shown = planted().map(a -> a.get()[0]).collect(Collectors.toSet());
    shown.add(LintRule.NO_DEBUG_INFORMATION);
    assertEquals(EnumSet.allOf(LintRule.class), shown);
  }

  @Test
  void findingsSayWhere() {
    LintFinding finding = KernelLint.portable().check(Planted.UnsignedShift.class).getFirst();
    assertEquals(Planted.UnsignedShift.class.getName() + ".kernel", finding.method());
    assertTrue(finding.line() > 0);
    assertTrue(finding.toString().contains("write (x >> n) & mask"), finding.toString());
  }

  @Test
  void wellWrittenKernelsPass() {
    assertEquals(List.of(), KernelLint.portable().check(WellWritten.Portable.class));
    assertEquals(List.of(), KernelLint.cuda().check(WellWritten.Cuda.class));
  }

  @Test
  void classFilesNeedDebugInformation() throws ReflectiveOperationException {
    Class<?> stripped =
        new StrippingLoader(WellWritten.Portable.class)
            .loadClass(WellWritten.Portable.class.getName());
    List<LintFinding> findings = KernelLint.portable().check(stripped);
    assertTrue(
        findings.stream().anyMatch(f -> f.rule() == LintRule.NO_DEBUG_INFORMATION),
        findings.toString());
  }

  /** Loads one class without its debug information. */
  private static final class StrippingLoader extends ClassLoader {
    private final String name;

    StrippingLoader(Class<?> type) {
      super(type.getClassLoader());
      name = type.getName();
    }

    @Override
    protected Class<?> loadClass(String className, boolean resolve) throws ClassNotFoundException {
      if (!className.equals(name)) {
        return super.loadClass(className, resolve);
      }
      byte[] bytes = stripped();
      return defineClass(name, bytes, 0, bytes.length);
    }

    @Override
    public InputStream getResourceAsStream(String resource) {
      return resource.equals(resource())
          ? new ByteArrayInputStream(stripped())
          : Objects.requireNonNull(super.getResourceAsStream(resource));
    }

    private String resource() {
      return name.replace('.', '/') + ".class";
    }

    private byte[] stripped() {
      ClassFile dropping = ClassFile.of(ClassFile.DebugElementsOption.DROP_DEBUG);
      try (InputStream in = Objects.requireNonNull(getParent().getResourceAsStream(resource()))) {
        byte[] bytes = in.readAllBytes();
        return dropping.transformClass(
            dropping.parse(bytes),
            ClassTransform.transformingMethodBodies(CodeTransform.ACCEPT_ALL));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
