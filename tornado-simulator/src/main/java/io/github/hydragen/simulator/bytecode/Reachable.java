package io.github.hydragen.simulator.bytecode;

import java.lang.classfile.Attributes;
import java.lang.classfile.CodeElement;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What a kernel is made of: the methods it calls, directly or not, and the classes that hold them
 * and the constants they read.
 */
public final class Reachable {
  private final KernelClasses reader;
  private final Set<MethodKey> methods = new LinkedHashSet<>();
  private final Set<String> classes = new LinkedHashSet<>();

  /** Follows the calls from {@code kernel} on. */
  public Reachable(KernelClasses reader, MethodKey kernel) {
    this.reader = reader;
    ArrayDeque<MethodKey> open = new ArrayDeque<>();
    open.add(kernel);
    while (!open.isEmpty()) {
      MethodKey key = open.removeFirst();
      if (methods.add(key)) {
        addClass(key.owner());
        reader.method(key).ifPresent(method -> follow(method, open));
      }
    }
  }

  /** Returns the number of places at which threads wait for each other. */
  int collectives() {
    int count = 0;
    for (MethodKey key : methods) {
      for (CodeElement element :
          reader.method(key).map(m -> m.code().orElseThrow().elementList()).orElse(List.of())) {
        if (element instanceof InvokeInstruction invoke && Collectives.isCollective(invoke)) {
          count++;
        }
      }
    }
    return count;
  }

  /** Returns the kernel. */
  MethodKey kernel() {
    return methods.iterator().next();
  }

  /** Returns the methods, the kernel first. */
  public Set<MethodKey> methods() {
    return methods;
  }

  /** Returns the internal names of the classes. */
  Set<String> classes() {
    return classes;
  }

  private void follow(MethodModel method, ArrayDeque<MethodKey> open) {
    for (CodeElement element : method.code().orElseThrow().elementList()) {
      if (element instanceof InvokeInstruction invoke && KernelClasses.isKernelCall(invoke)) {
        open.add(KernelClasses.key(invoke));
      } else if (element instanceof FieldInstruction field
          && field.opcode() == Opcode.GETSTATIC
          && ApiNames.isUserClass(field.owner().asInternalName())) {
        addClass(field.owner().asInternalName());
      }
    }
  }

  private void addClass(String name) {
    if (classes.add(name)) {
      reader
          .read(name)
          .findAttribute(Attributes.nestHost())
          .ifPresent(host -> addClass(host.nestHost().asInternalName()));
    }
  }
}
