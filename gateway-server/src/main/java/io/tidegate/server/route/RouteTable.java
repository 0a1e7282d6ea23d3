package io.tidegate.server.route;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Finds the route of a request: the most exactly named host first, then the longest path prefix. A prefix matches whole
 * path segments: {@code /chat} matches {@code /chat} and {@code /chat/x}, not {@code /chatter}. Paths are compared as
 * sent, without decoding.
 */
public final class RouteTable {

    private final List<Route> routes;

    public RouteTable(List<Route> routes) {
        this.routes = routes.stream()
                .sorted(Comparator.<Route>comparingInt(Route::hostRank)
                        .thenComparingInt(route -> route.host().length())
                        .thenComparingInt(route -> route.path().length())
                        .reversed())
                .toList();
    }

    public List<Route> routes() {
        return routes;
    }

    /**
     * Finds the route of a request.
     *
     * @param hostHeader the {@code Host} header, with or without port
     * @param path the path of the request target
     * @return {@code null} when none matches
     */
    public @Nullable Route find(@Nullable String hostHeader, String path) {
        String host = hostName(hostHeader);
        for (Route route : routes) {
            if (route.matches(host, path)) {
                return route;
            }
        }
        return null;
    }

    private static String hostName(@Nullable String hostHeader) {
        if (hostHeader == null) {
            return "";
        }
        int port = hostHeader.lastIndexOf(':');
        boolean hasPort = port >= 0 && port > hostHeader.lastIndexOf(']');
        return (hasPort ? hostHeader.substring(0, port) : hostHeader).toLowerCase(Locale.ROOT);
    }
}
