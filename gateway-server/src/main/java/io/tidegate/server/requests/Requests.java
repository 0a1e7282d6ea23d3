package io.tidegate.server.requests;

import io.netty.buffer.ByteBuf;
import io.tidegate.dedup.DedupConfig;
import io.tidegate.dedup.DedupWindow;
import io.tidegate.server.config.continuity.RequestsConfig;
import io.tidegate.time.Ticker;
import java.time.Duration;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The requests of one session that have no reply yet, and the ids of those that had one lately, so that each id gets one.
 *
 * <p>It is shown every message of both sides once, the client's when they are accepted, and says what to do with them. See the
 * package for what becomes of a request.
 *
 * <p><b>Bounds:</b> requests without a reply are as many as the caller has let in. Of a batch of more than 1,000 messages none is
 * tracked. Ids with a reply are remembered for 5 minutes, the last 10,000.
 *
 * <p><b>Time:</b> a request's timeout runs from {@link #fromClient} until its reply, or the first result of a subscription;
 * a batch's until its last reply.
 *
 * <p><b>Threads:</b> one at a time. The listener is called when all is consistent, and may call back. <b>Ownership:</b> payloads
 * stay the caller's; nothing of them is kept but the ids. Messages are kept until they are answered, failed or
 * cancelled, and told apart by identity.
 *
 * @param <T> the caller's messages
 */
public final class Requests<T> {

    private static final int LARGEST_BATCH = 1_000;
    private static final DedupConfig REMEMBERED = new DedupConfig(Duration.ofMinutes(5), 10_000);

    /** What a message of the client is. */
    public enum FromClient {
        /** A request, or a batch with requests: tracked from now on. */
        REQUEST,
        /** All that is in it is pending already: it is not to be sent, its one reply will come. */
        DUPLICATE,
        /** Anything else. */
        OTHER
    }

    /** What to do with a message of the upstream. */
    public enum FromUpstream {
        /** It goes to the client. */
        PASS,
        /** It doesn't: the client has had a reply to that id, perhaps the gateway's own. */
        DROP
    }

    private final RequestListener<? super T> listener;
    private final Ticker ticker;
    private final MessageReader reader;
    private final long timeoutNanos;

    private final Map<RequestId, TrackedRequest<T>> pending = new HashMap<>();
    private final IdentityHashMap<T, TrackedRequest<T>> messages = new IdentityHashMap<>();
    /** Those with a timeout, which is the same for all: the first one is due first. */
    private final Set<TrackedRequest<T>> timed = new LinkedHashSet<>();

    private final DedupWindow answered;

    public Requests(RequestsConfig config, RequestListener<? super T> listener, Ticker ticker) {
        this.listener = listener;
        this.ticker = ticker;
        this.reader = new MessageReader(config);
        this.timeoutNanos = config.timeout().toNanos();
        this.answered = DedupWindow.create(REMEMBERED, ticker);
    }

    /**
     * Looks at a message of the client that was accepted, and tracks it if it is a request.
     *
     * @param payload JSON text, valid during the call
     */
    public FromClient fromClient(ByteBuf payload, T message) {
        reader.openClient(payload);
        boolean tracking = reader.left() <= LARGEST_BATCH;
        TrackedRequest<T> tracked = null;
        boolean replayable = true;
        boolean known = false;
        boolean other = false;
        while (reader.next()) {
            boolean request = tracking && reader.kind() == MessageKind.REQUEST;
            if (request || reader.isBatch()) {
                replayable &= reader.isReplayable();
            }
            if (!request) {
                other = true;
                if (reader.kind() == MessageKind.CANCEL) {
                    cancel(reader.id());
                }
                continue;
            }
            RequestId id = reader.id();
            if (pending.containsKey(id) || (tracked != null && tracked.open.containsKey(id))) {
                known = true;
                continue;
            }
            if (tracked == null) {
                tracked = new TrackedRequest<>(message, reader.isBatch(), ticker.nanos());
            }
            tracked.open.put(id, reader.rawId());
        }
        if (tracked == null) {
            return known && !other ? FromClient.DUPLICATE : FromClient.OTHER;
        }
        tracked.replayable = replayable;
        track(tracked);
        return FromClient.REQUEST;
    }

    private void track(TrackedRequest<T> tracked) {
        for (RequestId id : tracked.open.keySet()) {
            pending.put(id, tracked);
            // Used anew: what comes for it now isn't a second reply to the old request.
            answered.forget(id.high(), id.low());
        }
        messages.put(tracked.message, tracked);
        timed.add(tracked);
    }

    private void cancel(RequestId id) {
        TrackedRequest<T> tracked = pending.remove(id);
        if (tracked != null) {
            messages.remove(tracked.message);
            timed.remove(tracked);
            listener.cancelled(tracked.message);
        }
    }

