package io.github.hydragen;

/**
 * A device of a backend.
 *
 * @param name what {@link EngineOptions#withBackend} takes, for instance {@code cpu} or {@code
 *     tornado:0:1}
 * @param description the device in words, for instance its model, cores and vector width
 * @param availability whether it can be used
 */
public record DeviceInfo(String name, String description, Availability availability) {}
