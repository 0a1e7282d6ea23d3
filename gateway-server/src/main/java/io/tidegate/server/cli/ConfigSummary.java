package io.tidegate.server.cli;

import io.tidegate.server.config.AdminConfig;
import io.tidegate.server.config.GatewayConfig;
import io.tidegate.server.config.ListenerConfig;
import io.tidegate.server.config.RouteConfig;
import io.tidegate.server.config.UpstreamConfig;
import io.tidegate.server.config.upstream.EndpointConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/** A configuration in a few lines, for people. */
final class ConfigSummary {

    private ConfigSummary() {}

    static List<String> lines(GatewayConfig config) {
        List<String> lines = new ArrayList<>();
        for (ListenerConfig listener : config.listeners()) {
            lines.add("listener " + listener.address());
        }
        AdminConfig admin = config.admin();
        lines.add(admin == null ? "no admin port" : "admin " + admin.address());
        lines.addAll(routes(config));
        return lines;
    }

    static List<String> routes(GatewayConfig config) {
        return config.routes().stream().map(route -> route(route, config)).toList();
    }

    private static String route(RouteConfig route, GatewayConfig config) {
        UpstreamConfig upstream = Objects.requireNonNull(config.upstreams().get(route.upstream()));
        String host = route.host().equals("*") ? "" : route.host();
        return "route " + host + route.path() + " to " + route.upstream() + " "
                + upstream.endpoints().stream()
                        .map(EndpointConfig::toString)
                        .collect(Collectors.joining(", ", "[", "]"))
                + ", continuity " + route.continuity().mode().text();
    }
}
