package uk.ac.manchester.tornado.api;

import uk.ac.manchester.tornado.api.exceptions.TornadoRuntimeException;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** Part of an array, for a copy to the host. */
public class DataRange {
  private final TornadoNativeArray array;
  private long offset;
  private long size;
  private boolean materialized;

  /** Creates the range of all elements. */
  public DataRange(TornadoNativeArray tornadoNativeArray) {
    array = tornadoNativeArray;
  }

  /** Sets the first element. */
  public DataRange withOffset(long offset) {
    this.offset = offset;
    return this;
  }

  /** Sets the number of elements; 0 means up to the end. */
  public DataRange withSize(long size) {
    this.size = size;
    return this;
  }

  /** Checks the range and fixes it in bytes. */
  public void materialize() {
    long elements = size == 0 ? array.getSize() - offset : size;
    if (offset < 0 || elements < 0 || offset + elements > array.getSize()) {
      throw new TornadoRuntimeException(
          "Elements %d to %d are not within the %d of the array: check withOffset and withSize"
              .formatted(offset, offset + elements, array.getSize()));
    }
    size = elements;
    materialized = true;
  }

  /** Returns the byte, counted from the start of the header, at which the range starts. */
  public long getOffset() {
    checkMaterialized();
    return TornadoNativeArray.ARRAY_HEADER + offset * array.getElementSize();
  }

  /** Returns the size of the range in bytes. */
  public long getPartialSize() {
    checkMaterialized();
    return size * array.getElementSize();
  }

  private void checkMaterialized() {
    if (!materialized) {
      throw new TornadoRuntimeException("The range has no bytes yet: call materialize() first");
    }
  }

  /** Returns the array. */
  public TornadoNativeArray getArray() {
    return array;
  }
}
