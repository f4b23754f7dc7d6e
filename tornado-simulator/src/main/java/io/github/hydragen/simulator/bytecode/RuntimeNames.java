package io.github.hydragen.simulator.bytecode;

import io.github.hydragen.simulator.runtime.ArrayHooks;
import io.github.hydragen.simulator.runtime.GlobalHooks;
import io.github.hydragen.simulator.runtime.KernelHooks;
import io.github.hydragen.simulator.runtime.WorkItem;
import java.lang.constant.ClassDesc;

/** The classes that rewritten kernels call. */
final class RuntimeNames {
  static final ClassDesc HOOKS = ClassDesc.ofDescriptor(KernelHooks.class.descriptorString());
  static final ClassDesc ARRAY_HOOKS = ClassDesc.ofDescriptor(ArrayHooks.class.descriptorString());
  static final ClassDesc GLOBAL_HOOKS =
      ClassDesc.ofDescriptor(GlobalHooks.class.descriptorString());
  static final ClassDesc WORK_ITEM = ClassDesc.ofDescriptor(WorkItem.class.descriptorString());

  private RuntimeNames() {}
}
