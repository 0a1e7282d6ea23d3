package io.tidegate.server.prologue;

import io.netty.buffer.ByteBuf;
import io.tidegate.server.requests.RequestId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A message of a {@link Prologue}.
 *
 * <p><b>Ownership:</b> the prologue's: it is released with the entry, which the next {@link Prologue#fromClient} may do.
 */
public final class PrologueEntry<T> {

    private final ByteBuf wire;
    private final T message;
    private final List<RequestId> ids;
    /** What a rule found at its two places; null without a rule. */
    private final @Nullable Subject subject;

    PrologueEntry(ByteBuf wire, T message, List<RequestId> ids, @Nullable Subject subject) {
        this.wire = wire;
        this.message = message;
        this.ids = ids;
        this.subject = subject;
    }

    /** All its frames, as the client sent them; to be written as a retained duplicate. */
    public ByteBuf wire() {
        return wire;
    }

    /** The message it was made of. */
    public T message() {
        return message;
    }

    /** Whether it opens the conversation, so that it comes before all others in any case. */
    public boolean opens() {
        return ids.contains(RequestId.CONNECTION);
    }

    List<RequestId> ids() {
        return ids;
    }

    @Nullable
    Subject subject() {
        return subject;
    }
}