    /**
     * Looks at a message of the upstream; the requests it answers end.
     *
     * @param payload JSON text, valid during the call
     * @return {@link FromUpstream#DROP} only if there is nothing in it but replies to ids that had one
     */
    public FromUpstream fromUpstream(ByteBuf payload) {
        if (pending.isEmpty() && answered.remembered() == 0) {
            return FromUpstream.PASS;
        }
        boolean second = false;
        boolean fresh = false;
        reader.openUpstream(payload);
        while (reader.next()) {
            boolean result = reader.kind() == MessageKind.RESULT;
            if (!result && reader.kind() != MessageKind.REPLY) {
                fresh = true;
                continue;
            }
            RequestId id = reader.id();
            TrackedRequest<T> tracked = pending.get(id);
            if (tracked == null) {
                boolean had = hadReply(id);
                second |= had;
                fresh |= !had;
            } else {
                fresh = true;
                hear(tracked);
                if (!result) {
                    complete(tracked, id);
                }
            }
        }
        return second && !fresh ? FromUpstream.DROP : FromUpstream.PASS;
    }

    /** The client hears of the request. */
    private void hear(TrackedRequest<T> tracked) {
        if (!tracked.heard) {
            tracked.heard = true;
            tracked.heardNanos = ticker.nanos();
        }
        if (!tracked.batch) {
            timed.remove(tracked);
        }
    }

    private void complete(TrackedRequest<T> tracked, RequestId id) {
        pending.remove(id);
        tracked.open.remove(id);
        remember(id);
        if (tracked.batch) {
            tracked.replayable = false;
            tracked.heardNanos = ticker.nanos();
        }
        if (tracked.open.isEmpty()) {
            messages.remove(tracked.message);
            timed.remove(tracked);
            listener.answered(tracked.message, tracked.heardNanos - tracked.startNanos);
        }
    }

    /** Whether the message is tracked: a request that is neither answered nor failed nor cancelled. */
    public boolean isPending(T message) {
        return messages.containsKey(message);
    }

    /**
     * Whether a tracked message may be sent again on another leg, by the policy of the route: a batch if all in it may, and
     * none has its reply. False for what isn't tracked.
     */
    public boolean isReplayable(T message) {
        TrackedRequest<T> tracked = messages.get(message);
        return tracked != null && tracked.replayable;
    }

    /**
     * Stops tracking a message; replies that come yet are dropped.
     *
     * @return the error reply for the client in the protocol's form, in UTF-8, for those of its ids that had no reply; null if it
     *     isn't tracked
     */
    public byte @Nullable [] fail(T message, FailReason reason) {
        TrackedRequest<T> tracked = messages.remove(message);
        if (tracked == null) {
            return null;
        }
        timed.remove(tracked);
        for (RequestId id : tracked.open.keySet()) {
            pending.remove(id);
            remember(id);
        }
        return reader.error(tracked.open.values(), tracked.batch, reason);
    }

    /**
     * What tells the upstream, in UTF-8, that nobody waits for the reply to a tracked message any more; null if the protocol has
     * nothing to say that with. To be asked before it is {@linkplain #fail failed}, and sent where the request was sent.
     */
    public byte @Nullable [] cancellation(T message, FailReason reason) {
        TrackedRequest<T> tracked = messages.get(message);
        return tracked == null ? null : reader.cancel(tracked.open.values(), reason);
    }

    /** Time until {@link #expire} has something to do: 0 if it has now, -1 if nothing can time out. */
    public long nanosUntilTimeout() {
        Iterator<TrackedRequest<T>> oldest = timed.iterator();
        return oldest.hasNext() ? Math.max(0, oldest.next().startNanos + timeoutNanos - ticker.nanos()) : -1;
    }

    /**
     * Gives the messages whose time is over to the caller, who should {@link #fail} them; one that isn't failed stays tracked and
     * won't time out any more.
     */
    public void expire(Consumer<? super T> late) {
        long now = ticker.nanos();
        // Anew each time, as the caller may end others as well.
        for (Iterator<TrackedRequest<T>> oldest = timed.iterator(); oldest.hasNext(); oldest = timed.iterator()) {
            TrackedRequest<T> tracked = oldest.next();
            if (now - (tracked.startNanos + timeoutNanos) < 0) {
                return;
            }
            oldest.remove();
            late.accept(tracked.message);
        }
    }

    /** Ids that wait for their reply. */
    public int pending() {
        return pending.size();
    }

    @Override
    public String toString() {
        return "Requests{pending=" + pending() + ", messages=" + messages.size() + '}';
    }

    private void remember(RequestId id) {
        answered.forget(id.high(), id.low());
        answered.commit(answered.reserve(id.high(), id.low()));
    }

    /** Whether the id had its reply lately; if so, that is remembered for longer. */
    private boolean hadReply(RequestId id) {
        if (!answered.forget(id.high(), id.low())) {
            return false;
        }
        remember(id);
        return true;
    }
}
