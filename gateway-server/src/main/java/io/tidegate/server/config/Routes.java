package io.tidegate.server.config;

import io.netty.util.NetUtil;
import io.tidegate.server.config.key.InvalidValue;
import io.tidegate.server.config.key.Nearest;
import io.tidegate.server.config.key.Scalar;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What a route's path and host may look like, and what must hold between routes and upstreams. */
final class Routes {

    private static final int LONGEST_HOST = 253;
    private static final int MOST_NAMES_SHOWN = 10;
    private static final String PATH_PATTERN = "^/[!-~&&[^?#]]*$";
    private static final Pattern PATH = Pattern.compile(PATH_PATTERN);
    private static final String LABEL = "[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?";
    private static final String HOST_PATTERN = "^(\\*|(\\*\\.)?" + LABEL + "(\\." + LABEL + ")*|\\[[0-9A-Fa-f:.]+\\])$";
    private static final Pattern HOST = Pattern.compile(HOST_PATTERN);

    private static final String PATH_EXPECTED = "a path that starts with /, percent-encoded, without ? and #";
    private static final String HOST_EXPECTED = "a host name without a port, *.example.com, or *";

    static final Scalar<String> PATH_SHAPE = new Scalar<>(
            "path",
            PATH_EXPECTED,
            Scalar.Syntax.text("^/[!\"$->@-~]*$"),
            path -> path,
            path -> require(PATH.matcher(path).matches(), PATH_EXPECTED));

    static final Scalar<String> HOST_SHAPE = new Scalar<>(
            "host",
            HOST_EXPECTED,
            Scalar.Syntax.text(HOST_PATTERN),
            host -> host.toLowerCase(Locale.ROOT),
            Routes::requireHost);

    private Routes() {}

    /**
     * What the checks need to know of a route.
     *
     * @param path its path, or null when that is not known
     * @param host its host in lower case, or null when that is not known
     * @param upstream the name of its upstream, or null when that is not known
     */
    record Facts(
            @Nullable String path,
            @Nullable String host,
            @Nullable String upstream) {}

    /** The key of the route at {@code index} is wrong. */
    record Finding(
            int index,
            String key,
            String found,
            String expected,
            @Nullable String suggestion) {}

    /** Finds routes to upstreams that there are not, and routes that match the same as one before. */
    static List<Finding> check(List<Facts> routes, Collection<String> upstreams) {
        List<Finding> findings = new ArrayList<>();
        Map<List<String>, Integer> seen = new HashMap<>();
        for (int i = 0; i < routes.size(); i++) {
            Facts route = routes.get(i);
            if (route.upstream != null && !upstreams.contains(route.upstream)) {
                String expected = "the name of an upstream: " + shown(upstreams);
                String near = Nearest.to(route.upstream, upstreams);
                findings.add(new Finding(i, "upstream", route.upstream, expected, near));
            }
            if (route.path != null && route.host != null) {
                Integer first = seen.putIfAbsent(List.of(route.host, route.path), i);
                if (first != null) {
                    String found = route.path + " for the host " + route.host + " again";
                    String expected = "a path and host that no other route has; routes[" + first + "] has these";
                    findings.add(new Finding(i, "path", found, expected, null));
                }
            }
        }
        return findings;
    }

    private static String shown(Collection<String> names) {
        String more = names.size() > MOST_NAMES_SHOWN ? ", …" : "";
        return names.stream().limit(MOST_NAMES_SHOWN).collect(Collectors.joining(", ")) + more;
    }

    private static void requireHost(String host) {
        boolean address = host.startsWith("[");
        require(host.length() <= LONGEST_HOST && HOST.matcher(host).matches(), HOST_EXPECTED);
        require(!address || NetUtil.isValidIpV6Address(host.substring(1, host.length() - 1)), HOST_EXPECTED);
    }

    private static void require(boolean holds, String expected) {
        if (!holds) {
            throw new InvalidValue(expected);
        }
    }
}
