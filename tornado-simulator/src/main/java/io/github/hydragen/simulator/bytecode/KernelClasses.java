package io.github.hydragen.simulator.bytecode;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.InvokeInstruction;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The class files of kernels and of the classes they call, read through a class loader. */
public final class KernelClasses {
  private boolean carried;
  private final @Nullable ClassLoader loader;
  private final Map<String, ClassModel> classes = new HashMap<>();
  private final Map<MethodKey, Boolean> suspending = new HashMap<>();

  /** Creates a reader; null stands for the loader of the JDK's own classes. */
  public KernelClasses(@Nullable ClassLoader loader) {
    this.loader = loader;
  }

  /** Returns a class by its internal name. */
  public ClassModel read(String internalName) {
    ClassModel known = classes.get(internalName);
    if (known == null) {
      known = ClassFile.of().parse(bytes(internalName));
      classes.put(internalName, known);
    }
    return known;
  }

  private byte[] bytes(String internalName) {
    String resource = internalName + ".class";
    try (InputStream in =
        loader == null
            ? ClassLoader.getSystemResourceAsStream(resource)
            : loader.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalArgumentException(
            "The class file of "
                + internalName.replace('/', '.')
                + " cannot be read: kernels"
                + " must come from class files, not from classes made at run time");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the method that has code under this key, if there is one. */
  public Optional<MethodModel> method(MethodKey key) {
    return read(key.owner()).methods().stream()
        .filter(m -> m.methodName().equalsString(key.name()))
        .filter(m -> m.methodType().equalsString(key.descriptor()))
        .filter(m -> m.code().isPresent())
        .findFirst();
  }

  /** Has threads of their own carry the kernel's: see {@link #carried}. */
  void carry() {
    carried = true;
  }

  /** Tells whether a method waits where it stands, and does not leave to continue later. */
  boolean carried() {
    return carried;
  }

  /** Tells whether a thread can wait for others inside this method or a method it calls. */
  boolean suspends(MethodKey key) {
    if (carried) {
      return false;
    }
    Boolean known = suspending.get(key);
    if (known == null) {
      suspending.put(key, false);
      known = method(key).map(this::containsSuspension).orElse(false);
      suspending.put(key, known);
    }
    return known;
  }

  private boolean containsSuspension(MethodModel method) {
    for (CodeElement element : method.code().orElseThrow().elementList()) {
      if (element instanceof InvokeInstruction invoke
          && (Collectives.isCollective(invoke)
              || (isKernelCall(invoke) && suspends(key(invoke))))) {
        return true;
      }
    }
    return false;
  }

  /** Tells whether the instruction calls a static method of the kernels' own classes. */
  public static boolean isKernelCall(InvokeInstruction invoke) {
    return invoke.opcode() == Opcode.INVOKESTATIC
        && ApiNames.isUserClass(invoke.owner().asInternalName());
  }

  /** Returns the method that the instruction calls. */
  public static MethodKey key(InvokeInstruction invoke) {
    return new MethodKey(
        invoke.owner().asInternalName(), invoke.name().stringValue(), invoke.type().stringValue());
  }
}
