/**
 * Which prefixes a step shares: the plan of a step, the model that decides by estimated times, and
 * the rates that it goes by.
 */
@NullMarked
package io.github.hydragen.cpu.sharing;

import org.jspecify.annotations.NullMarked;
