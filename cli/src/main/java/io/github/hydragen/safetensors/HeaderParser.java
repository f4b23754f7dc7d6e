package io.github.hydragen.safetensors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonParser.NumberType;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads a header's JSON as a stream, so that a hostile one cannot ask for more than its size. */
final class HeaderParser {
  private static final int MAX_DEPTH = 16;
  private static final int MAX_RANK = 64;
  private static final int MAX_NAME = 1 << 16;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxNameLength(MAX_NAME)
                  .maxNumberLength(32)
                  .build())
          .build();

  private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();
  private @Nullable Map<String, String> metadata;
  private final JsonParser json;

  private HeaderParser(JsonParser json) {
    this.json = json;
  }

  /**
   * Parses a header.
   *
   * @throws Header.Malformed if it is not UTF-8, not JSON or not a header
   */
  static Header parse(byte[] utf8) throws Header.Malformed {
    if (utf8.length == 0 || utf8[0] != '{') {
      throw new Header.Malformed("the header does not begin with { : not a safetensors file?");
    }
    try (JsonParser json = JSON.createParser(strictUtf8(utf8))) {
      return new HeaderParser(json).header();
    } catch (CharacterCodingException e) {
      throw new Header.Malformed("the header is not UTF-8");
    } catch (JsonProcessingException e) {
      throw new Header.Malformed("the header is not JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw new AssertionError("reading an array fails in no other way", e);
    }
  }

  private static Reader strictUtf8(byte[] utf8) {
    return new InputStreamReader(
        new ByteArrayInputStream(utf8),
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT));
  }

  private Header header() throws IOException, Header.Malformed {
    json.nextToken();
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String name = json.currentName();
      json.nextToken();
      if (name.equals(Header.METADATA)) {
        readMetadata();
      } else if (tensors.put(name, readTensor(name)) != null) {
        throw new Header.Malformed("two tensors are named " + Text.quote(name));
      }
    }
    if (json.nextToken() != null) {
      throw new Header.Malformed("there is text behind the header's JSON object");
    }
    return new Header(tensors, metadata == null ? Map.of() : metadata);
  }

  private void readMetadata() throws IOException, Header.Malformed {
    if (metadata != null) {
      throw new Header.Malformed("there are two " + Header.METADATA);
    }
    require(JsonToken.START_OBJECT, Header.METADATA + " is not an object of strings");
    Map<String, String> strings = new LinkedHashMap<>();
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String key = json.currentName();
      json.nextToken();
      require(JsonToken.VALUE_STRING, "metadata " + Text.quote(key) + " is not a string");
      if (strings.put(key, json.getText()) != null) {
        throw new Header.Malformed("there are two metadata " + Text.quote(key));
      }
    }
    metadata = strings;
  }

  private TensorInfo readTensor(String name) throws IOException, Header.Malformed {
    String tensor = "tensor " + Text.quote(name);
    require(JsonToken.START_OBJECT, tensor + " is not described by an object");
    Set<String> seen = new HashSet<>();
    ElementType type = null;
    List<Long> shape = null;
    List<Long> offsets = null;
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String field = json.currentName();
      json.nextToken();
      if (!seen.add(field)) {
        throw new Header.Malformed(tensor + " has two " + Text.quote(field));
      }
      switch (field) {
        case "dtype" -> type = readType(tensor);
        case "shape" -> shape = readSizes(tensor + ": shape");
        case "data_offsets" -> offsets = readSizes(tensor + ": data_offsets");
        default -> json.skipChildren();
      }
    }
    if (type == null || shape == null || offsets == null) {
      throw new Header.Malformed(tensor + " lacks dtype, shape or data_offsets");
    }
    if (offsets.size() != 2 || offsets.get(0) > offsets.get(1)) {
      throw new Header.Malformed(
          tensor + ": data_offsets are " + offsets + ", not a begin and an end behind it");
    }
    return new TensorInfo(name, type, shape, offsets.get(0), offsets.get(1));
  }

  private ElementType readType(String tensor) throws IOException, Header.Malformed {
    require(JsonToken.VALUE_STRING, tensor + ": dtype is not a string");
    ElementType type = ElementType.named(json.getText());
    if (type == null) {
      throw new Header.Malformed(tensor + " has the unknown dtype " + Text.quote(json.getText()));
    }
    return type;
  }

  private List<Long> readSizes(String what) throws IOException, Header.Malformed {
    require(JsonToken.START_ARRAY, what + " is not an array");
    List<Long> sizes = new ArrayList<>();
    while (json.nextToken() != JsonToken.END_ARRAY) {
      require(JsonToken.VALUE_NUMBER_INT, what + " holds something that is not an integer");
      if (json.getNumberType() == NumberType.BIG_INTEGER || json.getLongValue() < 0) {
        throw new Header.Malformed(
            what + " holds " + json.getText() + ": it must be 0 to 2^63 - 1");
      }
      if (sizes.size() == MAX_RANK) {
        throw new Header.Malformed(what + " has more than " + MAX_RANK + " numbers");
      }
      sizes.add(json.getLongValue());
    }
    return sizes;
  }

  private void require(JsonToken token, String otherwise) throws Header.Malformed {
    if (json.currentToken() != token) {
      throw new Header.Malformed(otherwise);
    }
  }
}
