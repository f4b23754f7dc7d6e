package io.github.hydragen.simulator.lint;

/** What a kernel must not contain, why, and what to write instead. */
public enum LintRule {
  /** A local array handed to another method: its byte offset is then used as an index. */
  LOCAL_ARRAY_ARGUMENT("a local array is passed on: use it where it is allocated"),
  /**
   * An array, in local memory or the thread's own, or a fragment cast to another type:
   * undocumented, and an exception in plain Java. CUDA kernels may cast, for matrix instructions
   * only, a local {@code float[]} to FloatArray and a local {@code int[]} to IntArray to store to,
   * a local {@code long[]} to {@code int[]} to load from, a fragment of half-precision numbers to
   * {@code int[]} to store it, and one of sums of ints to {@code byte[]} as an operand. Arrays of
   * the thread's own and fragments cast in any other way do not compile.
   */
  ARRAY_CAST("an array is cast: use it as what it is"),
  /**
   * A local array, in a kernel that loads matrix fragments, whose size is no multiple of 16 bytes:
   * what is loaded from another array may then lie at an address that no fragment can have.
   */
  LOCAL_ARRAY_ALIGNMENT("fragments need aligned arrays: make each a multiple of 16 bytes"),
  /** A local array whose size is not the same constant for every thread. */
  LOCAL_ARRAY_SIZE("a local array needs a constant size"),
  /**
   * A way out of a loop other than its one end: a labelled break or continue, a return in nested
   * loops, or a return in a loop of a helper. A return in the one loop of a kernel is let pass.
   */
  LOOP_EXIT("a loop is left in two ways: use a flag in its condition, or a plain break"),
  /**
   * A loop under {@code a || b}, in a loop: where neither holds, what follows is run twice, with
   * the loop in between. The same goes for a loop under {@code else} of {@code a && b}.
   */
  LOOP_UNDER_OR("what follows runs twice: write int flag = a || b ? 1 : 0; if (flag == 1)"),
  /** {@code >>>}, which becomes {@code >>}. */
  UNSIGNED_SHIFT("an unsigned shift becomes a signed one: write (x >> n) & mask"),
  /**
   * A division or remainder of a number that may be negative by a power of two, or by a variable
   * that may be one: it becomes a shift and rounds down. Sizes of arrays, ids, constants and the
   * scalar parameters of a kernel, which are taken for sizes as well, are not negative, nor is what
   * sums, products, quotients and {@code Math.max(0, x)} make of them; elements of arrays may be.
   */
  NEGATIVE_DIVISION("the dividend may be negative and is rounded down: use x >> n, or max(0, x)"),
  /**
   * An infinite constant: it is written as a division by 0, which NVRTC carries out, by way of a
   * call.
   */
  INFINITE_CONSTANT("an infinite constant is a division: use the largest finite number"),
  /**
   * A read of an array of the thread's own, or its use as an operand of a matrix instruction,
   * before anything in the code writes to it.
   */
  UNWRITTEN_ARRAY("an array holds no zeros: write its elements first"),
  /** The result of half-precision arithmetic turned into a float: the arithmetic is dropped. */
  HALF_RESULT("half-precision arithmetic is dropped: convert to float first, then compute"),
  /** {@code Float.float16ToFloat}, which does not see bits. */
  HALF_BITS("bits are not converted: read a HalfFloat and call getFloat32"),
  /** An array, or any other object but an enum constant, in a static field. */
  STATIC_OBJECT("kernels see no static objects: use a static final number or an argument"),
  /** {@code new float[n]} where n is not a constant. */
  ARRAY_SIZE("an array of the thread's own needs a constant size"),
  /** An array of arrays. */
  ARRAY_OF_ARRAYS("arrays have one dimension: compute the index"),
  /** A lambda, a method reference or a concatenation of strings. */
  LAMBDA("kernels have no lambdas, method references or strings"),
  /** A throw or a catch. */
  EXCEPTION("kernels have no exceptions"),
  /** A method that calls itself, directly or not. */
  RECURSION("kernels have no recursion: write a loop"),
  /** A call of a method that has no counterpart on a device. */
  UNSUPPORTED_CALL("the method does not exist on a device"),
  /** An object other than a half-precision number or a pair of them. */
  NEW_OBJECT("kernels make no objects but HalfFloat and Half2"),
  /** A kernel with the name of a type in CUDA. */
  CUDA_NAME("the name is a type in CUDA: choose another one"),
  /** An element or the length of a matrix fragment. */
  FRAGMENT_ACCESS("fragments are opaque: only mma and mmaStore take them"),
  /** A matrix fragment assigned to a variable under a condition that holds another one. */
  FRAGMENT_ASSIGNMENT("a fragment cannot be exchanged under a condition: multiply in any case"),
  /** A class file without the names of local variables. */
  NO_DEBUG_INFORMATION("TornadoVM needs local variable tables: compile with -g"),
  /** What OpenCL has not: in kernels for every backend only. */
  NOT_PORTABLE("OpenCL has no such thing, or ignores it");

  private final String advice;

  LintRule(String advice) {
    this.advice = advice;
  }

  /** Returns what is wrong and what to do instead. */
  public String advice() {
    return advice;
  }
}
