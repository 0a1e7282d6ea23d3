package io.tidegate.server.config;

import io.tidegate.server.config.continuity.Continuity;
import io.tidegate.server.config.continuity.ContinuityKeys;
import io.tidegate.server.config.document.Origin;
import io.tidegate.server.config.document.Value;
import io.tidegate.server.config.key.Key;
import io.tidegate.server.config.upstream.UpstreamKeys;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A gateway described by a few options instead of a file: one route {@code /} for all hosts to one upstream.
 *
 * @param listen where to listen for clients, or null for {@value #DEFAULT_LISTEN}
 * @param admin where to listen for operators, or null for {@value #DEFAULT_ADMIN}
 * @param upstreams the endpoints, at least one
 * @param continuity what happens when the upstream leg is lost, or null for the default
 * @param logFormat what a line of the log looks like, or null for the default
 */
public record CommandLineConfig(
        @Nullable String listen,
        @Nullable String admin,
        List<String> upstreams,
        @Nullable Continuity continuity,
        @Nullable String logFormat) {

    /** Where a gateway without a file listens for clients. */
    public static final String DEFAULT_LISTEN = "127.0.0.1:8080";

    /** Where a gateway without a file listens for operators. */
    public static final String DEFAULT_ADMIN = "127.0.0.1:9090";

    /** The name of the one upstream. */
    public static final String UPSTREAM = "default";

    private static final String LISTEN_VARIABLE = "TIDEGATE_LISTENERS_0_ADDRESS";
    private static final String ADMIN_VARIABLE = "TIDEGATE_ADMIN_ADDRESS";
    private static final String ENDPOINTS_VARIABLE = "TIDEGATE_UPSTREAMS_DEFAULT_ENDPOINTS";
    private static final String CONTINUITY_VARIABLE = "TIDEGATE_ROUTES_0_CONTINUITY";
    private static final String LOG_FORMAT_VARIABLE = "TIDEGATE_LOG_FORMAT";
    private static final Origin DEFAULTS = Origin.named("defaults");

    public CommandLineConfig {
        upstreams = List.copyOf(upstreams);
    }

    /** The configuration as if it had been written in a file. */
    Value tree() {
        Value listener = map(ConfigKeys.LISTENER_ADDRESS, text(listen, "--listen", DEFAULT_LISTEN));
        Value adminPort = map(ConfigKeys.ADMIN_ADDRESS, text(admin, "--admin", DEFAULT_ADMIN));
        Value endpoints = new Value.Items(
                upstreams.stream()
                        .map(endpoint -> text(endpoint, "--upstream", ""))
                        .toList(),
                DEFAULTS);
        Map<String, Value.Field> route = new LinkedHashMap<>();
        route.put(ConfigKeys.ROUTE_UPSTREAM.name(), field(text(null, "", UPSTREAM)));
        if (continuity != null) {
            route.put(ContinuityKeys.CONTINUITY.name(), field(text(null, "", continuity.text())));
        }
        Map<String, Value.Field> keys = new LinkedHashMap<>();
        keys.put(ConfigKeys.LISTENERS.name(), field(new Value.Items(List.of(listener), DEFAULTS)));
        keys.put(ConfigKeys.ADMIN.name(), field(adminPort));
        Value upstream = map(UpstreamKeys.ENDPOINTS, endpoints);
        keys.put(ConfigKeys.UPSTREAMS.name(), field(new Value.Fields(Map.of(UPSTREAM, field(upstream)), DEFAULTS)));
        keys.put(
                ConfigKeys.ROUTES.name(), field(new Value.Items(List.of(new Value.Fields(route, DEFAULTS)), DEFAULTS)));
        if (logFormat != null) {
            keys.put(ConfigKeys.LOG.name(), field(map(ConfigKeys.LOG_FORMAT, text(logFormat, "--log-format", ""))));
        }
        return new Value.Fields(Collections.unmodifiableMap(keys), DEFAULTS);
    }

    /** The environment without the variables of the keys that an option sets: an option wins. */
    Map<String, String> remaining(Map<String, String> environment) {
        Map<String, String> rest = new HashMap<>(environment);
        rest.keySet()
                .removeIf(name -> name.startsWith(ENDPOINTS_VARIABLE)
                        || (listen != null && name.equals(LISTEN_VARIABLE))
                        || (admin != null && name.equals(ADMIN_VARIABLE))
                        || (logFormat != null && name.equals(LOG_FORMAT_VARIABLE))
                        || (continuity != null && name.equals(CONTINUITY_VARIABLE)));
        return rest;
    }

    private static Value text(@Nullable String option, String name, String otherwise) {
        return option == null
                ? new Value.Text(otherwise, false, DEFAULTS)
                : new Value.Text(option, false, Origin.named(name));
    }

    private static Value map(Key<?> key, Value value) {
        return new Value.Fields(Map.of(key.name(), field(value)), DEFAULTS);
    }

    private static Value.Field field(Value value) {
        return new Value.Field(DEFAULTS, value);
    }
}
