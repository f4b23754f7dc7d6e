package io.github.hydragen;

/**
 * Whether a backend or device can be used here.
 *
 * @param available whether it can
 * @param reason why, in one line
 * @param remedy what the user can do about it in one line, empty where there is nothing to do
 */
public record Availability(boolean available, String reason, String remedy) {
  /** Usable. */
  public static Availability yes(String reason) {
    return new Availability(true, reason, "");
  }

  /** Not usable. */
  public static Availability no(String reason, String remedy) {
    return new Availability(false, reason, remedy);
  }
}
