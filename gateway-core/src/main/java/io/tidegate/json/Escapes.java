package io.tidegate.json;

/** Escape sequences of JSON strings (RFC 8259, section 7). */
final class Escapes {

    private Escapes() {}

    /**
     * Replaces the escape sequences between two indexes by what they stand for, in UTF-8, in place, which never takes more
     * bytes. They must be valid. An escaped surrogate without its other half becomes the three bytes that its number would
     * have in UTF-8, so that different texts stay different.
     *
     * @return the index behind the last byte of the outcome
     */
    static int unescape(byte[] bytes, int from, int to) {
        int out = from;
        int in = from;
        while (in < to) {
            byte b = bytes[in++];
            if (b != '\\') {
                bytes[out++] = b;
                continue;
            }
            b = bytes[in++];
            if (b != 'u') {
                bytes[out++] = single(b);
                continue;
            }
            int code = unit(bytes, in);
            in += 4;
            if (Character.isHighSurrogate((char) code) && in < to && bytes[in] == '\\' && bytes[in + 1] == 'u') {
                int low = unit(bytes, in + 2);
                if (Character.isLowSurrogate((char) low)) {
                    code = Character.toCodePoint((char) code, (char) low);
                    in += 6;
                }
            }
            out = encode(code, bytes, out);
        }
        return out;
    }

    /** What a single-letter escape stands for: itself, as of quote, backslash and slash, or a control character. */
    private static byte single(byte letter) {
        return switch (letter) {
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            default -> letter;
        };
    }

    private static int unit(byte[] bytes, int at) {
        return Character.digit(bytes[at], 16) << 12
                | Character.digit(bytes[at + 1], 16) << 8
                | Character.digit(bytes[at + 2], 16) << 4
                | Character.digit(bytes[at + 3], 16);
    }

    private static int encode(int code, byte[] bytes, int at) {
        int out = at;
        if (code < 0x80) {
            bytes[out++] = (byte) code;
            return out;
        }
        if (code < 0x800) {
            bytes[out++] = (byte) (0xC0 | code >> 6);
        } else {
            if (code < 0x10000) {
                bytes[out++] = (byte) (0xE0 | code >> 12);
            } else {
                bytes[out++] = (byte) (0xF0 | code >> 18);
                bytes[out++] = (byte) (0x80 | (code >> 12 & 0x3F));
            }
            bytes[out++] = (byte) (0x80 | (code >> 6 & 0x3F));
        }
        bytes[out++] = (byte) (0x80 | (code & 0x3F));
        return out;
    }
}
