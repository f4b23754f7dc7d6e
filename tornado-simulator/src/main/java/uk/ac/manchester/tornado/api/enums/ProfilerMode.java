package uk.ac.manchester.tornado.api.enums;

/** Where the profiler reports. */
public enum ProfilerMode {
  CONSOLE,
  SILENT
}
