package io.github.hydragen.cli.console;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * What {@code --backend} takes. An empty name is a variable that a script failed to set: the engine
 * would take it for none, and compute on whatever is best.
 */
public final class BackendName implements ITypeConverter<String> {
  @Override
  public String convert(String value) {
    if (value.isBlank()) {
      throw new TypeConversionException("it is empty, name one that 'hydragen devices' lists");
    }
    return value;
  }
}
