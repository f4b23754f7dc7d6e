package io.github.hydragen.simulator.runtime;

import io.github.hydragen.simulator.bytecode.KernelLoader;
import io.github.hydragen.simulator.bytecode.MethodKey;
import io.github.hydragen.simulator.bytecode.SiteTable;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/**
 * A kernel that is ready to run.
 *
 * @param key the method
 * @param twin the rewritten method; it takes the arguments and the thread in one array
 * @param sites its watched instructions
 * @param carried whether each thread needs one of the JVM's to carry it
 * @param checked whether accesses to memory are watched
 */
public record CompiledKernel(
    MethodKey key, MethodHandle twin, SiteTable sites, boolean carried, boolean checked) {
  static final String TWIN_SUFFIX = KernelLoader.TWIN_SUFFIX;

  /** Rewrites the kernel, whose class {@code loader} finds. */
  public static CompiledKernel of(@Nullable ClassLoader loader, MethodKey key, boolean checked) {
    KernelLoader rewritten = new KernelLoader(loader, key, checked);
    return new CompiledKernel(
        key, rewritten.twin(), rewritten.sites(), rewritten.carried(), checked);
  }
}
