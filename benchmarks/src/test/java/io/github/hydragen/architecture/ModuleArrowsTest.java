package io.github.hydragen.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.GeneralCodingRules;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each module's packages, and what they may use: its arrows point only downwards. */
class ModuleArrowsTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("io.github.hydragen", "uk.ac.manchester.tornado.api");

  private static final List<String> API =
      List.of(
          "io.github.hydragen",
          "io.github.hydragen.spi..",
          "io.github.hydragen.reference..",
          "io.github.hydragen.prefix..");
  private static final List<String> CPU = List.of("io.github.hydragen.cpu..");

  /** Of the CPU engine, from the lowest: each uses only those before it. */
  private static final List<String> CPU_PACKAGES =
      List.of(
          "io.github.hydragen.cpu.memory",
          "io.github.hydragen.cpu.store",
          "io.github.hydragen.cpu.simd",
          "io.github.hydragen.cpu.kernel",
          "io.github.hydragen.cpu.work",
          "io.github.hydragen.cpu.sharing",
          "io.github.hydragen.cpu");

  private static final List<String> TORNADO = List.of("io.github.hydragen.tornado..");

  /** Of the TornadoVM backend, likewise. */
  private static final List<String> TORNADO_PACKAGES =
      List.of(
          "io.github.hydragen.tornado.kernels",
          "io.github.hydragen.tornado.device",
          "io.github.hydragen.tornado.store",
          "io.github.hydragen.tornado.plan",
          "io.github.hydragen.tornado.graph",
          "io.github.hydragen.tornado.prefill",
          "io.github.hydragen.tornado");

  private static final List<String> SIMULATOR = List.of("io.github.hydragen.simulator..");
  private static final List<String> TORNADO_API = List.of("uk.ac.manchester.tornado.api..");
  private static final List<String> CLI =
      List.of("io.github.hydragen.cli..", "io.github.hydragen.safetensors..");

  /** A module: its packages, and those beyond its own and {@code java..} that it may use. */
  private record Module(String name, List<String> packages, List<String> uses) {
    @Override
    public String toString() {
      return name;
    }
  }

  static List<Module> modules() {
    return List.of(
        new Module("api", API, List.of("com.sun.management")),
        new Module("cpu-kernels", CPU, join(API, List.of("jdk.incubator.vector"))),
        new Module("tornado-simulator", join(SIMULATOR, TORNADO_API), List.of()),
        new Module("tornado-kernels", TORNADO, join(API, TORNADO_API)),
        new Module(
            "cli",
            CLI,
            join(API, List.of("picocli..", "com.fasterxml.jackson..", "com.sun.management"))),
        new Module("examples", List.of("io.github.hydragen.examples.."), API),
        new Module("benchmarks", List.of("io.github.hydragen.benchmarks.."), List.of("*..")));
  }

  private static List<String> join(List<String> a, List<String> b) {
    return Stream.concat(a.stream(), b.stream()).toList();
  }

  private static String[] array(List<String> packages) {
    return packages.toArray(String[]::new);
  }

  @ParameterizedTest
  @MethodSource("modules")
  void usesOnlyWhatLiesBelow(Module module) {
    classes()
        .that()
        .resideInAnyPackage(array(module.packages))
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(
            array(join(module.packages, join(module.uses, List.of("java..", "org.jspecify..")))))
        // Some modules are built only where they can be.
        .allowEmptyShould(true)
        .check(CLASSES);
  }

  /** A new package must be given to a module here. */
  @Test
  void everyPackageBelongsToAModule() {
    List<String> known = modules().stream().flatMap(m -> m.packages.stream()).toList();
    classes().should().resideInAnyPackage(array(known)).check(CLASSES);
  }

  @Test
  void noPackageIsInTwoModules() {
    Map<String, Set<String>> places = new TreeMap<>();
    for (JavaClass type : CLASSES) {
      String file = type.getFullName().replace('.', '/') + ".class";
      String uri = type.getSource().orElseThrow().getUri().toString();
      assertTrue(uri.endsWith(file), uri);
      places
          .computeIfAbsent(type.getPackageName(), name -> new TreeSet<>())
          .add(uri.substring(0, uri.length() - file.length()));
    }
    assertTrue(places.size() > 5, places.toString());
    places.forEach((name, in) -> assertEquals(1, in.size(), name + " is in " + in));
  }

  @Test
  void packagesHaveNoCycles() {
    for (String root : List.of("io.github.hydragen", "io.github.hydragen.simulator")) {
      slices()
          .matching(root + ".(*)..")
          .should()
          .beFreeOfCycles()
          .allowEmptyShould(true)
          .check(CLASSES);
    }
  }

  @Test
  void theCpuEnginesPackagesUseOnlyThoseBelow() {
    useOnlyThoseBelow(CPU, CPU_PACKAGES);
  }

  @Test
  void theTornadoBackendsPackagesUseOnlyThoseBelow() {
    useOnlyThoseBelow(TORNADO, TORNADO_PACKAGES);
  }

  /** Checks that a module has no packages but these, and that each uses only those before it. */
  private static void useOnlyThoseBelow(List<String> module, List<String> packages) {
    classes()
        .that()
        .resideInAnyPackage(array(module))
        .should()
        .resideInAnyPackage(array(packages))
        .check(CLASSES);
    for (int i = 1; i < packages.size(); i++) {
      noClasses()
          .that()
          .resideInAPackage(packages.get(i - 1))
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(array(packages.subList(i, packages.size())))
          .check(CLASSES);
    }
  }

  @Test
  void onlyTheCommandLineWritesToTheConsoleOrEndsTheProcess() {
    String[] libraries = array(join(join(API, CPU), join(TORNADO, SIMULATOR)));
    noClasses()
        .that()
        .resideInAnyPackage(libraries)
        .should(GeneralCodingRules.ACCESS_STANDARD_STREAMS)
        .check(CLASSES);
    noClasses()
        .that()
        .resideInAnyPackage(libraries)
        .should()
        .callMethod(System.class, "exit", int.class)
        .check(CLASSES);
  }

  /** The command line finds backends at run time, and so does every user of the API. */
  @Test
  void theApiNamesNoBackendButTheReference() {
    noClasses()
        .that()
        .resideInAnyPackage(array(API))
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(array(join(join(CPU, TORNADO), join(SIMULATOR, CLI))))
        .check(CLASSES);
    noClasses()
        .that()
        .resideInAPackage("io.github.hydragen")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.github.hydragen.reference..")
        .check(CLASSES);
  }
}
