package uk.ac.manchester.tornado.api;

import io.github.hydragen.simulator.memory.Swizzle;
import io.github.hydragen.simulator.runtime.KernelContexts;
import uk.ac.manchester.tornado.api.enums.MMAShape;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.ByteArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;
import uk.ac.manchester.tornado.api.types.vectors.Half2;

/**
 * What a kernel knows of the thread it runs as, and how the threads of a group work together.
 *
 * <p>In a task graph every thread has its own context, and the simulator gives the methods the
 * meaning they have on a device. A kernel that is called as a plain Java method sees what it sees
 * with TornadoVM: every id is 0, barriers do nothing and the warp is the one thread.
 */
public class KernelContext implements ExecutionContext {
  static {
    KernelContexts.register(KernelContext::new);
  }

  /** The thread's id in the grid, in x. */
  public final Integer globalIdx;

  /** The thread's id in the grid, in y. */
  public final Integer globalIdy;

  /** The thread's id in the grid, in z. */
  public final Integer globalIdz;

  /** The work-group's id, in x. */
  public final Integer groupIdx;

  /** The work-group's id, in y. */
  public final Integer groupIdy;

  /** The work-group's id, in z. */
  public final Integer groupIdz;

  /** The thread's id in its work-group, in x. */
  public final Integer localIdx;

  /** The thread's id in its work-group, in y. */
  public final Integer localIdy;

  /** The thread's id in its work-group, in z. */
  public final Integer localIdz;

  /** Threads of the grid, in x. */
  public final Integer globalGroupSizeX;

  /** Threads of the grid, in y. */
  public final Integer globalGroupSizeY;

  /** Threads of the grid, in z. */
  public final Integer globalGroupSizeZ;

  /** Threads of a work-group, in x. */
  public final Integer localGroupSizeX;

  /** Threads of a work-group, in y. */
  public final Integer localGroupSizeY;

  /** Threads of a work-group, in z. */
  public final Integer localGroupSizeZ;

