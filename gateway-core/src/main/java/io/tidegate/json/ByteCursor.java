package io.tidegate.json;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Reads the bytes of a {@link ByteBuf} one after another, from an array: that of a heap buffer itself, or else a window
 * into which it copies what comes next. Runs of ordinary text are passed eight bytes at a time.
 */
final class ByteCursor {

    /** Instead of a byte: there is none. */
    static final int END = 0x100;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long HIGH_BITS = 0x8080808080808080L;

    private static final int WINDOW = 1024;
    private static final byte[] NOTHING = {};

    private ByteBuf source = Unpooled.EMPTY_BUFFER;
    /** Index of the source behind the last byte that may be read. */
    private int end;

    /** Made when first needed. */
    private byte[] window = NOTHING;
    /** The window, or the array of a heap buffer. */
    private byte[] bytes = NOTHING;
    /** Next byte, as an index of {@code bytes}; {@code shift} added, an index of the source. */
    private int at;
    /** Index of {@code bytes} behind the last one loaded. */
    private int limit;

    private int shift;

    /** Goes to the beginning of a text; {@link #close()} must follow. */
    void open(ByteBuf text, int from, int to) {
        source = text;
        end = to;
        if (text.hasArray()) {
            bytes = text.array();
            shift = -text.arrayOffset();
            at = from - shift;
            limit = to - shift;
        } else {
            if (window == NOTHING) {
                window = new byte[WINDOW];
            }
            bytes = window;
            shift = from;
            at = 0;
            limit = 0;
        }
    }

    /** Lets go of the text. */
    void close() {
        source = Unpooled.EMPTY_BUFFER;
        bytes = NOTHING;
    }

    /** Moves the end so that at most so many bytes are left; false when there aren't more anyway. */
    boolean narrow(int count) {
        if (count >= end - position()) {
            return false;
        }
        end = position() + count;
        limit = Math.min(limit, end - shift);
        return true;
    }

    /** Index of the buffer at which the next byte stands. */
    int position() {
        return at + shift;
    }

    /** Whether so many bytes stand next without another load. */
    boolean reaches(int count) {
        return limit - at >= count;
    }

    /** The next byte, not passed, or {@link #END}. */
    int peek() {
        return at < limit || load() ? bytes[at] : END;
    }

    /** The next byte, passed, or {@link #END}. */
    int take() {
        return at < limit || load() ? bytes[at++] : END;
    }

    /** Passes the byte that {@link #peek()} or {@link #token()} saw. */
    void pass() {
        at++;
    }

    /** Passes whitespace; the next byte behind it, not passed, or {@link #END}. */
    int token() {
        if (at < limit) {
            byte b = bytes[at];
            if (b > ' ') {
                return b;
            }
        }
        return tokenBehindSpace();
    }

    private int tokenBehindSpace() {
        while (at < limit || load()) {
            byte b = bytes[at];
            if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
                return b;
            }
            at++;
        }
        return END;
    }

    /** Passes those bytes and a quote behind them, if they stand next and are {@linkplain #reaches within reach}. */
    boolean quoted(byte[] expected) {
        int length = expected.length;
        if (limit - at <= length || bytes[at + length] != '"') {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (bytes[at + i] != expected[i]) {
                return false;
            }
        }
        at += length + 1;
        return true;
    }

    /** Passes all up to a quote, a backslash, a control character or {@link #END}, passes that too and returns it. */
    int takeSpecial() {
        do {
            at = special(bytes, at, limit);
        } while (at == limit && load());
        return take();
    }

    /** Index of the first quote, backslash or control character, or {@code to}. */
    private static int special(byte[] bytes, int from, int to) {
        int at = from;
        for (; at <= to - Long.BYTES; at += Long.BYTES) {
            long eight = (long) LONGS.get(bytes, at);
            // Sets the high bit of each byte looked for; of those above the lowest, some may be false. With bit 1
            // flipped, the quote is the next number behind the control characters.
            long quoteOrControl = (eight ^ 0x02 * ONES) - 0x21 * ONES;
            long backslash = (eight ^ '\\' * ONES) - ONES;
            long found = (quoteOrControl | backslash) & ~eight & HIGH_BITS;
            if (found != 0) {
                return at + (Long.numberOfTrailingZeros(found) >>> 3);
            }
        }
        while (at < to && !isSpecial(bytes[at])) {
            at++;
        }
        return at;
    }

    private static boolean isSpecial(byte b) {
        return b == '"' || b == '\\' || (b >= 0 && b < ' ');
    }

    /** Brings what comes next into the window, once it was read to its end; false when there is nothing. */
    private boolean load() {
        int from = position();
        int length = Math.min(end - from, WINDOW);
        if (length == 0) {
            return false;
        }
        source.getBytes(from, bytes, 0, length);
        shift = from;
        at = 0;
        limit = length;
        return true;
    }
}
