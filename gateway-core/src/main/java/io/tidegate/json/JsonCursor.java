package io.tidegate.json;

import static io.tidegate.json.ByteCursor.END;

import io.netty.buffer.ByteBuf;

/**
 * Steps forward over the values of one JSON text (RFC 8259), checking their grammar, making nothing of them. Steps that can
 * fail say whether they succeeded; after one that didn't, {@link #failure()} says why, and no other may follow.
 */
final class JsonCursor {

    private static final int BYTE_ORDER_MARK = 0xEFBBBF;

    private final ByteCursor in = new ByteCursor();

    /** For each container that is open, outermost first, whether it is an object. */
    private final boolean[] objects;

    private int depth;

    /** What it means to come to the end too early. */
    private ScanStatus atEnd = ScanStatus.NOT_JSON;

    private ScanStatus failure = ScanStatus.NOT_JSON;
    private boolean escapes;

    JsonCursor(int maxDepth) {
        this.objects = new boolean[maxDepth];
    }

    /** Goes to the beginning of a text, behind a byte order mark; {@link #close()} must follow. */
    void open(ByteBuf text, int from, int to) {
        boolean marked = to - from >= 3 && text.getUnsignedMedium(from) == BYTE_ORDER_MARK;
        in.open(text, marked ? from + 3 : from, to);
        depth = 0;
        atEnd = ScanStatus.NOT_JSON;
    }

    /** Lets go of the text. */
    void close() {
        in.close();
    }

    /** Reads at most so many bytes from here on; needing more is a failure of that kind. */
    void narrow(int count, ScanStatus kind) {
        if (in.narrow(count)) {
            atEnd = kind;
        }
    }

    /** Index of the buffer at which the next byte stands. */
    int position() {
        return in.position();
    }

    ScanStatus failure() {
        return failure;
    }

    /** Passes whitespace; the next byte behind it, not passed, or {@link ByteCursor#END}. */
    int token() {
        return in.token();
    }

    /** Passes whitespace and one byte, which must be this. */
    boolean pass(char expected) {
        int b = in.token();
        if (b != expected) {
            return unexpected(b);
        }
        in.pass();
        return true;
    }

    /** Passes whitespace, behind which nothing may stand. */
    boolean end() {
        int b = in.token();
        return (b == END && atEnd == ScanStatus.NOT_JSON) || unexpected(b);
    }

    /** Passes the opening of a container, which stands next. */
    boolean enter(boolean object) {
        if (depth == objects.length) {
            failure = ScanStatus.TOO_DEEP;
            return false;
        }
        objects[depth++] = object;
        in.pass();
        return true;
    }

    /** Passes the end of a container, which stands next. */
    void leave() {
        in.pass();
        depth--;
    }

    private static char closing(boolean object) {
        return object ? '}' : ']';
    }

    /** Passes whitespace and a value of whatever type. */
    boolean value() {
        int outside = depth;
        do {
            int b = in.token();
            boolean object = b == '{';
            if (!object && b != '[') {
                if (!scalar(b)) {
                    return false;
                }
            } else if (!enter(object)) {
                return false;
            } else if (in.token() == closing(object)) {
                leave();
            } else if (object && !name()) {
                return false;
            } else {
                continue;
            }
            if (!next(outside)) {
                return false;
            }
        } while (depth > outside);
        return true;
    }

    /** Passes what stands between a value and the next one, or all up to the end of the containers inside that depth. */
    private boolean next(int outside) {
        while (depth > outside) {
            int b = in.token();
            boolean object = objects[depth - 1];
            if (b == ',') {
                in.pass();
                return !object || name();
            }
            if (b != closing(object)) {
                return unexpected(b);
            }
            leave();
        }
        return true;
    }

    /** Passes a member's name and the colon. */
    private boolean name() {
        return pass('"') && string() && pass(':');
    }

    /** Passes a value that begins with this byte, which stands next, and isn't a container. */
    boolean scalar(int first) {
        return switch (first) {
            case '"' -> {
                in.pass();
                yield string();
            }
            case 't' -> literal("true");
            case 'f' -> literal("false");
            case 'n' -> literal("null");
            default -> number();
        };
    }

    /** Whether the next {@code bytes} bytes can be looked at in one piece, for {@link #stringIs}. */
    boolean reaches(int bytes) {
        return in.reaches(bytes);
    }

    /** Passes the rest of a string, behind its opening quote, if it consists of those bytes, all within reach. */
    boolean stringIs(byte[] expected) {
        return in.quoted(expected);
    }

    /** Passes the rest of a string, behind its opening quote. */
    boolean string() {
        escapes = false;
        while (true) {
            int b = in.takeSpecial();
            if (b == '"') {
                return true;
            }
            if (b != '\\') {
                return unexpected(b);
            }
            escapes = true;
            if (!escape()) {
                return false;
            }
        }
    }

    /** Whether the string passed last contains escape sequences. */
    boolean escapes() {
        return escapes;
    }

    /** Passes the rest of an escape sequence, behind the backslash. */
    private boolean escape() {
        int b = in.take();
        return switch (b) {
            case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> true;
            case 'u' -> hexDigits(4);
            default -> unexpected(b);
        };
    }

    private boolean hexDigits(int count) {
        for (int i = 0; i < count; i++) {
            int b = in.take();
            if (!isDigit(b) && !(b >= 'a' && b <= 'f') && !(b >= 'A' && b <= 'F')) {
                return unexpected(b);
            }
        }
        return true;
    }

    private static boolean isDigit(int b) {
        return b >= '0' && b <= '9';
    }

    private boolean literal(String expected) {
        for (int i = 0; i < expected.length(); i++) {
            int b = in.take();
            if (b != expected.charAt(i)) {
                return unexpected(b);
            }
        }
        return delimited();
    }

    private boolean number() {
        if (in.peek() == '-') {
            in.pass();
        }
        if (in.peek() == '0') {
            in.pass();
        } else if (!digits()) {
            return false;
        }
        if (in.peek() == '.') {
            in.pass();
            if (!digits()) {
                return false;
            }
        }
        int exponent = in.peek();
        if (exponent == 'e' || exponent == 'E') {
            in.pass();
            int sign = in.peek();
            if (sign == '+' || sign == '-') {
                in.pass();
            }
            if (!digits()) {
                return false;
            }
        }
        return delimited();
    }

    /** Passes digits, at least one. */
    private boolean digits() {
        int b = in.peek();
        if (!isDigit(b)) {
            return unexpected(b);
        }
        do {
            in.pass();
        } while (isDigit(in.peek()));
        return true;
    }

    /** Whether a number or a literal ends here. */
    private boolean delimited() {
        int b = in.peek();
        boolean ends = switch (b) {
            case ' ', '\n', '\r', '\t' -> true;
            case ',', ']', '}' -> depth > 0;
            case END -> depth == 0 && atEnd == ScanStatus.NOT_JSON;
            default -> false;
        };
        return ends || unexpected(b);
    }

    private boolean unexpected(int b) {
        failure = b == END ? atEnd : ScanStatus.NOT_JSON;
        return false;
    }
}
