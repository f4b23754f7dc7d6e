package io.github.hydragen.simulator.bytecode;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.classfile.ClassFile;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The warning for kernels that would run in the interpreter. */
class HugeMethodsTest {

  private static byte[] twinOf(int bytes) {
    return ClassFile.of()
        .build(
            ClassDesc.of("Made"),
            builder ->
                builder.withMethodBody(
                    "kernel" + KernelLoader.TWIN_SUFFIX,
                    ConstantDescs.MTD_void,
                    ClassFile.ACC_STATIC,
                    code -> {
                      for (int i = 1; i < bytes; i++) {
                        code.nop();
                      }
                      code.return_();
                    }));
  }

  @Test
  void onlyLongOnesAreNamed() {
    assertEquals(List.of(), HugeMethods.find(twinOf(7999)));
    List<String> lines = HugeMethods.find(twinOf(8000));
    assertEquals(1, lines.size());
    assertTrue(lines.getFirst().contains("form of kernel takes 8000 bytes"), lines.getFirst());
  }
}
