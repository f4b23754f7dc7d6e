package io.github.hydragen.simulator.bytecode;

/**
 * An instruction of a kernel that the simulator watches.
 *
 * @param number the number by which rewritten code names it, from 0
 * @param className the class, with dots
 * @param method the method's name
 * @param line the source line; 0 where the class file has none
 * @param action what the instruction does, such as {@code FloatArray.get}
 */
public record Site(int number, String className, String method, int line, String action) {

  @Override
  public String toString() {
    String file = className.substring(className.lastIndexOf('.') + 1);
    return "%s at %s.%s(%s)"
        .formatted(action, file, method, line == 0 ? "unknown line" : "line " + line);
  }
}
