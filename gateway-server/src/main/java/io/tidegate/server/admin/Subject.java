package io.tidegate.server.admin;

import io.tidegate.metrics.WriterBarrier;
import io.tidegate.queue.ByteBudget;
import io.tidegate.server.session.Session;
import io.tidegate.server.traffic.RouteTraffic;
import io.tidegate.server.upstream.Upstream;
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

    /** Whether it takes no more clients. */
    boolean isStopping();

    /** How many sessions there were when it began to stop; 0 while it doesn't. */
    int sessionsAtStop();

    /** The release. */
    String version();

    /** The transport in use. */
    String transport();

    /** Why it should get no new clients; {@code null} if it may. */
    default @Nullable String unreadiness() {
        if (isStopping()) {
            return "stopping";
        }
        for (Upstream upstream : upstreams()) {
            if (!upstream.isUsable()) {
                return "no usable endpoint (upstream " + upstream.name() + ')';
            }
        }
        return null;
    }
}