  /** Creates the context of a task graph's arguments; its ids are those of the first thread. */
  public KernelContext() {
    this(new Integer[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
  }

  private KernelContext(Integer[] ids) {
    globalIdx = ids[0];
    globalIdy = ids[1];
    globalIdz = ids[2];
    groupIdx = ids[3];
    groupIdy = ids[4];
    groupIdz = ids[5];
    localIdx = ids[6];
    localIdy = ids[7];
    localIdz = ids[8];
    globalGroupSizeX = ids[9];
    globalGroupSizeY = ids[10];
    globalGroupSizeZ = ids[11];
    localGroupSizeX = ids[12];
    localGroupSizeY = ids[13];
    localGroupSizeZ = ids[14];
  }

  @Override
  public void localBarrier() {}

  @Override
  public void globalBarrier() {}

  @Override
  public int[] allocateIntLocalArray(int size) {
    return new int[size];
  }

  @Override
  public long[] allocateLongLocalArray(int size) {
    return new long[size];
  }

  @Override
  public float[] allocateFloatLocalArray(int size) {
    return new float[size];
  }

  @Override
  public double[] allocateDoubleLocalArray(int size) {
    return new double[size];
  }

  @Override
  public byte[] allocateByteLocalArray(int size) {
    return new byte[size];
  }

  @Override
  public HalfFloat[] allocateHalfFloatLocalArray(int size) {
    return new HalfFloat[size];
  }

  @Override
  public Half2[] allocateHalf2LocalArray(int size) {
    return new Half2[size];
  }

  /** Returns the sum of {@code val} over the 32 threads of the warp, which all call. */
  public float simdSum(float val) {
    return val;
  }

  /** Returns {@code val} of the thread {@code delta} lanes on, or its own past the last lane. */
  public float simdShuffleDown(float val, int delta) {
    return val;
  }

  /** Returns {@code val} of the first lane. */
  public float simdBroadcastFirst(float val) {
    return val;
  }

  @Override
  public void atomicAdd(IntArray array, int index, int val) {
    array.set(index, array.get(index) + val);
  }

  @Override
  public void atomicAdd(int[] array, int index, int val) {
    array[index] += val;
  }

  @Override
  public void atomicAdd(LongArray array, int index, long val) {
    array.set(index, array.get(index) + val);
  }

  @Override
  public void atomicAdd(FloatArray array, int index, float val) {
    array.set(index, array.get(index) + val);
  }

  /** Reads a local tile whose rows of 32 bytes are permuted against bank conflicts. */
  public HalfFloat swizzleLoadFp16Stride32(HalfFloat[] arr, int row, int col, int stride) {
    return arr[Swizzle.index(row * stride + col)];
  }

  /** Writes a local tile whose rows of 32 bytes are permuted against bank conflicts. */
  public void swizzleStoreFp16Stride32(HalfFloat[] arr, int row, int col, int stride, HalfFloat v) {
    arr[Swizzle.index(row * stride + col)] = v;
  }

  /**
   * Writes the part of a permuted local tile that starts {@code byteOffset} bytes on; the
   * permutation is that of the row and column within the part.
   */
  public void mmaStoreBSwizzled(
      HalfFloat[] arr, int row, int col, int stride, HalfFloat value, int byteOffset) {
    arr[Swizzle.index(row * stride + col) + byteOffset / Short.BYTES] = value;
  }

  /** Returns an accumulator fragment (16 rows by 8 columns over the warp) filled with {@code v}. */
  public float[] mmaFragment(float v) {
    return new float[] {v, v, v, v};
  }

  /**
   * Loads an A fragment, 16 rows of 16 half-precision numbers ({@code ldmatrix.x4}), from a local
   * tile with rows of 32 bytes.
   */
  public HalfFloat[] mmaLoadA(int[] aTile, int wmmaK) {
    return new HalfFloat[8];
  }

  /** The same, from {@code byteOffset} bytes into the tile on. */
  public HalfFloat[] mmaLoadA(int[] aTile, int wmmaK, int byteOffset) {
    return mmaLoadA(aTile, wmmaK);
  }

  /**
   * Loads a B fragment, 16 rows of 8 half-precision numbers ({@code ldmatrix.x2.trans}), from a
   * local tile with rows of 16 bytes.
   */
  public HalfFloat[] mmaLoadB(int[] bTile, int wmmaK) {
    return new HalfFloat[4];
  }

  /** The same, from {@code byteOffset} bytes into the tile on. */
  public HalfFloat[] mmaLoadB(int[] bTile, int wmmaK, int byteOffset) {
    return mmaLoadB(bTile, wmmaK);
  }

  /** Loads a B fragment from a local tile written by {@link #swizzleStoreFp16Stride32}. */
  public HalfFloat[] mmaLoadBSwizzled(HalfFloat[] bTile, int wmmaK) {
    return new HalfFloat[4];
  }

  /** The same, from {@code byteOffset} bytes into the tile on; see {@link #mmaStoreBSwizzled}. */
  public HalfFloat[] mmaLoadBSwizzled(HalfFloat[] bTile, int wmmaK, int byteOffset) {
    return mmaLoadBSwizzled(bTile, wmmaK);
  }

  /** Returns A times B plus C, in half precision with a single-precision accumulator. */
  public float[] mma(HalfFloat[] fragA, HalfFloat[] fragB, float[] fragC, MMAShape mmaShape) {
    return fragC;
  }

  /** Returns A times B plus C, with the bits of A and B read as bfloat16. */
  public float[] mmaBF16(HalfFloat[] fragA, HalfFloat[] fragB, float[] fragC, MMAShape mmaShape) {
    return fragC;
  }

  /** Returns an accumulator fragment of integers filled with {@code initValue}. */
  public int[] mmaFragmentInt(int initValue) {
    return new int[] {initValue, initValue, initValue, initValue};
  }

  /**
   * Loads an A fragment, 16 rows of 32 8-bit numbers ({@code ldmatrix.x4}), from a local tile with
   * rows of 32 bytes.
   */
  public byte[] mmaLoadAInt8(int[] aTile, int tileK) {
    return new byte[16];
  }

  /**
   * Loads a B fragment, 32 rows of 8 8-bit numbers ({@code ldmatrix.x2.trans}), from a local tile
   * with rows of 16 bytes: each is of two rows of B, whose numbers alternate.
   */
  public byte[] mmaLoadBInt8(int[] bTile, int tileK) {
    return new byte[8];
  }

  /** Returns A times B plus C, of 8-bit integers with a 32-bit accumulator. */
  public int[] mmaInt8(byte[] fragA, byte[] fragB, int[] fragC, MMAShape shape) {
    return fragC;
  }

  /** Stores an accumulator fragment of integers as rows of {@code stride} in global memory. */
  public void mmaStoreInt(int[] fragD, IntArray out, int row, int col, int stride) {}

  /** Loads an A fragment of 8-bit floating-point numbers, as {@link #mmaLoadAInt8} does. */
  public byte[] mmaLoadAFP8(int[] aTile, int tileK) {
    return new byte[16];
  }

  /** Loads a B fragment of 8-bit floating-point numbers, as {@link #mmaLoadBInt8} does. */
  public byte[] mmaLoadBFP8(int[] bTile, int tileK) {
    return new byte[8];
  }

  /** Returns A times B plus C: bytes with 4 bits of exponent, a single-precision accumulator. */
  public float[] mmaFP8E4M3(byte[] fragA, byte[] fragB, float[] fragC, MMAShape shape) {
    return fragC;
  }

  /** Returns A times B plus C: bytes with 5 bits of exponent, a single-precision accumulator. */
  public float[] mmaFP8E5M2(byte[] fragA, byte[] fragB, float[] fragC, MMAShape shape) {
    return fragC;
  }

  /** Stores an accumulator fragment as rows of {@code dimN} numbers in global memory. */
  public void mmaStore(float[] fragD, FloatArray c, int tileRow, int tileCol, int dimN) {}

  /** Starts the copy of two numbers to one element of a local tile, past the registers. */
  public void asyncCopyToLocal(int[] dstTile, int dstIndex, HalfFloatArray src, int srcIndex) {
    int low = src.get(srcIndex).getHalfFloatValue() & 0xFFFF;
    int high = src.get(srcIndex + 1).getHalfFloatValue() & 0xFFFF;
    dstTile[dstIndex] = low | high << 16;
  }

  /** Starts the copy of four bytes to one element of a local tile, past the registers. */
  public void asyncCopyToLocal(int[] dstTile, int dstIndex, ByteArray src, int srcIndex) {
    int packed = 0;
    for (int i = 0; i < Integer.BYTES; i++) {
      packed |= (src.get(srcIndex + i) & 0xFF) << (i * Byte.SIZE);
    }
    dstTile[dstIndex] = packed;
  }

  /** Ends a group of copies: those started since the last call. */
  public void asyncCopyCommit() {}

  /** Waits until at most {@code groups}, a constant, of this thread's groups are under way. */
  public void asyncCopyWaitGroup(int groups) {}
}
