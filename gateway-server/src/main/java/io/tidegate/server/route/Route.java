package io.tidegate.server.route;

import io.tidegate.frame.FrameLimits;
import io.tidegate.frame.Granularity;
import io.tidegate.queue.ByteBudget;
import io.tidegate.server.config.RouteConfig;
import io.tidegate.server.session.Terms;
import io.tidegate.server.traffic.RouteTraffic;
import io.tidegate.server.upstream.Upstream;
import java.util.Locale;

/**
 * What happens to the connections of one host and path prefix.
 *
 * @param host exact name, {@code *.example.com}, or {@code *} for any; lower case
 * @param path prefix
 * @param upstream where they go
 * @param terms what its sessions promise
 * @param limits what either side may send
 * @param traffic what passed
 */
public record Route(
        String host, String path, Upstream upstream, Terms terms, FrameLimits limits, RouteTraffic traffic) {

    private static final String ANY = "*";

    /**
     * Makes a route of its configuration.
     *
     * @param budget that of all queues of the process
     * @param isMeasured whether anybody can ask for distributions
     * @param loops how many event loops there are
     */
    public static Route of(RouteConfig config, Upstream upstream, ByteBudget budget, boolean isMeasured, int loops) {
        String host = config.host().toLowerCase(Locale.ROOT);
        Terms terms = new Terms(config, budget);
        String label = host.equals(ANY) ? config.path() : host + config.path();
        return new Route(
                host,
                config.path(),
                upstream,
                terms,
                new FrameLimits(config.limits().frame(), config.limits().message()),
                new RouteTraffic(label, terms.granularity() == Granularity.MESSAGES, isMeasured, loops));
    }

    /** Whether a request for {@code requestHost} (lower case, no port) and {@code requestPath} belongs here. */
    boolean matches(String requestHost, String requestPath) {
        return matchesHost(requestHost) && matchesPath(requestPath);
    }

    /** How exactly the host is named: 2 for a name, 1 for a wildcard, 0 for any. */
    int hostRank() {
        return host.equals(ANY) ? 0 : host.startsWith("*.") ? 1 : 2;
    }

    private boolean matchesHost(String requestHost) {
        return switch (hostRank()) {
            case 0 -> true;
            case 1 -> requestHost.endsWith(host.substring(1)) && requestHost.length() > host.length() - 1;
            default -> requestHost.equals(host);
        };
    }

    private boolean matchesPath(String requestPath) {
        return requestPath.startsWith(path)
                && (path.endsWith("/")
                        || requestPath.length() == path.length()
                        || requestPath.charAt(path.length()) == '/');
    }
}
