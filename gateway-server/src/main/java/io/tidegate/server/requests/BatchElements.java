package io.tidegate.server.requests;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/** Walks the elements of a JSON array, by brackets and strings only; what is in an element is for others to judge. */
final class BatchElements {

    private ByteBuf text = Unpooled.EMPTY_BUFFER;
    private int at;
    private int end;
    private boolean first;
    private boolean intact;
    private int from;
    private int to;

    /** Goes to the beginning of an array, which stands at this index. */
    void open(ByteBuf array, int start, int limit) {
        text = array;
        at = start + 1;
        end = limit;
        first = true;
        intact = false;
    }

    /** Goes to the next element; false behind the last one, or where the text is broken. */
    boolean next() {
        if (!first) {
            if (at == end || text.getByte(at) != ',') {
                return finish();
            }
            at++;
        }
        from = space(at);
        at = element(from);
        to = at;
        if (from == to) {
            return first && finish();
        }
        first = false;
        return true;
    }

    /** Whether the array ended as it should, known once there is no next element. */
    boolean isIntact() {
        return intact;
    }

    int from() {
        return from;
    }

    int to() {
        return to;
    }

    void close() {
        text = Unpooled.EMPTY_BUFFER;
    }

    private boolean finish() {
        at = space(at);
        intact = at < end && text.getByte(at) == ']' && space(at + 1) == end;
        return false;
    }

    private int space(int index) {
        int next = index;
        while (next < end && isSpace(text.getByte(next))) {
            next++;
        }
        return next;
    }

    static boolean isSpace(byte b) {
        return b == ' ' || b == '\n' || b == '\r' || b == '\t';
    }

    /** Index of the comma or bracket behind an element, or the end. */
    private int element(int index) {
        int depth = 0;
        boolean string = false;
        int next = index;
        for (; next < end; next++) {
            byte b = text.getByte(next);
            if (string) {
                if (b == '\\') {
                    next++;
                } else if (b == '"') {
                    string = false;
                }
            } else if (b == '"') {
                string = true;
            } else if (b == '[' || b == '{') {
                depth++;
            } else if (depth == 0 && (b == ',' || b == ']' || b == '}')) {
                return next;
            } else if (b == ']' || b == '}') {
                depth--;
            }
        }
        return end;
    }
}
