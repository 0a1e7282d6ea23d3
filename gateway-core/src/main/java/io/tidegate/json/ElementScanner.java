package io.tidegate.json;

import io.netty.buffer.ByteBuf;
import java.util.Objects;

/**
 * Finds the elements of a JSON text that is an array (RFC 8259, UTF-8), such as a batch of JSON-RPC, one after another.
 *
 * <pre>{@code
 * if (elements.open(message, from, to)) {
 *     while (elements.next() == ScanStatus.FOUND) {
 *         scanner.scan(id, message, elements.from(), elements.to());
 *     }
 * }
 * }</pre>
 *
 * <p>The grammar is checked up to the end of the element found, and up to the end of the text when there is none any more. As
 * with {@link PointerScanner}, a byte order mark in front is skipped, and bytes above 0x7f are taken as they are.
 *
 * <p><b>Threads:</b> one at a time. <b>Ownership:</b> the buffer stays the caller's, its indexes are not moved, and it is kept
 * until {@link #next()} has found no element, or {@link #close()}. <b>State:</b> the place in the text; reusable. No
 * allocation per text; one window of 1 KiB per scanner, made when it first meets a buffer without an array.
 */
public final class ElementScanner {

    private final ScanLimits limits;
    private final JsonCursor cursor;

    /** What there is to say, once the scan is over. */
    private ScanStatus outcome = ScanStatus.MISSING;

    private boolean open;
    private boolean first;
    private int from;
    private int to;

    /** @param limits how far to go; {@link ScanLimits#scalarBytes()} doesn't matter here */
    public ElementScanner(ScanLimits limits) {
        this.limits = limits;
        this.cursor = new JsonCursor(limits.depth());
    }

    /**
     * Begins with a text that lies between two indexes of a buffer.
     *
     * @return whether an array begins there; if not, {@link #next()} only ever says {@link ScanStatus#MISSING}
     */
    public boolean open(ByteBuf text, int textFrom, int textTo) {
        // The array of a heap buffer may well go on where the buffer ends.
        Objects.checkFromToIndex(textFrom, textTo, text.capacity());
        cursor.open(text, textFrom, textTo);
        cursor.narrow(limits.bytes(), ScanStatus.TOO_LARGE);
        open = true;
        first = true;
        outcome = ScanStatus.MISSING;
        if (cursor.token() != '[') {
            close();
            return false;
        }
        // The least depth that limits can have is 1.
        cursor.enter(false);
        return true;
    }

    /**
     * Goes to the next element.
     *
     * @return {@link ScanStatus#FOUND} if there is one; {@link ScanStatus#MISSING} if there is none any more, and all of the
     *     text is JSON; otherwise {@link ScanStatus#NOT_JSON}, {@link ScanStatus#TOO_DEEP} or {@link ScanStatus#TOO_LARGE}.
     *     What was said last is said again from then on, but for an element.
     */
    public ScanStatus next() {
        if (!open) {
            return outcome;
        }
        if (cursor.token() == ']') {
            cursor.leave();
            return over(cursor.end() ? ScanStatus.MISSING : cursor.failure());
        }
        if (!first && !cursor.pass(',')) {
            return over(cursor.failure());
        }
        first = false;
        cursor.token();
        from = cursor.position();
        if (!cursor.value()) {
            return over(cursor.failure());
        }
        to = cursor.position();
        return ScanStatus.FOUND;
    }

    /** Index in the buffer of the first byte of the element found. */
    public int from() {
        return from;
    }

    /** Index in the buffer behind the last byte of the element found. */
    public int to() {
        return to;
    }

    /** Ends early, and lets go of the text. */
    public void close() {
        if (open) {
            open = false;
            cursor.close();
        }
    }

    private ScanStatus over(ScanStatus status) {
        outcome = status;
        close();
        return status;
    }
}
