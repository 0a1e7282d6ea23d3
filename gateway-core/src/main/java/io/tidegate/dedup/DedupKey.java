package io.tidegate.dedup;

import io.netty.buffer.ByteBuf;
import io.tidegate.json.JsonPointer;
import io.tidegate.json.PointerScanner;
import io.tidegate.json.ScanLimits;
import org.jspecify.annotations.Nullable;

/**
 * What of a message tells it apart from others: all of it, or an id in it.
 *
 * <p><b>Threads:</b> any; a {@link Reader} one at a time.
 */
@FunctionalInterface
public interface DedupKey {

    /** Begins to read keys, with whatever state that takes. */
    Reader reader();

    /** Reads the keys of messages, one after another. */
    @FunctionalInterface
    interface Reader {

        /**
         * Makes the key of a message.
         *
         * @param message stays the caller's; its indexes are not to be moved
         * @param key where the key goes
         * @return {@code null}, or why the message has none
         */
        @Nullable
        Unkeyed read(ByteBuf message, KeyHash key);
    }

    /** Why a message has no key. It passes, whether it is a duplicate or not. */
    enum Unkeyed {

        /** Nothing stands where the key should be. */
        MISSING,

        /** {@code null} stands there. */
        NULL,

        /** An object or an array stands there. */
        NOT_SCALAR,

        /** The message isn't JSON, as far as it was read. */
        NOT_JSON,

        /** The key is longer than the limit. */
        TOO_LONG,

        /** The message is nested deeper than the limit. */
        TOO_DEEP,

        /** The key wasn't found within the limit of bytes. */
        TOO_LARGE
    }

    /** The content of a message: two are the same if all their bytes are. An empty message has a key like any other. */
    static DedupKey content() {
        return () -> (message, key) -> {
            key.of(message, message.readerIndex(), message.readableBytes());
            return null;
        };
    }

    /**
     * The string, number, {@code true} or {@code false} that a JSON Pointer (RFC 6901) points to. Its type is part of the key:
     * {@code 1} and {@code "1"} are two, as JSON-RPC has it. Strings are compared by what they say, however they are escaped;
     * numbers as they are written, so {@code 1} and {@code 1.0} are two.
     *
     * <p>A reader keeps an array of the length of the longest key, and 1 KiB once it met a buffer without an array.
     *
     * @param limits how deep and how far to look, and how long a key may be
     */
    static DedupKey pointer(JsonPointer pointer, ScanLimits limits) {
        return () -> {
            PointerScanner scanner = new PointerScanner(limits);
            byte[] scalar = new byte[scanner.maxKeyBytes()];
            return (message, key) -> switch (scanner.scan(pointer, message)) {
                case FOUND -> {
                    key.of(scalar, 0, scanner.key(message, scalar));
                    yield null;
                }
                case MISSING -> Unkeyed.MISSING;
                case NULL -> Unkeyed.NULL;
                case NOT_SCALAR -> Unkeyed.NOT_SCALAR;
                case NOT_JSON -> Unkeyed.NOT_JSON;
                case TOO_LONG -> Unkeyed.TOO_LONG;
                case TOO_DEEP -> Unkeyed.TOO_DEEP;
                case TOO_LARGE -> Unkeyed.TOO_LARGE;
            };
        };
    }

    /** {@link #pointer(JsonPointer, ScanLimits)} within {@link ScanLimits#DEFAULTS}. */
    static DedupKey pointer(String pointer) {
        return pointer(JsonPointer.parse(pointer), ScanLimits.DEFAULTS);
    }
}
