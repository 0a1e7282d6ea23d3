package io.tidegate.dedup;

import io.netty.buffer.ByteBuf;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Exceptions;

/**
 * Judges messages one by one: reads the key, asks the window, tells the listener. For those who deliver messages by means of
 * their own; streams have {@link Dedup#distinct} and {@link Dedup#deliver}.
 *
 * <pre>{@code
 * long admission = gate.admit(message);
 * if (admission == DedupGate.DUPLICATE) {
 *     message.release();
 * } else {
 *     send(message).whenComplete((sent, failure) -> gate.end(admission, failure == null));
 * }
 * }</pre>
 *
 * <p>A message without a key, or that meets a window full of keys under way, is let in as {@link #UNTRACKED}: to drop what isn't
 * known to be a duplicate would be a loss.
 *
 * <p><b>Threads:</b> {@link #admit} one at a time; {@link #end} as the window allows. <b>Ownership:</b> messages stay the
 * caller's. <b>State:</b> the window, and that of the key's reader.
 */
public final class DedupGate<T> {

    /** The admission of a duplicate, or of one whose like is under way: it is not to be delivered. */
    public static final long DUPLICATE = -1;

    /** The admission of a message that passes untracked; ending it does nothing. */
    public static final long UNTRACKED = 0;

    private static final Logger LOG = LoggerFactory.getLogger(DedupGate.class);

    private final Function<? super T, ByteBuf> payload;
    private final DedupKey.Reader reader;
    private final DedupWindow window;
    private final DedupListener listener;
    private final KeyHash key = new KeyHash();

    DedupGate(Function<? super T, ByteBuf> payload, DedupKey key, DedupWindow window, DedupListener listener) {
        this.payload = payload;
        this.reader = key.reader();
        this.window = window;
        this.listener = listener;
    }

    /**
     * Takes a message on.
     *
     * @return {@link #DUPLICATE}; or {@link #UNTRACKED}; or a positive number for {@link #end}
     */
    public long admit(T message) {
        ByteBuf bytes = payload.apply(message);
        DedupKey.Unkeyed cause = reader.read(bytes, key);
        if (cause != null) {
            tell(() -> listener.onUnkeyed(cause));
            return UNTRACKED;
        }
        long result = window.reserve(key.high(), key.low());
        if (result > 0) {
            tell(listener::onFirst);
            return result;
        }
        if (result == DedupWindow.FULL) {
            tell(listener::onFull);
            return UNTRACKED;
        }
        int length = bytes.readableBytes();
        tell(() -> listener.onDuplicate(length));
        return DUPLICATE;
    }

    /**
     * Says what became of a message that was taken on: it is remembered if it was delivered, and forgotten otherwise. Only the
     * first time counts.
     */
    public void end(long admission, boolean delivered) {
        if (delivered) {
            window.commit(admission);
        } else if (window.release(admission)) {
            tell(listener::onReleased);
        }
    }

    private static void tell(Runnable event) {
        try {
            event.run();
        } catch (Throwable e) {
            Exceptions.throwIfJvmFatal(e);
            LOG.warn("A listener failed; its event is lost.", e);
        }
    }
}
