package io.github.hydragen.safetensors;

import io.github.hydragen.DataType;
import io.github.hydragen.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * An open file, mapped into memory: tensors are views of it, read when they are used.
 *
 * <p>The whole header is checked when the file is opened: no view reaches outside the file. Others
 * must not shorten the file while it is open. Safe for use by several threads.
 */
public final class SafetensorsFile implements AutoCloseable {
  private static final ValueLayout.OfLong LENGTH =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Path path;
  private final Arena arena;
  private final Header header;
  private final MemorySegment data;

  private SafetensorsFile(Path path, Arena arena) throws IOException, Header.Malformed {
    this.path = path;
    this.arena = arena;
    MemorySegment file = map(path, arena);
    long headerBytes = headerBytes(file);
    byte[] json = file.asSlice(Long.BYTES, headerBytes).toArray(ValueLayout.JAVA_BYTE);
    this.header = HeaderParser.parse(json);
    this.data = file.asSlice(Long.BYTES + headerBytes);
    header.checkLayout(data.byteSize());
  }

  /**
   * Opens a file.
   *
   * @throws SafetensorsException if it does not exist, cannot be read or is malformed
   */
  public static SafetensorsFile open(Path path) throws SafetensorsException {
    Arena arena = Arena.ofShared();
    boolean opened = false;
    try {
      SafetensorsFile file = new SafetensorsFile(path, arena);
      opened = true;
      return file;
    } catch (Header.Malformed e) {
      throw new SafetensorsException(path, String.valueOf(e.getMessage()));
    } catch (SafetensorsException e) {
      throw e;
    } catch (IOException e) {
      throw new SafetensorsException(path, "cannot be read: " + reason(e));
    } finally {
      if (!opened) {
        arena.close();
      }
    }
  }

  /** Without the file's name, which stands before it. */
  private static String reason(IOException e) {
    return e instanceof AccessDeniedException
        ? "permission denied"
        : String.valueOf(e.getMessage());
  }

  private static MemorySegment map(Path path, Arena arena) throws IOException, Header.Malformed {
    Header.checkByteOrder(path);
    if (!Files.exists(path)) {
      throw new Header.Malformed("there is no such file");
    }
    if (!Files.isRegularFile(path)) {
      throw new Header.Malformed("is not a regular file");
    }
    try (FileChannel channel = FileChannel.open(path)) {
      return channel.map(MapMode.READ_ONLY, 0, channel.size(), arena);
    }
  }

  private static long headerBytes(MemorySegment file) throws Header.Malformed {
    if (file.byteSize() < Long.BYTES) {
      throw new Header.Malformed(
          "has " + file.byteSize() + " bytes: a safetensors file has at least 8");
    }
    long bytes = file.get(LENGTH, 0);
    if (bytes < 0 || bytes > Header.MAX_BYTES) {
      throw new Header.Malformed(
          "announces a header of %s bytes, more than the format's %d: not a safetensors file?"
              .formatted(Long.toUnsignedString(bytes), Header.MAX_BYTES));
    }
    if (bytes > file.byteSize() - Long.BYTES) {
      throw new Header.Malformed(
          "announces a header of %d bytes, but has %d behind its length: it may be cut"
              .formatted(bytes, file.byteSize() - Long.BYTES));
    }
    return bytes;
  }

  /** Where the file is. */
  public Path path() {
    return path;
  }

  /** The strings under {@code __metadata__}. */
  public Map<String, String> metadata() {
    return Collections.unmodifiableMap(header.metadata());
  }

  /** The tensors' names, in the header's order. */
  public Set<String> names() {
    return Collections.unmodifiableSet(header.tensors().keySet());
  }

  /**
   * What the header says of a tensor.
   *
   * @throws SafetensorsException if there is no such tensor
   */
  public TensorInfo info(String name) throws SafetensorsException {
    TensorInfo info = header.tensors().get(name);
    if (info == null) {
      throw problem("there is no tensor " + Text.quote(name));
    }
    return info;
  }

  /**
   * A read-only view of a tensor's bytes, of any alignment, valid until the file is closed.
   *
   * @throws SafetensorsException if there is no such tensor
   */
  public MemorySegment bytes(String name) throws SafetensorsException {
    TensorInfo info = info(name);
    return data.asSlice(info.begin(), info.end() - info.begin());
  }

  /**
   * A read-only view of an F32, F16 or BF16 tensor, valid until the file is closed.
   *
   * @throws SafetensorsException if there is no such tensor or it is of another type
   */
  public Tensor tensor(String name) throws SafetensorsException {
    TensorInfo info = info(name);
    @Nullable DataType type = info.type().dataType();
    if (type == null) {
      throw problem("tensor " + info + ", not F32, F16 or BF16");
    }
    return Tensor.of(bytes(name), type, info.dims());
  }

  /**
   * A copy of an I32 tensor of one dimension.
   *
   * @throws SafetensorsException if there is no such tensor or it is of another type or rank
   */
  public int[] ints(String name) throws SafetensorsException {
    TensorInfo info = info(name);
    if (info.type() != ElementType.I32 || info.shape().size() != 1) {
      throw problem("tensor " + info + ", not I32 of one dimension");
    }
    MemorySegment bytes = bytes(name);
    if (bytes.byteSize() / Integer.BYTES > Integer.MAX_VALUE - 8) {
      throw problem("tensor " + info + ": that is too long");
    }
    return bytes.toArray(INT);
  }

  /** An exception that names this file. */
  public SafetensorsException problem(String what) {
    return new SafetensorsException(path, what);
  }

  /** Unmaps the file: views of it throw IllegalStateException from now on. */
  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
