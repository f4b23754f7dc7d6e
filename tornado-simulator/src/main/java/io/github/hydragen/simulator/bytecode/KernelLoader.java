package io.github.hydragen.simulator.bytecode;

import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Defines rewritten copies of a kernel's class and of every class of its own that it uses. */
public final class KernelLoader extends ClassLoader {
  /** What the name of a rewritten method has behind that of the original. */
  public static final String TWIN_SUFFIX = "$simulated";

  static {
    registerAsParallelCapable();
  }

  /**
   * With more waits than this, the code that saves and restores variables around each could make a
   * method longer than the JVM allows, 64 KiB.
   */
  private static final int MOST_COLLECTIVES = 60;

  private final KernelClasses classes;
  private final SiteTable sites = new SiteTable();
  private final Set<String> copied;
  private final MethodKey kernel;
  private final boolean carried;
  private final KernelRewriter rewriter;

  /** Creates a loader; {@code checked} says whether accesses to memory are watched. */
  public KernelLoader(@Nullable ClassLoader parent, MethodKey kernel, boolean checked) {
    super(parent);
    this.kernel = kernel;
    classes = new KernelClasses(parent);
    Reachable reachable = new Reachable(classes, kernel);
    carried = reachable.collectives() > MOST_COLLECTIVES;
    if (carried) {
      classes.carry();
    }
    copied = reachable.classes();
    rewriter = new KernelRewriter(classes, sites, checked, reachable, this);
  }

  /** Tells whether each thread of the kernel needs one of the JVM's to carry it. */
  public boolean carried() {
    return carried;
  }

  /** Returns the watched instructions of the classes loaded so far. */
  public SiteTable sites() {
    return sites;
  }

  /**
   * Returns the twin of the kernel; it takes the kernel's arguments and the thread in one array.
   */
  public MethodHandle twin() {
    try {
      for (String name : copied) {
        loadClass(name.replace('/', '.'));
      }
      Class<?> type = loadClass(kernel.owner().replace('/', '.'));
      for (Method method : type.getDeclaredMethods()) {
        if (method.getName().equals(KernelRewriter.twinName(kernel.name())) && isTwin(method)) {
          return handle(method);
        }
      }
      throw new IllegalArgumentException(
          kernel + " is not a static method: only these can be kernels");
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("The rewritten kernel " + kernel + " cannot be used", e);
    }
  }

  private boolean isTwin(Method method) {
    String descriptor =
        MethodType.methodType(method.getReturnType(), method.getParameterTypes())
            .toMethodDescriptorString();
    return descriptor.equals(
        KernelRewriter.twinType(MethodTypeDesc.ofDescriptor(kernel.descriptor()))
            .descriptorString());
  }

  private MethodHandle handle(Method method) throws IllegalAccessException {
    Module simulator = KernelLoader.class.getModule();
    simulator.addReads(getUnnamedModule());
    simulator.addExports(RuntimeNames.PACKAGE, getUnnamedModule());
    method.setAccessible(true);
    return MethodHandles.lookup()
        .unreflect(method)
        .asSpreader(Object[].class, method.getParameterCount())
        .asType(MethodType.methodType(void.class, Object[].class));
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    String internalName = name.replace('.', '/');
    if (!copied.contains(internalName)) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      return loaded != null ? loaded : define(name, internalName);
    }
  }

  private Class<?> define(String name, String internalName) {
    byte[] bytes = rewriter.rewrite(classes.read(internalName));
    HugeMethods.warn(bytes);
    return defineClass(name, bytes, 0, bytes.length);
  }
}
