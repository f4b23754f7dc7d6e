/**
 * Calls with many tokens a sequence, as prompts are: a graph of the engine's, to which keys are
 * sent along with queries.
 */
@NullMarked
package io.github.hydragen.tornado.prefill;

import org.jspecify.annotations.NullMarked;
