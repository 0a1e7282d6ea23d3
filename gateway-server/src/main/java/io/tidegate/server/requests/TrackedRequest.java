package io.tidegate.server.requests;

import java.util.LinkedHashMap;
import java.util.Map;

/** A message of the client with one request, or with several in a batch, some of which have no reply yet. */
final class TrackedRequest<T> {

    final T message;
    final long startNanos;
    final boolean batch;

    /** The ids without a reply, and how the client wrote them. */
    final Map<RequestId, byte[]> open;

    boolean replayable = true;

    /** Whether the client has heard something of it. */
    boolean heard;
    /** When that was first. */
    long heardNanos;

    TrackedRequest(T message, boolean batch, long startNanos) {
        this.message = message;
        this.batch = batch;
        this.startNanos = startNanos;
        this.open = new LinkedHashMap<>(batch ? 16 : 2);
    }
}
