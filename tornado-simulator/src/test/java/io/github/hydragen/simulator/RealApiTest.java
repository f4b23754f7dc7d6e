package io.github.hydragen.simulator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.classfile.AccessFlags;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.FieldModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.reflect.AccessFlag;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.KernelContext;

/**
 * Everything public or protected that the simulator declares in TornadoVM's packages is in
 * TornadoVM's own API, with the same descriptor. Needs that API: the property {@code
 * tornadovm.api.jar}, or an SDK at {@code TORNADOVM_HOME}.
 */
class RealApiTest {
  private static final String PREFIX = "uk/ac/manchester/tornado/api/";

  private final List<String> differences = new ArrayList<>();

  @Test
  void everySignatureExists() throws IOException, URISyntaxException {
    Optional<Path> jar = realJar();
    assumeTrue(
        jar.isPresent(),
        "TornadoVM's API is not here: set -Dtornadovm.api.jar=FILE or TORNADOVM_HOME");
    Path own =
        Path.of(KernelContext.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    int checked = 0;
    try (FileSystem real = FileSystems.newFileSystem(jar.orElseThrow());
        Stream<Path> classes = Files.walk(own.resolve(PREFIX))) {
      for (Path file : (Iterable<Path>) classes.filter(RealApiTest::isClass)::iterator) {
        checked += check(ClassFile.of().parse(file), real.getPath("/"));
      }
    }
    assertEquals(List.of(), differences);
    assertTrue(checked > 40, "only " + checked + " classes were found");
  }

  private static boolean isClass(Path file) {
    return file.toString().endsWith(".class");
  }

  private static Optional<Path> realJar() throws IOException {
    String named = System.getProperty("tornadovm.api.jar");
    if (named != null) {
      return Optional.of(Path.of(named));
    }
    String home = System.getenv("TORNADOVM_HOME");
    Path jars = Path.of(home == null ? "none" : home, "share", "java", "tornado");
    if (!Files.isDirectory(jars)) {
      return Optional.empty();
    }
    try (Stream<Path> files = Files.list(jars)) {
      return files
          .filter(f -> f.getFileName().toString().matches("tornado-api-.*\\.jar"))
          .filter(f -> !f.toString().contains("sources"))
          .findFirst();
    }
  }

  private int check(ClassModel own, Path root) throws IOException {
    if (!isVisible(own.flags())) {
      return 0;
    }
    String name = own.thisClass().asInternalName();
    Optional<ClassModel> found = read(root, name);
    if (found.isEmpty()) {
      differences.add(name + " does not exist");
      return 1;
    }
    ClassModel real = found.get();
    compareFlags(name, own.flags(), real.flags(), AccessFlag.INTERFACE);
    compareFlags(name, own.flags(), real.flags(), AccessFlag.ENUM);
    compareFlags(name, own.flags(), real.flags(), AccessFlag.ABSTRACT);
    compareFlags(name, own.flags(), real.flags(), AccessFlag.FINAL);
    if (!own.superclass()
        .map(ClassEntry::asInternalName)
        .equals(real.superclass().map(ClassEntry::asInternalName))) {
      differences.add(name + " extends " + own.superclass() + ", not " + real.superclass());
    }
    checkMembers(own, real, root);
    return 1;
  }

  private void checkMembers(ClassModel own, ClassModel real, Path root) throws IOException {
    for (MethodModel method : own.methods()) {
      if (isVisible(method.flags())) {
        checkMethod(own, method, findMethod(real, method, root));
      }
    }
    for (FieldModel field : own.fields()) {
      if (isVisible(field.flags())) {
        checkField(own, field, real);
      }
    }
  }

  private void checkMethod(ClassModel own, MethodModel method, Optional<MethodModel> real) {
    String name =
        own.thisClass().asInternalName() + "." + method.methodName() + method.methodType();
    if (real.isEmpty()) {
      differences.add(name + " does not exist");
    } else {
      compareFlags(name, method.flags(), real.get().flags(), AccessFlag.STATIC);
      compareFlags(name, method.flags(), real.get().flags(), AccessFlag.VARARGS);
      if (method.flags().has(AccessFlag.PUBLIC) && !real.get().flags().has(AccessFlag.PUBLIC)) {
        differences.add(name + " is not public");
      }
    }
  }

  private void checkField(ClassModel own, FieldModel field, ClassModel real) {
    String name = own.thisClass().asInternalName() + "." + field.fieldName();
    Optional<FieldModel> found =
        real.fields().stream()
            .filter(f -> f.fieldName().equals(field.fieldName()) || sameName(f, field))
            .filter(f -> f.fieldType().stringValue().equals(field.fieldType().stringValue()))
            .findFirst();
    if (found.isEmpty()) {
      differences.add(name + " does not exist");
      return;
    }
    compareFlags(name, field.flags(), found.get().flags(), AccessFlag.STATIC);
    compareFlags(name, field.flags(), found.get().flags(), AccessFlag.FINAL);
    if (!constant(field).equals(constant(found.get()))) {
      differences.add(name + " is the constant " + constant(field));
    }
  }

  private static boolean sameName(FieldModel a, FieldModel b) {
    return a.fieldName().stringValue().equals(b.fieldName().stringValue());
  }

  private static String constant(FieldModel field) {
    return field
        .findAttribute(Attributes.constantValue())
        .map(c -> c.constant().constantValue().toString())
        .orElse("none");
  }

  /** Looks for the method in the class and in what it extends or implements. */
  private static Optional<MethodModel> findMethod(ClassModel real, MethodModel method, Path root)
      throws IOException {
    for (MethodModel candidate : real.methods()) {
      if (candidate.methodName().stringValue().equals(method.methodName().stringValue())
          && candidate.methodType().stringValue().equals(method.methodType().stringValue())) {
        return Optional.of(candidate);
      }
    }
    List<ClassEntry> above = new ArrayList<>(real.interfaces());
    real.superclass().ifPresent(above::add);
    for (ClassEntry type : above) {
      Optional<ClassModel> model = read(root, type.asInternalName());
      if (model.isPresent()) {
        Optional<MethodModel> found = findMethod(model.get(), method, root);
        if (found.isPresent()) {
          return found;
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<ClassModel> read(Path root, String internalName) throws IOException {
    Path file = root.resolve(internalName + ".class");
    return Files.exists(file)
        ? Optional.of(ClassFile.of().parse(Files.readAllBytes(file)))
        : Optional.empty();
  }

  private static boolean isVisible(AccessFlags flags) {
    return (flags.has(AccessFlag.PUBLIC) || flags.has(AccessFlag.PROTECTED))
        && !flags.has(AccessFlag.SYNTHETIC);
  }

  private void compareFlags(String name, AccessFlags own, AccessFlags real, AccessFlag flag) {
    if (own.has(flag) != real.has(flag)) {
      differences.add("%s: %s is %s here".formatted(name, flag, own.has(flag)));
    }
  }
}
