package io.github.hydragen.simulator.bytecode;

/**
 * A method by its class (internal name), name and descriptor.
 *
 * @param owner the internal name of the class
 * @param name the method's name
 * @param descriptor the method's descriptor
 */
public record MethodKey(String owner, String name, String descriptor) {

  @Override
  public String toString() {
    return owner.replace('/', '.') + "." + name;
  }
}
