package io.github.hydragen.simulator.bytecode;

import java.lang.constant.ClassDesc;

/** The classes that rewritten kernels call; their package builds on this one. */
final class RuntimeNames {
  static final String PACKAGE = "io.github.hydragen.simulator.runtime";
  static final ClassDesc HOOKS = ClassDesc.of(PACKAGE, "KernelHooks");
  static final ClassDesc MATRIX_HOOKS = ClassDesc.of(PACKAGE, "MatrixHooks");
  static final ClassDesc ARRAY_HOOKS = ClassDesc.of(PACKAGE, "ArrayHooks");
  static final ClassDesc GLOBAL_HOOKS = ClassDesc.of(PACKAGE, "GlobalHooks");
  static final ClassDesc CASTS = ClassDesc.of(PACKAGE, "Casts");
  static final ClassDesc WORK_ITEM = ClassDesc.of(PACKAGE, "WorkItem");

  private RuntimeNames() {}
}
