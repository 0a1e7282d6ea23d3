package io.tidegate.server.admin;

import io.tidegate.metrics.WriterBarrier;
import io.tidegate.queue.ByteBudget;
import io.tidegate.server.drain.Drain;
import io.tidegate.server.session.Session;
import io.tidegate.server.traffic.RouteTraffic;
import io.tidegate.server.upstream.Upstream;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What there is to tell of a gateway. Any thread may ask; nobody is held up by it. */
public interface Subject {

    /** What passed on each route, and on none. */
    List<RouteTraffic> traffic();

    /** Its upstreams. */
    List<Upstream> upstreams();

    /** Waits for the event loops, which record in the histograms of {@link #traffic}. */
    WriterBarrier writers();

    /** The budget of all queues. */
    ByteBudget queues();

    /** The sessions under way. */
    Collection<Session> sessions();

    /** The drain under way; {@code null} while it takes clients. */
    @Nullable
    Drain drain();

    /** Begins to drain; the process ends with it. */
    Drain startDraining();

    /** The configuration in force, as YAML without secrets. */
    String configuration();

    /** Since when it is. */
    Instant configuredAt();

    /** The release. */
    String version();

    /** The transport in use. */
    String transport();

    /** Why it should get no new clients; {@code null} if it may. */
    default @Nullable String unreadiness() {
        if (drain() != null) {
            return "draining";
        }
        for (Upstream upstream : upstreams()) {
            if (!upstream.isUsable()) {
                return "no usable endpoint (upstream " + upstream.name() + ')';
            }
        }
        return null;
    }
}
