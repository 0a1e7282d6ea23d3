package io.tidegate.server.requests;

/**
 * Hears how requests end, those aside that {@link Requests#fail} ends.
 *
 * <p><b>Threads:</b> called synchronously, within {@link Requests#fromClient} and {@link Requests#fromUpstream}, when the message
 * is no longer tracked.
 *
 * @param <T> the messages of whoever drives the requests
 */
public interface RequestListener<T> {

    /**
     * All requests in a message have their final replies: it was delivered, and need not be sent again.
     *
     * @param latencyNanos from the request to what the client heard first of it, which is the reply, or the first result of a
     *     subscription; of a batch, to the last one of its replies
     */
    void answered(T message, long latencyNanos);

    /** The client took back the request in a message (a GraphQL {@code complete}): nobody waits for a reply any more. */
    void cancelled(T message);
}
