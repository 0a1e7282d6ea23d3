package io.tidegate.server.admin;

import io.netty.handler.codec.http.HttpResponseStatus;
import io.tidegate.server.upstream.Endpoint;
import io.tidegate.server.upstream.Upstream;
import java.net.URI;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/**
 * What operators may tell endpoints: {@code POST /api/upstreams/U/endpoints/E/drain}, {@code …/undrain}, and {@code
 * …/breaker} with {@code {"state": "open"}}, {@code "closed"} or {@code "auto"}.
 *
 * <p>{@code E} is the endpoint's label as metrics have it, percent-encoded, or the host and port of its URI if no other endpoint
 * of the upstream has the same. The answer is what {@code /api/stats} has of the endpoint after that.
 */
final class EndpointOrders {

    private static final Logger log = LoggerFactory.getLogger(EndpointOrders.class);

    private static final Pattern PATH =
            Pattern.compile("/api/upstreams/([^/]+)/endpoints/([^/]+)/(drain|undrain|breaker)");
    private static final String STATES = "open, closed or auto";
    private static final String BODY = "{\"state\": STATE}, with a STATE of \"open\", \"closed\" or \"auto\"";

    private final JsonFactory json = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();
    private final List<Upstream> upstreams;
    private final Function<Endpoint, Reply> result;

    /** @param result what to answer when it is done */
    EndpointOrders(List<Upstream> upstreams, Function<Endpoint, Reply> result) {
        this.upstreams = upstreams;
        this.result = result;
    }

    /** What a path asks for, its parts as they were sent. */
    record Order(String upstream, String endpoint, String verb) {}

    /** The order at a path, {@code null} if it is no order's. */
    static @Nullable Order at(String path) {
        Matcher matcher = PATH.matcher(path);
        return matcher.matches() ? new Order(matcher.group(1), matcher.group(2), matcher.group(3)) : null;
    }

    /** Does it, or says why not. */
    Reply execute(Order order, byte[] body) {
        try {
            String name = decoded(order.upstream);
            Upstream upstream = upstreams.stream()
                    .filter(each -> each.name().equals(name))
                    .findFirst()
                    .orElseThrow(() -> unknown(
                            "upstream",
                            name,
                            upstreams.stream().map(Upstream::name).toList()));
            Endpoint endpoint = endpoint(upstream, decoded(order.endpoint));
            String what = order.verb;
            switch (order.verb) {
                case "drain" -> upstream.drain(endpoint);
                case "undrain" -> upstream.undrain(endpoint);
                default -> {
                    String state = stateIn(body);
                    breaker(endpoint, state);
                    what = "breaker " + state;
                }
            }
            log.atInfo()
                    .addKeyValue("upstream", upstream.name())
                    .addKeyValue("endpoint", endpoint)
                    .addKeyValue("order", what)
                    .addKeyValue("reason", "an operator said so")
                    .log("upstream {}: {}: {} by an operator", upstream.name(), endpoint, what);
            return result.apply(endpoint);
        } catch (Refusal refusal) {
            return Reply.text(refusal.status, refusal.text);
        }
    }

    private static void breaker(Endpoint endpoint, String state) throws Refusal {
        switch (state) {
            case "open" -> endpoint.forceOpen();
            case "closed" -> endpoint.forceClosed();
            case "auto" -> endpoint.automatic();
            default -> throw bad("state: " + state + " (expected: " + STATES + ')');
        }
    }

    private static Endpoint endpoint(Upstream upstream, String name) throws Refusal {
        List<Endpoint> all = upstream.endpoints();
        List<Endpoint> labelled =
                all.stream().filter(each -> each.toString().equals(name)).toList();
        List<Endpoint> named = labelled.isEmpty()
                ? all.stream().filter(each -> each.hostAndPort().equals(name)).toList()
                : labelled;
        if (named.size() != 1) {
            throw unknown("endpoint", name, all.stream().map(Endpoint::toString).toList());
        }
        return named.get(0);
    }

    private String stateIn(byte[] body) throws Refusal {
        String state = null;
        try (JsonParser parser = json.createParser(ObjectReadContext.empty(), body)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw bad("body: no JSON object (expected: " + BODY + ')');
            }
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String key = parser.currentName();
                if (!key.equals("state")) {
                    throw bad(key + ": unknown (expected: " + BODY + ')');
                }
                if (parser.nextToken() != JsonToken.VALUE_STRING) {
                    throw bad("state: no string (expected: " + STATES + ')');
                }
                state = parser.getString();
            }
            if (parser.nextToken() != null) {
                throw bad("body: more than one JSON value (expected: " + BODY + ')');
            }
        } catch (JacksonException e) {
            throw bad("body: not JSON (expected: " + BODY + ')');
        }
        if (state == null) {
            throw bad("state: missing (expected: " + STATES + ')');
        }
        return state;
    }

    private static String decoded(String part) throws Refusal {
        try {
            return URI.create('/' + part).getPath().substring(1);
        } catch (IllegalArgumentException e) {
            throw bad("path: " + part + " (expected: names, percent-encoded where they have to be)");
        }
    }

    private static Refusal unknown(String what, String name, List<String> known) {
        String names = known.isEmpty() ? "none is known" : known.stream().collect(Collectors.joining(", "));
        return new Refusal(HttpResponseStatus.NOT_FOUND, what + ": " + name + " (expected: one of " + names + ')');
    }

    private static Refusal bad(String text) {
        return new Refusal(HttpResponseStatus.BAD_REQUEST, text);
    }

    private static final class Refusal extends Exception {

        private static final long serialVersionUID = 1;

        private final transient HttpResponseStatus status;
        private final String text;

        Refusal(HttpResponseStatus status, String text) {
            super(text, null, false, false);
            this.status = status;
            this.text = text;
        }
    }
}
