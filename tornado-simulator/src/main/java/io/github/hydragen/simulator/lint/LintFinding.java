package io.github.hydragen.simulator.lint;

/**
 * A place where a kernel breaks a rule.
 *
 * @param rule the rule
 * @param method the class, with dots, and the method
 * @param line the source line; 0 where the class file has none
 * @param detail what exactly is there
 */
public record LintFinding(LintRule rule, String method, int line, String detail) {

  @Override
  public String toString() {
    return "%s line %d: %s (%s): %s".formatted(method, line, rule, detail, rule.advice());
  }
}
