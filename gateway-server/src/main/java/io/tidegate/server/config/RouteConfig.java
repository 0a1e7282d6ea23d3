package io.tidegate.server.config;

import java.util.Locale;

/**
 * From a host and a path prefix to an upstream.
 *
 * @param path a path prefix that starts with {@code /}; whole segments match
 * @param host an exact host name, {@code *.example.com}, or {@code *}; kept in lower case
 * @param upstream the name of the upstream
 * @param continuity what happens when the upstream leg is lost
 * @param limits what either side may send
 */
public record RouteConfig(String path, String host, String upstream, Continuity continuity, LimitsConfig limits) {

    public RouteConfig {
        ConfigKeys.ROUTE_PATH.check(path);
        host = ConfigKeys.ROUTE_HOST.check(host.toLowerCase(Locale.ROOT));
        ConfigKeys.ROUTE_UPSTREAM.check(upstream);
        ConfigKeys.CONTINUITY.check(continuity);
        ConfigKeys.LIMITS.check(limits);
    }
}
