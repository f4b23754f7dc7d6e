package uk.ac.manchester.tornado.api.enums;

/** The code generators of TornadoVM. The simulator's is {@link #JAVA}. */
public enum TornadoVMBackendType {
  OPENCL,
  METAL,
  PTX,
  CUDA,
  SPIRV,
  JAVA,
  VIRTUAL
}
