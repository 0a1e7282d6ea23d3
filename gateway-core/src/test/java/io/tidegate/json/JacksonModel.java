package io.tidegate.json;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.Reader;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import net.jqwik.api.Assume;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonPointer;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;

/**
 * What Jackson's streaming parser, asked for tokens no longer than until the answer is known, says about the scalar at a
 * pointer. It has limits of its own for the length of names, numbers and strings, which are lifted here.
 *
 * <p>One rule is added to Jackson's: a number or a literal must end at a delimiter, or at the end of a text that consists
 * of nothing else. Jackson takes that for the next token's business. And one is taken away: texts that Jackson refuses
 * because of an unpaired surrogate in a name are left out; JSON's grammar has them, and Jackson lets them pass in values.
 */
final class JacksonModel {

    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .maxStringLength(Integer.MAX_VALUE)
                    .build())
            .build();

    private static final Pattern UNPAIRED_IN_NAME = Pattern.compile("surrogate.* in property name");
    private static final Pattern WORD = Pattern.compile("Unrecognized token '([^']*)'");
    private static final Pattern INFINITY = Pattern.compile("[-+]I\\w*$");
    /** What it says of a plus sign at the end, which could begin an infinity. */
    private static final String SIGN = "Unexpected end-of-input in a Number value";

    private static final List<String> LITERALS = List.of("true", "false", "null");

    private final byte[] text;
    private final int maxDepth;
    private final JsonParser parser;
    private final ToLongFunction<TokenStreamLocation> offset;
    private final Function<String, byte[]> encoding;
    private int depth;
    /** Whether Jackson met a word that is none of JSON's, of which it reads all that there is, for its message. */
    private boolean misread;

    private JacksonModel(
            byte[] text,
            int maxDepth,
            JsonParser parser,
            ToLongFunction<TokenStreamLocation> offset,
            Function<String, byte[]> encoding) {
        this.text = text;
        this.maxDepth = maxDepth;
        this.parser = parser;
        this.offset = offset;
        this.encoding = encoding;
    }

    /** Has the text read by Jackson's parser of UTF-8. */
    static Outcome utf8(byte[] text, String pointer, int maxDepth) {
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), text)) {
            return new JacksonModel(text, maxDepth, parser, TokenStreamLocation::getByteOffset, JacksonModel::encode)
                    .find(pointer);
        }
    }

    /** Has the text read by Jackson's parser of characters, as if each byte were one. */
    static Outcome bytes(byte[] text, String pointer, int maxDepth) {
        return bytes(text, pointer, maxDepth, null);
    }

    /** The same within limits: if Jackson, given the text up to there, wants more to decide, it is that limit. */
    static Outcome bytes(byte[] text, String pointer, ScanLimits limits) {
        int scalar = scalarOffset(text, pointer, limits.depth());
        int scalarEnd = scalar < 0 ? Integer.MAX_VALUE : scalar + limits.scalarBytes() + 1;
        int cut = Math.min(limits.bytes(), scalarEnd);
        Outcome outcome = cut >= text.length
                ? bytes(text, pointer, limits.depth())
                : bytes(
                        Arrays.copyOf(text, cut),
                        pointer,
                        limits.depth(),
                        cut == limits.bytes() ? ScanStatus.TOO_LARGE : ScanStatus.TOO_LONG);
        return outcome.length() > limits.scalarBytes() ? Outcome.of(ScanStatus.TOO_LONG) : outcome;
    }

    private static Outcome bytes(byte[] text, String pointer, int maxDepth, ScanStatus undecided) {
        ByteByByte reader = new ByteByByte(text);
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), reader)) {
            JacksonModel model = new JacksonModel(
                    text, maxDepth, parser, TokenStreamLocation::getCharOffset, s -> s.getBytes(ISO_8859_1));
            Outcome outcome = model.find(new String(pointer.getBytes(UTF_8), ISO_8859_1));
            return undecided != null && reader.ranOut && !model.misread ? Outcome.of(undecided) : outcome;
        }
    }

    /** Where the scalar begins, behind its quote: at the place where an array could begin and would be the answer. */
    private static int scalarOffset(byte[] text, String pointer, int maxDepth) {
        for (int i = 0; i < text.length; i++) {
            byte[] head = Arrays.copyOf(text, i + 1);
            boolean scalar = "\"-0123456789tfn".indexOf(head[i]) >= 0;
            head[i] = '[';
            if (scalar && bytes(head, pointer, maxDepth).is(ScanStatus.NOT_SCALAR)) {
                return text[i] == '"' ? i + 1 : i;
            }
        }
        return -1;
    }

    private Outcome find(String pointer) {
        try {
            JsonPointer rest = JsonPointer.compile(pointer);
            JsonToken value = parser.nextToken();
            while (!rest.matches()) {
                if (value == null || !value.isStructStart()) {
                    return Outcome.of(value != null && isWhole() ? ScanStatus.MISSING : ScanStatus.NOT_JSON);
                }
                if (++depth > maxDepth) {
                    return Outcome.of(ScanStatus.TOO_DEEP);
                }
                JsonPointer next = value == JsonToken.START_OBJECT ? member(rest) : element(rest);
                if (next == null) {
                    return Outcome.of(depth > maxDepth ? ScanStatus.TOO_DEEP : ScanStatus.MISSING);
                }
                rest = next;
                value = parser.currentToken();
            }
            return value == null ? Outcome.of(ScanStatus.NOT_JSON) : judge(value);
        } catch (JacksonException notJson) {
            String why = notJson.getMessage();
            Assume.that(!UNPAIRED_IN_NAME.matcher(why).find());
            Matcher word = WORD.matcher(why);
            misread = why.contains(SIGN)
                    || INFINITY.matcher(new String(text, ISO_8859_1)).find()
                    || (word.find() && LITERALS.stream().noneMatch(literal -> literal.startsWith(word.group(1))));
            return Outcome.of(ScanStatus.NOT_JSON);
        }
    }

    /** Goes to the value of the member that the pointer names, if there is one. */
    private JsonPointer member(JsonPointer pointer) {
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            JsonPointer rest = pointer.matchProperty(parser.currentName());
            parser.nextToken();
            if (rest != null) {
                return rest;
            }
            if (!skip()) {
                return null;
            }
        }
        return null;
    }

    private JsonPointer element(JsonPointer pointer) {
        for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
            JsonPointer rest = pointer.matchElement(i);
            if (rest != null) {
                return rest;
            }
            if (!skip()) {
                return null;
            }
        }
        return null;
    }

    /** Skips the value at hand; false if it is too deep. */
    private boolean skip() {
        int outside = depth;
        JsonToken token = parser.currentToken();
        while (true) {
            if (token.isStructStart() && ++depth > maxDepth) {
                return false;
            }
            if (token.isStructEnd()) {
                depth--;
            }
            if (depth == outside) {
                parser.finishToken();
                return true;
            }
            token = parser.nextToken();
        }
    }

    private Outcome judge(JsonToken value) {
        if (value.isStructStart()) {
            return Outcome.of(ScanStatus.NOT_SCALAR);
        }
        if (!isWhole()) {
            return Outcome.of(ScanStatus.NOT_JSON);
        }
        if (value == JsonToken.VALUE_NULL) {
            return Outcome.of(ScanStatus.NULL);
        }
        int quote = value == JsonToken.VALUE_STRING ? 1 : 0;
        int begin = (int) offset.applyAsLong(parser.currentTokenLocation()) + quote;
        return Outcome.found(type(value), begin, end() - quote - begin, encoding.apply(parser.getString()));
    }

    private static ScalarType type(JsonToken value) {
        return switch (value) {
            case VALUE_STRING -> ScalarType.STRING;
            case VALUE_TRUE -> ScalarType.TRUE;
            case VALUE_FALSE -> ScalarType.FALSE;
            default -> ScalarType.NUMBER;
        };
    }

    /** Whether the scalar at hand ends well. */
    private boolean isWhole() {
        parser.finishToken();
        int end = end();
        if (parser.currentToken() == JsonToken.VALUE_STRING) {
            return true;
        }
        return end == text.length ? depth == 0 : (depth == 0 ? " \n\r\t" : ",]} \n\r\t").indexOf(text[end]) >= 0;
    }

    /** Behind the token at hand; Jackson's own position may be behind the space that follows a number. */
    private int end() {
        int end = (int) offset.applyAsLong(parser.currentLocation());
        return parser.currentToken().isNumeric()
                ? (int) offset.applyAsLong(parser.currentTokenLocation())
                        + parser.getString().length()
                : end;
    }

    /** UTF-8, where an unpaired surrogate gets the three bytes of its number. */
    static byte[] encode(String string) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        string.codePoints().forEach(c -> {
            if (c >= 0xD800 && c < 0xE000) {
                bytes.write(0xE0 | c >> 12);
                bytes.write(0x80 | c >> 6 & 0x3F);
                bytes.write(0x80 | c & 0x3F);
            } else {
                bytes.writeBytes(Character.toString(c).getBytes(UTF_8));
            }
        });
        return bytes.toByteArray();
    }

    /** Hands out bytes one at a time, each as a character, and knows whether more were wanted. */
    private static final class ByteByByte extends Reader {

        private final byte[] text;
        private int at;
        private boolean ranOut;

        ByteByByte(byte[] text) {
            this.text = text;
        }

        @Override
        public int read(char[] buffer, int offset, int length) {
            if (at == text.length) {
                ranOut = true;
                return -1;
            }
            buffer[offset] = (char) (text[at++] & 0xFF);
            return 1;
        }

        @Override
        public void close() {}
    }
}
