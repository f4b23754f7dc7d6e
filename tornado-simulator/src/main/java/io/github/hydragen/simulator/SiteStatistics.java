package io.github.hydragen.simulator;

/**
 * What one instruction of a kernel did to one array.
 *
 * @param method the method it is in
 * @param line its source line; 0 where the class file has none
 * @param action what it does, such as {@code FloatArray.get}
 * @param argument the number of the kernel's argument, from 0, whose memory it uses; -1 for local
 *     memory
 * @param loads what it read from global memory
 * @param stores what it wrote to global memory
 * @param local what it read from or wrote to local memory
 */
public record SiteStatistics(
    String method,
    int line,
    String action,
    int argument,
    GlobalTraffic loads,
    GlobalTraffic stores,
    LocalTraffic local) {}
