package io.github.hydragen.safetensors;

import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The header of a file.
 *
 * @param tensors by name, in the header's order
 * @param metadata the strings under {@code __metadata__}
 */
record Header(Map<String, TensorInfo> tensors, Map<String, String> metadata) {
  /** The name that is no tensor. */
  static final String METADATA = "__metadata__";

  /** The most bytes that the format allows a header. */
  static final long MAX_BYTES = 100_000_000;

  /** Thrown by checks that do not know the file. */
  static final class Malformed extends Exception {
    private static final long serialVersionUID = 1;

    Malformed(String problem) {
      super(problem);
    }
  }

  Header {
    tensors = new LinkedHashMap<>(tensors);
    metadata = new LinkedHashMap<>(metadata);
  }

  /** The files are little-endian, tensors have the machine's byte order: the two must agree. */
  static void checkByteOrder(Path file) throws SafetensorsException {
    if (ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
      throw new SafetensorsException(file, "is little-endian: use a machine that is, too");
    }
  }

  /**
   * Checks that the tensors fill the data without a hole or an overlap.
   *
   * @param dataBytes the file's bytes behind the header
   */
  void checkLayout(long dataBytes) throws Malformed {
    List<TensorInfo> inOrder =
        tensors.values().stream()
            .sorted(Comparator.comparingLong(TensorInfo::begin).thenComparingLong(TensorInfo::end))
            .toList();
    long next = 0;
    for (TensorInfo tensor : inOrder) {
      checkExtent(tensor, dataBytes);
      if (tensor.begin() != next) {
        throw new Malformed(
            "tensor %s begins at byte %d of the data, %s: it must begin at %d"
                .formatted(
                    Text.quote(tensor.name()),
                    tensor.begin(),
                    tensor.begin() < next ? "inside another" : "behind a hole",
                    next));
      }
      next = tensor.end();
    }
    if (next != dataBytes) {
      throw new Malformed(
          "the tensors end at byte %d of the data, but the file has %d bytes of it"
              .formatted(next, dataBytes));
    }
  }

  private static void checkExtent(TensorInfo tensor, long dataBytes) throws Malformed {
    long bytes = TensorInfo.bytes(tensor.type(), tensor.shape());
    if (bytes < 0) {
      throw new Malformed("tensor " + tensor + ": that is no number of bytes below 2^60");
    }
    if (tensor.end() > dataBytes) {
      throw new Malformed(
          "tensor %s ends at byte %d of the data, but the file has %d bytes of it: it may be cut"
              .formatted(Text.quote(tensor.name()), tensor.end(), dataBytes));
    }
    if (tensor.end() - tensor.begin() != bytes) {
      throw new Malformed(
          "tensor %s, which takes %d bytes, but its data_offsets are [%d, %d]"
              .formatted(tensor, bytes, tensor.begin(), tensor.end()));
    }
  }
}
