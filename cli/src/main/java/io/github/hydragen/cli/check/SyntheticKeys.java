package io.github.hydragen.cli.check;

import io.github.hydragen.cli.check.SyntheticTokens.Kind;
import io.github.hydragen.reference.KeyValues;
import java.util.List;

/** The keys and values that one query head sees, made again from their streams. */
public final class SyntheticKeys implements KeyValues {
  /**
   * The first tokens of a stream.
   *
   * @param stream see {@link SyntheticTokens}
   * @param length tokens, 0 or more
   */
  public record Span(long stream, int length) {}

  private final SyntheticTokens tokens;
  private final List<Span> spans;
  private final int firstElement;
  private final int length;

  /**
   * Keys of one head.
   *
   * @param spans the prefixes, outermost first, then the suffix
   * @param kvHead the key/value head
   * @param headDim elements of a head
   */
  public SyntheticKeys(SyntheticTokens tokens, List<Span> spans, int kvHead, int headDim) {
    this.tokens = tokens;
    this.spans = List.copyOf(spans);
    this.firstElement = kvHead * headDim;
    this.length = spans.stream().mapToInt(Span::length).sum();
  }

  @Override
  public int length() {
    return length;
  }

  @Override
  public void key(int j, float[] into) {
    read(Kind.KEY, j, into);
  }

  @Override
  public void value(int j, float[] into) {
    read(Kind.VALUE, j, into);
  }

  private void read(Kind kind, int j, float[] into) {
    int position = j;
    for (Span span : spans) {
      if (position < span.length()) {
        tokens.read(kind, span.stream(), position, firstElement, into);
        return;
      }
      position -= span.length();
    }
    throw new IndexOutOfBoundsException("key " + j + " of " + length);
  }
}
