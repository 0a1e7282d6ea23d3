package io.tidegate.json;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * All that a scan says.
 *
 * @param what status, and type where found
 * @param offset from the beginning of the text; 0 unless found
 * @param length as it stands in the text, in bytes; 0 unless found
 * @param key in hexadecimal digits; empty unless found
 */
record Outcome(String what, int offset, int length, String key) {

    static Outcome of(ScanStatus status) {
        return new Outcome(status.name(), 0, 0, "");
    }

    static Outcome found(ScalarType type, int offset, int length, byte[] text) {
        byte[] key = new byte[1 + text.length];
        key[0] = type.tag();
        System.arraycopy(text, 0, key, 1, text.length);
        return new Outcome("FOUND " + type, offset, length, HexFormat.of().formatHex(key));
    }

    /** Scans the readable bytes of {@code text}, whose indexes must stay as they are. */
    static Outcome scan(PointerScanner scanner, JsonPointer pointer, ByteBuf text) {
        int from = text.readerIndex();
        int to = text.writerIndex();
        ScanStatus status = scanner.scan(pointer, text);
        if (text.readerIndex() != from || text.writerIndex() != to) {
            throw new AssertionError("indexes were moved");
        }
        if (status != ScanStatus.FOUND) {
            return of(status);
        }
        byte[] key = new byte[scanner.maxKeyBytes()];
        int length = scanner.key(text, key);
        return new Outcome(
                "FOUND " + scanner.type(),
                scanner.offset() - from,
                scanner.length(),
                HexFormat.of().formatHex(Arrays.copyOf(key, length)));
    }

    boolean isFound() {
        return what.startsWith("FOUND");
    }

    boolean is(ScanStatus status) {
        return what.equals(status.name());
    }

    Outcome withoutKey() {
        return new Outcome(what, offset, length, "");
    }
}
