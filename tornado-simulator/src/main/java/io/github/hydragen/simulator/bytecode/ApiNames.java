package io.github.hydragen.simulator.bytecode;

/** Internal names of the API's classes, and what kind of class a name stands for. */
public final class ApiNames {
  static final String API = "uk/ac/manchester/tornado/api/";

  /** The class whose methods barriers and local memory are. */
  public static final String KERNEL_CONTEXT = API + "KernelContext";

  /** The package of the arrays in global memory. */
  public static final String ARRAYS = API + "types/arrays/";

  /** The class of half-precision numbers. */
  public static final String HALF_FLOAT = API + "types/HalfFloat";

  /** The class of pairs of half-precision numbers. */
  public static final String HALF2 = API + "types/vectors/Half2";

  private ApiNames() {}

  /** Tells whether the class is one of the arrays in global memory. */
  public static boolean isNativeArray(String internalName) {
    return internalName.startsWith(ARRAYS);
  }

  /** Tells whether the class is one of TornadoVM's API. */
  public static boolean isApi(String internalName) {
    return internalName.startsWith(API);
  }

  /** Tells whether the class belongs to the kernels, not to the JDK, the API or the simulator. */
  public static boolean isUserClass(String internalName) {
    return !internalName.startsWith("java/")
        && !internalName.startsWith("jdk/")
        && !internalName.startsWith("[")
        && !internalName.startsWith(API)
        && !internalName.startsWith("io/github/hydragen/simulator/runtime/");
  }
}
