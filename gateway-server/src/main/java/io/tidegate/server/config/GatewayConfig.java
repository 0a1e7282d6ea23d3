package io.tidegate.server.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reactor.netty.ReactorNetty;

/**
 * Everything that a gateway is told. Immutable, and valid once it exists.
 *
 * @param listeners ports for clients, at least one
 * @param admin the port for operators; null for none
 * @param upstreams by name, at least one, in the order they were written in
 * @param routes at least one; each names one of {@code upstreams}, no two match the same host and path
 * @param eventLoops 1 to 1024, or 0 for the default: see {@link #loops()}
 * @param transport how to talk to the kernel
 * @param queueBytes the most bytes that the queues of all sessions may keep together; > 0
 * @param drain how sessions end before the gateway does
 * @param log what the log is like
 */
public record GatewayConfig(
        List<ListenerConfig> listeners,
        @Nullable AdminConfig admin,
        Map<String, UpstreamConfig> upstreams,
        List<RouteConfig> routes,
        int eventLoops,
        Transport transport,
        long queueBytes,
        DrainConfig drain,
        LogConfig log) {

    /** The default of {@link #queueBytes()}: 256 MiB. */
    public static final long DEFAULT_QUEUE_BYTES = 256L << 20;

    public GatewayConfig {
        listeners = ConfigKeys.LISTENERS.check(List.copyOf(listeners));
        upstreams = ConfigKeys.UPSTREAMS.check(Collections.unmodifiableMap(new LinkedHashMap<>(upstreams)));
        routes = ConfigKeys.ROUTES.check(List.copyOf(routes));
        ConfigKeys.EVENT_LOOPS.check(eventLoops);
        ConfigKeys.TRANSPORT.check(transport);
        ConfigKeys.QUEUE_BYTES.check(queueBytes);
        List<Routes.Facts> facts = routes.stream()
                .map(route -> new Routes.Facts(route.path(), route.host(), route.upstream()))
                .toList();
        for (Routes.Finding finding : Routes.check(facts, upstreams.keySet())) {
            throw new IllegalArgumentException("routes[" + finding.index() + "]." + finding.key() + ": "
                    + finding.found() + " (expected: " + finding.expected() + ")");
        }
    }

    /**
     * The number of event loops to start, at least 1: {@link #eventLoops()}; where that is 0, the system property
     * {@code reactor.netty.ioWorkerCount}; where that is not set either, one per core.
     */
    public int loops() {
        return eventLoops > 0
                ? eventLoops
                : Math.max(
                        1,
                        Integer.getInteger(
                                ReactorNetty.IO_WORKER_COUNT,
                                Runtime.getRuntime().availableProcessors()));
    }
}
