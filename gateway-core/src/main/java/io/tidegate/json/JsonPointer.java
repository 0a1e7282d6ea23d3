package io.tidegate.json;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A JSON Pointer (RFC 6901): the way to one value inside a JSON text, such as {@code /params/0/id}; the empty pointer is
 * the text's own value.
 *
 * <p>A reference token of digits without a leading zero is an index where it meets an array, and a member name where it
 * meets an object. {@code -}, the element behind an array's last one, never exists.
 *
 * <p><b>State:</b> immutable; made once, at configuration, so that a scan compares bytes with bytes.
 */
public final class JsonPointer {

    private final String text;
    private final ReferenceToken[] tokens;

    private JsonPointer(String text, ReferenceToken[] tokens) {
        this.text = text;
        this.tokens = tokens;
    }

    /**
     * Reads a pointer in its string form (RFC 6901, section 3), not in its URI form.
     *
     * @throws IllegalArgumentException if it isn't one; the message says which character at which position, and what was
     *     expected
     */
    public static JsonPointer parse(String text) {
        List<ReferenceToken> tokens = new ArrayList<>();
        int at = 0;
        while (at < text.length()) {
            if (text.charAt(at) != '/') {
                throw unexpected(text, at, "'/' or an empty pointer");
            }
            StringBuilder name = new StringBuilder();
            at = readToken(text, at + 1, name);
            tokens.add(new ReferenceToken(name.toString().getBytes(StandardCharsets.UTF_8)));
        }
        return new JsonPointer(text, tokens.toArray(new ReferenceToken[0]));
    }

    /** Reads one reference token, up to the next slash or the end, whose index it returns. */
    private static int readToken(String text, int from, StringBuilder name) {
        int at = from;
        while (at < text.length() && text.charAt(at) != '/') {
            char c = text.charAt(at);
            if (c == '~') {
                at++;
                char escaped = at < text.length() ? text.charAt(at) : 0;
                if (escaped != '0' && escaped != '1') {
                    throw unexpected(text, at, "0 or 1 after '~'");
                }
                name.append(escaped == '0' ? '~' : '/');
            } else {
                if (Character.isHighSurrogate(c)
                        && at + 1 < text.length()
                        && Character.isLowSurrogate(text.charAt(at + 1))) {
                    name.append(c);
                    at++;
                } else if (Character.isSurrogate(c)) {
                    throw unexpected(text, at, "a surrogate pair");
                }
                name.append(text.charAt(at));
            }
            at++;
        }
        return at;
    }

    private static IllegalArgumentException unexpected(String text, int at, String expected) {
        return new IllegalArgumentException(
                "pointer \"" + text + "\": " + describe(text, at) + " (expected: " + expected + ')');
    }

    private static String describe(String text, int at) {
        if (at == text.length()) {
            return "ends at " + at;
        }
        char c = text.charAt(at);
        String shown = Character.isSurrogate(c) ? String.format("U+%04X", (int) c) : "'" + c + "'";
        return shown + " at " + at;
    }

    /** Containers between the text's own value and the one pointed to. */
    int length() {
        return tokens.length;
    }

    ReferenceToken token(int index) {
        return tokens[index];
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof JsonPointer pointer && pointer.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    /** The pointer as it was read. */
    @Override
    public String toString() {
        return text;
    }
}
