package io.tidegate.json;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.Objects;

/**
 * Finds the scalar that a {@link JsonPointer} points to, in the bytes of a JSON text (RFC 8259, UTF-8), without building
 * anything from them.
 *
 * <p>It reads forward and stops as soon as it knows: <em>what stands behind the scalar isn't looked at</em>, so broken JSON
 * there goes unnoticed. Up to there the grammar is checked, skipped values included. Of several members of one name the
 * first counts. Names and strings are compared by what they say, whether written with escapes or without.
 *
 * <p>Bytes above 0x7f are taken as they are wherever strings may have them: whether they are valid UTF-8 is for the
 * WebSocket layer to check. A byte order mark in front is skipped.
 *
 * <p><b>Threads:</b> one at a time. <b>Ownership:</b> the buffer stays the caller's; its indexes are neither used, where
 * others are given, nor moved, and no reference to it is kept. <b>State:</b> what the last scan found; reusable, for
 * different pointers too. No allocation per scan; one window of 1 KiB per scanner, made when it first meets a buffer
 * without an array.
 */
public final class PointerScanner {

    /** Bytes that escape sequences can take for one byte of UTF-8. */
    private static final int LONGEST_ESCAPE = 6;

    private final ScanLimits limits;
    private final JsonCursor cursor;

    /** Where names with escapes are unescaped. */
    private byte[] name = {};

    private ScalarType type = ScalarType.STRING;
    private int offset;
    private int length;
    private boolean escapes;

    /** @param limits how far to go */
    public PointerScanner(ScanLimits limits) {
        this.limits = limits;
        this.cursor = new JsonCursor(limits.depth());
    }

    /** Searches the readable bytes of {@code text}. */
    public ScanStatus scan(JsonPointer pointer, ByteBuf text) {
        return scan(pointer, text, text.readerIndex(), text.writerIndex());
    }

    /**
     * Searches {@code text} from {@code from} to {@code to}, both indexes of the buffer.
     *
     * @return {@link ScanStatus#FOUND} if {@link #type()}, {@link #offset()}, {@link #length()}, {@link #from()},
     *     {@link #to()}, {@link #escapes()} and {@link #key} may be asked for now
     */
    public ScanStatus scan(JsonPointer pointer, ByteBuf text, int from, int to) {
        // The array of a heap buffer may well go on where the buffer ends.
        Objects.checkFromToIndex(from, to, text.capacity());
        cursor.open(text, from, to);
        try {
            cursor.narrow(limits.bytes(), ScanStatus.TOO_LARGE);
            for (int i = 0; i < pointer.length(); i++) {
                ScanStatus status = descend(pointer.token(i), text);
                if (status != ScanStatus.FOUND) {
                    return status;
                }
            }
            return scalar();
        } finally {
            cursor.close();
        }
    }

    /** Goes from a container to the value that the token stands for. */
    private ScanStatus descend(ReferenceToken token, ByteBuf text) {
        int first = cursor.token();
        if (first == '{') {
            return cursor.enter(true) ? member(token, text) : cursor.failure();
        }
        if (first == '[') {
            return cursor.enter(false) ? element(token.index()) : cursor.failure();
        }
        return cursor.scalar(first) ? ScanStatus.MISSING : cursor.failure();
    }

    private ScanStatus member(ReferenceToken token, ByteBuf text) {
        if (cursor.token() == '}') {
            return ScanStatus.MISSING;
        }
        while (true) {
            if (!cursor.pass('"')) {
                return cursor.failure();
            }
            boolean same = token.isPlain() && cursor.stringIs(token.name());
            if (!same) {
                boolean compared = cursor.reaches(token.name().length + 1);
                int begin = cursor.position();
                if (!cursor.string()) {
                    return cursor.failure();
                }
                int raw = cursor.position() - 1 - begin;
                same = (cursor.escapes() || !compared) && isName(token.name(), text, begin, raw);
            }
            if (!cursor.pass(':')) {
                return cursor.failure();
            }
            if (same) {
                return ScanStatus.FOUND;
            }
            if (!cursor.value()) {
                return cursor.failure();
            }
            if (cursor.token() == '}') {
                return ScanStatus.MISSING;
            }
            if (!cursor.pass(',')) {
                return cursor.failure();
            }
        }
    }

