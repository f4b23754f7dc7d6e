package io.github.hydragen.simulator.bytecode;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a local variable or stack slot.
 *
 * @param type a field descriptor ({@code I} for everything narrower as well), {@link #NULL} or
 *     {@link #UNDEFINED}
 * @param origin where the value was made
 * @param number what exactly made it, in a numbering that depends on the origin; -1 where several
 * @param nonNegative whether an integer, or a boxed one, cannot be negative
 * @param constant the value of an {@code int} that is always the same; null otherwise
 */
public record Value(
    String type, Origin origin, int number, boolean nonNegative, @Nullable Integer constant) {

  /** Where a value was made. */
  public enum Origin {
    /** A parameter; numbered from 0. */
    PARAMETER,
    /** Memory of the work-group; numbered by instruction. */
    LOCAL_ARRAY,
    /** A Java array made by the kernel; numbered by instruction. */
    PRIVATE_ARRAY,
    /** Registers of the warp's matrix unit; numbered by instruction. */
    FRAGMENT,
    /** The bits of a half-precision number. */
    HALF_BITS,
    /** The sum, difference, product or quotient of half-precision numbers. */
    HALF_RESULT,
    /** Anything else; numbered by instruction. */
    OTHER
  }

  static final String NULL = "null";
  static final String UNDEFINED = "undefined";
  static final Value NOTHING = new Value(UNDEFINED, Origin.OTHER, -1, false, null);

  static Value of(String type, int number) {
    return new Value(narrow(type), Origin.OTHER, number, false, null);
  }

  static Value of(String type, Origin origin, int number) {
    return new Value(narrow(type), origin, number, false, null);
  }

  static Value constant(int value, int number) {
    return new Value("I", Origin.OTHER, number, value >= 0, value);
  }

  Value nonNegative(boolean yes) {
    return new Value(type, origin, number, yes, constant);
  }

  private static String narrow(String type) {
    return switch (type) {
      case "Z", "B", "C", "S" -> "I";
      default -> type;
    };
  }

  /** Tells whether the value takes two slots. */
  public boolean isWide() {
    return type.equals("J") || type.equals("D");
  }

  /** Tells whether the value is a reference, or null. */
  public boolean isReference() {
    return type.startsWith("L") || type.startsWith("[") || type.equals(NULL);
  }

  /** Tells whether the value is a Java array. */
  public boolean isArray() {
    return type.startsWith("[");
  }

  static Value merge(Value a, Value b) {
    if (a.equals(b)) {
      return a;
    }
    String type = mergedType(a, b);
    if (type.equals(UNDEFINED)) {
      return NOTHING;
    }
    return new Value(
        type,
        mergedOrigin(a.origin, b.origin),
        a.number == b.number ? a.number : -1,
        a.nonNegative && b.nonNegative,
        Objects.equals(a.constant, b.constant) ? a.constant : null);
  }

  private static String mergedType(Value a, Value b) {
    if (a.type.equals(b.type)) {
      return a.type;
    }
    if (!a.isReference() || !b.isReference()) {
      return UNDEFINED;
    }
    if (a.type.equals(NULL)) {
      return b.type;
    }
    return b.type.equals(NULL) ? a.type : "Ljava/lang/Object;";
  }

  /** Keeps what asks for more care. */
  private static Origin mergedOrigin(Origin a, Origin b) {
    if (a == b) {
      return a;
    }
    for (Origin careful : new Origin[] {Origin.LOCAL_ARRAY, Origin.FRAGMENT, Origin.HALF_BITS}) {
      if (a == careful || b == careful) {
        return careful;
      }
    }
    return Origin.OTHER;
  }
}
