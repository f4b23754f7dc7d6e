package io.github.hydragen.reference;

/** The keys and values that one query head sees, in order, the prefixes' first. */
public interface KeyValues {
  /** The number of keys. */
  int length();

  /** Copies key {@code j} to {@code into}, headDim elements. */
  void key(int j, float[] into);

  /** Copies value {@code j} to {@code into}, headDim elements. */
  void value(int j, float[] into);
}
