package io.github.hydragen.simulator.bytecode;

import java.lang.classfile.ClassFile;
import java.lang.classfile.MethodModel;
import java.lang.classfile.attribute.CodeAttribute;
import java.lang.management.ManagementFactory;
import java.util.List;

/** Finds rewritten kernels that HotSpot would leave to its interpreter for their size. */
final class HugeMethods {
  private static final int LIMIT = 8000;
  private static final String FLAG = "-XX:-DontCompileHugeMethods";
  private static final System.Logger LOGGER = System.getLogger(HugeMethods.class.getName());

  private HugeMethods() {}

  static void warn(byte[] classFile) {
    if (!ManagementFactory.getRuntimeMXBean().getInputArguments().contains(FLAG)) {
      find(classFile).forEach(line -> LOGGER.log(System.Logger.Level.WARNING, line));
    }
  }

  /** Returns a line for each twin that is too long to be compiled. */
  static List<String> find(byte[] classFile) {
    return ClassFile.of().parse(classFile).methods().stream()
        .filter(m -> m.methodName().stringValue().endsWith(KernelLoader.TWIN_SUFFIX))
        .filter(m -> codeLength(m) >= LIMIT)
        .map(
            m ->
                "The simulator's form of %s takes %d bytes; the JVM compiles up to %d: start it with %s"
                    .formatted(
                        m.methodName().stringValue().replace(KernelLoader.TWIN_SUFFIX, ""),
                        codeLength(m),
                        LIMIT,
                        FLAG))
        .toList();
  }

  private static int codeLength(MethodModel method) {
    return method.code().map(code -> ((CodeAttribute) code).codeLength()).orElse(0);
  }
}
