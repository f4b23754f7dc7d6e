package io.github.hydragen.safetensors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.github.hydragen.Tensor;
import io.github.hydragen.spi.WholeFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Collects tensors and writes them to a file in one go: the file is there complete or not at all.
 *
 * <p>The layout is that of the Python package: the latest in {@link ElementType} first, so wider
 * elements before narrower ones, then by name, data aligned to eight bytes.
 */
public final class SafetensorsWriter {
  private static final int ALIGNMENT = 8;
  private static final int STAGE_BYTES = 1 << 20;
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private record Entry(String name, ElementType type, List<Long> shape, MemorySegment bytes) {}

  private final Map<String, String> metadata = new LinkedHashMap<>();
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  /** An empty file. */
  public SafetensorsWriter() {}

  /** Adds a string to the metadata. */
  public SafetensorsWriter metadata(String key, String value) {
    metadata.put(key, value);
    return this;
  }

  /**
   * Adds a tensor.
   *
   * @param tensor read when the file is written
   */
  public SafetensorsWriter tensor(String name, Tensor tensor) {
    return bytes(name, ElementType.of(tensor.type()), tensor.segment(), tensor.shape());
  }

  /** Adds an I32 tensor of one dimension. */
  public SafetensorsWriter ints(String name, int... values) {
    byte[] bytes = new byte[Math.multiplyExact(values.length, Integer.BYTES)];
    MemorySegment segment = MemorySegment.ofArray(bytes);
    for (int i = 0; i < values.length; i++) {
      segment.set(INT, (long) i * Integer.BYTES, values[i]);
    }
    return bytes(name, ElementType.I32, segment, values.length);
  }

  /**
   * Adds a tensor of any type.
   *
   * @param bytes its elements, little-endian, read when the file is written
   * @throws IllegalArgumentException if the name is taken or the bytes do not fit the shape
   */
  public SafetensorsWriter bytes(
      String name, ElementType type, MemorySegment bytes, long... shape) {
    List<Long> sizes = new ArrayList<>();
    for (long size : shape) {
      sizes.add(size);
    }
    if (bytes.byteSize() != TensorInfo.bytes(type, sizes)) {
      throw new IllegalArgumentException(
          Text.quote(name) + " has " + bytes.byteSize() + " bytes, not those of " + type + sizes);
    }
    boolean reserved = name.equals(Header.METADATA);
    if (reserved || entries.put(name, new Entry(name, type, sizes, bytes)) != null) {
      throw new IllegalArgumentException("the name " + Text.quote(name) + " is taken");
    }
    return this;
  }

  /**
   * Writes the file, replacing what is there: first beside it, then moved into its place.
   *
   * @throws IOException if it cannot be written; a file that was there is then untouched
   */
  public void write(Path target) throws IOException {
    Header.checkByteOrder(target);
    List<Entry> inOrder = new ArrayList<>(entries.values());
    inOrder.sort(Comparator.comparing(Entry::type).reversed().thenComparing(Entry::name));
    byte[] header = header(inOrder);
    WholeFile.write(target, part -> writeTo(part, header, inOrder));
  }

  private static void writeTo(Path file, byte[] header, List<Entry> inOrder) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer length = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      writeFully(channel, length.putLong(header.length).flip());
      writeFully(channel, ByteBuffer.wrap(header));
      ByteBuffer stage = ByteBuffer.allocateDirect(STAGE_BYTES);
      for (Entry entry : inOrder) {
        writeFully(channel, entry.bytes, stage);
      }
    }
  }

  /** Writes through a stage: a segment on the heap need not be one of bytes. */
  private static void writeFully(FileChannel channel, MemorySegment bytes, ByteBuffer stage)
      throws IOException {
    MemorySegment staged = MemorySegment.ofBuffer(stage.clear());
    long size = bytes.byteSize();
    for (long at = 0; at < size; at += STAGE_BYTES) {
      int count = (int) Math.min(STAGE_BYTES, size - at);
      MemorySegment.copy(bytes, at, staged, 0, count);
      writeFully(channel, stage.clear().limit(count));
    }
  }

  private static void writeFully(FileChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  /** The JSON, filled up with blanks so that the data is aligned. */
  private byte[] header(List<Entry> inOrder) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = new JsonFactory().createGenerator(bytes)) {
      json.writeStartObject();
      if (!metadata.isEmpty()) {
        json.writeObjectFieldStart(Header.METADATA);
        for (Map.Entry<String, String> entry : metadata.entrySet()) {
          json.writeStringField(entry.getKey(), entry.getValue());
        }
        json.writeEndObject();
      }
      long offset = 0;
      for (Entry entry : inOrder) {
        describe(json, entry, offset);
        offset += entry.bytes.byteSize();
      }
      json.writeEndObject();
    }
    while (bytes.size() % ALIGNMENT != 0) {
      bytes.write(' ');
    }
    return bytes.toByteArray();
  }

  private static void describe(JsonGenerator json, Entry entry, long offset) throws IOException {
    json.writeObjectFieldStart(entry.name);
    json.writeStringField("dtype", entry.type.name());
    json.writeArrayFieldStart("shape");
    for (long size : entry.shape) {
      json.writeNumber(size);
    }
    json.writeEndArray();
    json.writeArrayFieldStart("data_offsets");
    json.writeNumber(offset);
    json.writeNumber(offset + entry.bytes.byteSize());
    json.writeEndArray();
    json.writeEndObject();
  }
}
