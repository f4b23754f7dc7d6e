/**
 * A simulator of TornadoVM's devices in plain Java.
 *
 * <p>The module has the name of TornadoVM's own API and declares the part of it that attention
 * kernels and their pipeline use, so that a module compiled against one runs with either.
 */
module tornado.api {
  requires java.management;
  requires static transitive org.jspecify;

  exports uk.ac.manchester.tornado.api;
  exports uk.ac.manchester.tornado.api.common;
  exports uk.ac.manchester.tornado.api.enums;
  exports uk.ac.manchester.tornado.api.exceptions;
  exports uk.ac.manchester.tornado.api.math;
  exports uk.ac.manchester.tornado.api.profiler;
  exports uk.ac.manchester.tornado.api.runtime;
  exports uk.ac.manchester.tornado.api.types;
  exports uk.ac.manchester.tornado.api.types.arrays;
  exports uk.ac.manchester.tornado.api.types.vectors;
  exports io.github.hydragen.simulator;
  exports io.github.hydragen.simulator.lint;
}
