package io.tidegate.json;

/** One step of a {@link JsonPointer}: a member's name in UTF-8, and an element's index where it can be one. */
final class ReferenceToken {

    private static final int NO_INDEX = -1;

    private final byte[] name;
    private final int index;
    private final boolean plain;

    ReferenceToken(byte[] name) {
        this.name = name;
        this.index = index(name);
        this.plain = isPlain(name);
    }

    byte[] name() {
        return name;
    }

    /** The element it stands for in an array, or -1 when none: no index, or beyond 2^31 - 1. */
    int index() {
        return index;
    }

    /** Whether JSON strings can hold the name as it is, without escapes. */
    boolean isPlain() {
        return plain;
    }

    /** RFC 6901, section 4: digits, no leading zero. */
    private static int index(byte[] name) {
        if (name.length == 0 || name.length > 10 || (name[0] == '0' && name.length > 1)) {
            return NO_INDEX;
        }
        long index = 0;
        for (byte b : name) {
            if (b < '0' || b > '9') {
                return NO_INDEX;
            }
            index = index * 10 + (b - '0');
        }
        return index <= Integer.MAX_VALUE ? (int) index : NO_INDEX;
    }

    private static boolean isPlain(byte[] name) {
        for (byte b : name) {
            if (b == '"' || b == '\\' || (b >= 0 && b < ' ')) {
                return false;
            }
        }
        return true;
    }
}
