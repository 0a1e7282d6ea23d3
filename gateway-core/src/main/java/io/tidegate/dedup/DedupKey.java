package io.tidegate.dedup;

import io.netty.buffer.ByteBuf;
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
}
