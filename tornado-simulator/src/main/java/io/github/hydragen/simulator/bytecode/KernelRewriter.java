package io.github.hydragen.simulator.bytecode;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.MethodModel;
import java.lang.constant.MethodTypeDesc;
import java.lang.reflect.AccessFlag;
import java.util.Set;

/** Adds to a class the twins of its static methods; see {@link TwinWriter}. */
final class KernelRewriter {
  private final KernelClasses classes;
  private final SiteTable sites;
  private final boolean checked;
  private final Set<MethodKey> methods;
  private final MethodKey kernel;
  private final ClassLoader loader;

  KernelRewriter(
      KernelClasses classes,
      SiteTable sites,
      boolean checked,
      Reachable reachable,
      ClassLoader loader) {
    this.classes = classes;
    this.methods = reachable.methods();
    kernel = reachable.kernel();
    this.sites = sites;
    this.checked = checked;
    this.loader = loader;
  }

  static String twinName(String method) {
    return method + KernelLoader.TWIN_SUFFIX;
  }

  static MethodTypeDesc twinType(MethodTypeDesc type) {
    return type.insertParameterTypes(type.parameterCount(), RuntimeNames.WORK_ITEM);
  }

  byte[] rewrite(ClassModel original) {
    ClassFile context =
        ClassFile.of(
            ClassFile.StackMapsOption.GENERATE_STACK_MAPS,
            ClassFile.ClassHierarchyResolverOption.of(
                ClassHierarchyResolver.ofResourceParsing(loader)
                    .orElse(ClassHierarchyResolver.defaultResolver())));
    return context.transformClass(
        original, ClassTransform.endHandler(builder -> addTwins(original, builder)));
  }

  private void addTwins(ClassModel original, ClassBuilder builder) {
    for (MethodModel method : original.methods()) {
      MethodKey key =
          new MethodKey(
              original.thisClass().asInternalName(),
              method.methodName().stringValue(),
              method.methodType().stringValue());
      if (methods.contains(key) && isKernelMethod(method)) {
        addTwin(key, method, builder);
      }
    }
  }

  private static boolean isKernelMethod(MethodModel method) {
    return method.flags().has(AccessFlag.STATIC) && method.code().isPresent();
  }

  private void addTwin(MethodKey key, MethodModel method, ClassBuilder builder) {
    TwinWriter writer =
        new TwinWriter(classes, sites, checked, key.equals(kernel), key, Dataflow.of(method));
    builder.withMethodBody(
        twinName(key.name()),
        twinType(method.methodTypeSymbol()),
        ClassFile.ACC_PUBLIC | ClassFile.ACC_STATIC | ClassFile.ACC_SYNTHETIC,
        writer::write);
  }
}
