package io.tidegate.bench.fault.process;

import io.tidegate.bench.fault.judge.Accounting;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/**
 * What the gateway says of itself at one moment. A figure that is missing is no zero: it throws {@link
 * IllegalArgumentException}.
 *
 * @param books its accounting by route, {@code all} for the sum
 * @param endpoints its upstreams' endpoints, by their addresses
 * @param reconnecting how often sessions lost their upstream leg and went for another one
 */
public record GatewayStats(Map<String, Accounting> books, Map<String, Endpoint> endpoints, long reconnecting) {

    /**
     * An upstream endpoint.
     *
     * @param dials that were made
     * @param breakerTransitions of its breaker, to any state
     */
    public record Endpoint(long dials, long breakerTransitions) {

        private static Endpoint of(JsonNode json) {
            long transitions = 0;
            for (String state : new String[] {"closed", "half_open", "open"}) {
                transitions += number(json.path("transitions"), state);
            }
            return new Endpoint(number(json, "dials"), transitions);
        }
    }

    static GatewayStats of(JsonNode json) {
        Map<String, Accounting> books = new TreeMap<>();
        Map<String, Endpoint> endpoints = new TreeMap<>();
        long reconnecting = 0;
        books.put("all", Accounting.of(json.path("accounting")));
        for (Map.Entry<String, JsonNode> route : json.path("routes").properties()) {
            books.put("route " + route.getKey(), Accounting.of(route.getValue().path("accounting")));
            // a state that no session was in is left out
            reconnecting += route.getValue().path("states").path("reconnecting").asLong(0);
        }
        for (JsonNode upstream : json.path("upstreams").values()) {
            upstream.path("endpoints")
                    .properties()
                    .forEach(endpoint -> endpoints.put(endpoint.getKey(), Endpoint.of(endpoint.getValue())));
        }
        return new GatewayStats(books, endpoints, reconnecting);
    }

    /** An endpoint by its address. */
    public Endpoint endpoint(String address) {
        Endpoint endpoint = endpoints.get(address);
        if (endpoint == null) {
            throw new IllegalArgumentException("endpoints: " + endpoints.keySet() + " (expected: " + address + " too)");
        }
        return endpoint;
    }

    private static long number(JsonNode json, String name) {
        JsonNode value = json.path(name);
        if (!value.isIntegralNumber()) {
            throw new IllegalArgumentException("endpoints: " + name + ": " + value + " (expected: a number)");
        }
        return value.asLong();
    }
}
