package io.github.hydragen.safetensors;

import io.github.hydragen.DataType;
import org.jspecify.annotations.Nullable;

/**
 * The element types of the format, in the order of the Python package, which is that of its files.
 * A constant's name is its name in the header.
 */
public enum ElementType {
  /** Truth value. */
  BOOL(8),
  /** 4-bit float. */
  F4(4),
  /** 6-bit float, 2 bits of exponent. */
  F6_E2M3(6),
  /** 6-bit float, 3 bits of exponent. */
  F6_E3M2(6),
  /** Unsigned byte. */
  U8(8),
  /** Signed byte. */
  I8(8),
  /** 8-bit float, 5 bits of exponent. */
  F8_E5M2(8),
  /** 8-bit float, 4 bits of exponent. */
  F8_E4M3(8),
  /** 8-bit float, exponent alone. */
  F8_E8M0(8),
  /** Signed 16-bit integer. */
  I16(16),
  /** Unsigned 16-bit integer. */
  U16(16),
  /** IEEE 754 binary16. */
  F16(16),
  /** bfloat16. */
  BF16(16),
  /** Signed 32-bit integer. */
  I32(32),
  /** Unsigned 32-bit integer. */
  U32(32),
  /** IEEE 754 binary32. */
  F32(32),
  /** Two F32. */
  C64(64),
  /** IEEE 754 binary64. */
  F64(64),
  /** Signed 64-bit integer. */
  I64(64),
  /** Unsigned 64-bit integer. */
  U64(64);

  private final int bits;

  ElementType(int bits) {
    this.bits = bits;
  }

  /** The size of one element in bits. */
  public int bits() {
    return bits;
  }

  /** The type of that name, or null. */
  static @Nullable ElementType named(String name) {
    for (ElementType type : values()) {
      if (type.name().equals(name)) {
        return type;
      }
    }
    return null;
  }

  /** The element type of tensors of that type. */
  public static ElementType of(DataType type) {
    return switch (type) {
      case F32 -> F32;
      case F16 -> F16;
      case BF16 -> BF16;
    };
  }

  /** The type of tensors of these elements, or null if attention cannot take them. */
  public @Nullable DataType dataType() {
    return switch (this) {
      case F32 -> DataType.F32;
      case F16 -> DataType.F16;
      case BF16 -> DataType.BF16;
      default -> null;
    };
  }
}
