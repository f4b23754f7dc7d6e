package io.github.hydragen.simulator.lint;

import io.github.hydragen.simulator.bytecode.ApiNames;
import io.github.hydragen.simulator.bytecode.KernelClasses;
import io.github.hydragen.simulator.bytecode.MethodKey;
import io.github.hydragen.simulator.bytecode.Reachable;
import java.lang.classfile.MethodModel;
import java.lang.reflect.AccessFlag;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Checks the class files of kernels against {@link LintRule}. A kernel is a static method with a
 * {@code KernelContext} among its parameters that no other kernel of the class calls; the methods
 * it calls are checked with it.
 *
 * <p>Byte code tells less than source code: where a rule cannot be decided it is applied, and its
 * description says how to write what passes.
 */
public final class KernelLint {
  private static final String CONTEXT = "L" + ApiNames.KERNEL_CONTEXT + ";";

  private final boolean portable;

  private KernelLint(boolean portable) {
    this.portable = portable;
  }

  /** Returns the rules for kernels that run on OpenCL, PTX and CUDA. */
  public static KernelLint portable() {
    return new KernelLint(true);
  }

  /** Returns the rules for kernels that run on CUDA only. */
  public static KernelLint cuda() {
    return new KernelLint(false);
  }

  /** Checks the kernels of these classes; an empty list means that all is well. */
  public List<LintFinding> check(Class<?>... classes) {
    Set<LintFinding> findings = new LinkedHashSet<>();
    for (Class<?> type : classes) {
      checkClass(type, findings);
    }
    return List.copyOf(findings);
  }

  private void checkClass(Class<?> type, Set<LintFinding> findings) {
    KernelClasses reader = new KernelClasses(type.getClassLoader());
    List<MethodKey> kernels = kernels(reader, type.getName().replace('.', '/'));
    for (MethodKey kernel : kernels) {
      List<CheckedMethod> methods = new ArrayList<>();
      new KernelFlows(reader, kernel)
          .all()
          .forEach(
              (key, flow) ->
                  methods.add(
                      new CheckedMethod(key, flow, key.equals(kernel), portable, findings)));
      methods.forEach(method -> check(reader, method));
      new AlignmentRules(methods).check();
    }
  }

  private static List<MethodKey> kernels(KernelClasses reader, String owner) {
    List<MethodKey> candidates = new ArrayList<>();
    for (MethodModel method : reader.read(owner).methods()) {
      String descriptor = method.methodType().stringValue();
      if (method.flags().has(AccessFlag.STATIC)
          && !method.flags().has(AccessFlag.SYNTHETIC)
          && descriptor.contains(CONTEXT)) {
        candidates.add(new MethodKey(owner, method.methodName().stringValue(), descriptor));
      }
    }
    Set<MethodKey> helpers = new LinkedHashSet<>();
    for (MethodKey candidate : candidates) {
      Set<MethodKey> called = new Reachable(reader, candidate).methods();
      called.stream().filter(key -> !key.equals(candidate)).forEach(helpers::add);
    }
    candidates.removeIf(helpers::contains);
    return candidates;
  }

  private static void check(KernelClasses reader, CheckedMethod checked) {
    new MethodRules(checked, reader).check();
    new ArrayRules(checked).check();
    new ArithmeticRules(checked).check();
    new CallRules(checked).check();
    new FragmentRules(checked).check();
    new LoopRules(checked).check();
    new ConditionRules(checked).check();
  }
}
