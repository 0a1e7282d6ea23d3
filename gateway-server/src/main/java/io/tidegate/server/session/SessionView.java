package io.tidegate.server.session;

import org.jspecify.annotations.Nullable;

/**
 * A session at one moment, as operators see it. Its figures are read while its event loop goes on, and may be some messages
 * apart.
 *
 * @param who whose session it is
 * @param state where it is in its life
 * @param activity what it does
 * @param backlog what it holds
 */
public record SessionView(Who who, SessionState state, Activity activity, Backlog backlog) {

    /**
     * Whose session it is.
     *
     * @param id tells it from all others of this process; later ones have greater ones
     * @param route the route's label
     * @param upstream the upstream's name
     * @param endpoint the label of the endpoint that serves it; {@code null} while none does
     * @param client the client's address
     * @param traceId of the trace that the client's request belongs to; {@code null} if it told of none
     */
    public record Who(
            long id,
            String route,
            String upstream,
            @Nullable String endpoint,
            String client,
            @Nullable String traceId) {}

    /**
     * What it does.
     *
     * @param ageNanos since its client's 101
     * @param idleNanos since the last message either way
     * @param toUpstream messages read from the client
     * @param toClient messages read from upstreams
     * @param relayNanos smoothed time from being read to being in the other leg's socket, of the slower direction
     */
    public record Activity(long ageNanos, long idleNanos, long toUpstream, long toClient, long relayNanos) {}

    /**
     * What it holds.
     *
     * @param messages that its queue holds, the unconfirmed included
     * @param bytes those are on the wire
     * @param clientBytes that are written to the client and not in the socket yet
     * @param upstreamBytes the same of the upstream
     * @param clientIsSlow whether the upstream isn't read, as the client doesn't take more
     * @param upstreamIsSlow whether the client isn't read, as the upstream or the queue doesn't take more
     */
    public record Backlog(
            int messages,
            long bytes,
            long clientBytes,
            long upstreamBytes,
            boolean clientIsSlow,
            boolean upstreamIsSlow) {}
}