    /** Whether the raw text of a name, which may have escapes, says {@code expected}. */
    private boolean isName(byte[] expected, ByteBuf text, int begin, int raw) {
        if (raw < expected.length || raw > expected.length * LONGEST_ESCAPE) {
            return false;
        }
        if (name.length < raw) {
            name = new byte[expected.length * LONGEST_ESCAPE];
        }
        text.getBytes(begin, name, 0, raw);
        int unescaped = Escapes.unescape(name, 0, raw);
        return Arrays.equals(name, 0, unescaped, expected, 0, expected.length);
    }

    private ScanStatus element(int index) {
        if (cursor.token() == ']') {
            return ScanStatus.MISSING;
        }
        for (int i = 0; i != index; i++) {
            if (!cursor.value()) {
                return cursor.failure();
            }
            if (cursor.token() == ']') {
                return ScanStatus.MISSING;
            }
            if (!cursor.pass(',')) {
                return cursor.failure();
            }
        }
        return ScanStatus.FOUND;
    }

    /** Judges the value pointed to. */
    private ScanStatus scalar() {
        int first = cursor.token();
        if (first == '{' || first == '[') {
            return ScanStatus.NOT_SCALAR;
        }
        int quote = first == '"' ? 1 : 0;
        int begin = cursor.position() + quote;
        // The byte behind it tells a scalar of the greatest length from a longer one.
        cursor.narrow(quote + limits.scalarBytes() + 1, ScanStatus.TOO_LONG);
        if (!cursor.scalar(first)) {
            return cursor.failure();
        }
        if (first == 'n') {
            return ScanStatus.NULL;
        }
        type = typeOf(first);
        offset = begin;
        length = cursor.position() - quote - begin;
        escapes = quote == 1 && cursor.escapes();
        // A number that is the whole text may end where the text does, one byte too late.
        return length <= limits.scalarBytes() ? ScanStatus.FOUND : ScanStatus.TOO_LONG;
    }

    private static ScalarType typeOf(int first) {
        return switch (first) {
            case '"' -> ScalarType.STRING;
            case 't' -> ScalarType.TRUE;
            case 'f' -> ScalarType.FALSE;
            default -> ScalarType.NUMBER;
        };
    }

    /** What the last scan found. */
    public ScalarType type() {
        return type;
    }

    /** Index in the buffer of the scalar's first byte, behind the quote of a string. */
    public int offset() {
        return offset;
    }

    /** Bytes of the scalar as it stands in the text, without the quotes of a string. */
    public int length() {
        return length;
    }

    /** Index in the buffer of the first byte of the scalar as it is written, that is of the quote of a string. */
    public int from() {
        return type == ScalarType.STRING ? offset - 1 : offset;
    }

    /** Index in the buffer behind the scalar as it is written, that is behind the second quote of a string. */
    public int to() {
        return type == ScalarType.STRING ? offset + length + 1 : offset + length;
    }

    /** Whether the scalar is a string written with escape sequences. */
    public boolean escapes() {
        return escapes;
    }

    /** Room that {@link #key} needs at most, in bytes. */
    public int maxKeyBytes() {
        return 1 + limits.scalarBytes();
    }

    /**
     * Copies the scalar found as a key: its {@linkplain ScalarType#tag() type}, then the text of a string in UTF-8, unescaped,
     * or that of a number or literal as it is written. So {@code "/"} and {@code "\/"} make one key; {@code 1},
     * {@code 1.0} and {@code "1"} make three. An escaped surrogate without its other half keeps its number, in three bytes.
     *
     * @param text the buffer that was scanned, as it was then
     * @param target where the key goes, from index 0 on; at least {@link #maxKeyBytes()} long
     * @return length of the key, in bytes
     */
    public int key(ByteBuf text, byte[] target) {
        target[0] = type.tag();
        text.getBytes(offset, target, 1, length);
        return escapes ? Escapes.unescape(target, 1, 1 + length) : 1 + length;
    }
}
