package io.tidegate.server.admin.stats;

import io.netty.handler.codec.http.QueryStringDecoder;
import io.tidegate.server.admin.Subject;
import io.tidegate.server.session.SessionView;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToLongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/**
 * The sessions under way, a page at a time, for {@code GET /api/sessions}.
 *
 * <p>A page begins behind a cursor, which is where the page before it ended in the order asked for. Sessions that end in between
 * don't shift it; those whose figures change meanwhile may be seen twice, or not at all.
 */
public final class SessionsPage {

    private static final int DEFAULT_LIMIT = 50;
    private static final int MOST = 1_000;
    private static final Pattern CURSOR = Pattern.compile("(-?\\d{1,19})\\.(\\d{1,18})");
    private static final long CLIENT_IS_SLOW = 1L << 62;
    private static final long MESSAGES_WAIT = 1L << 61;
    private static final double NANOS = 1e9;
    private static final double NANOS_IN_MILLI = 1e6;

    /** What may be asked of the list. */
    private static final List<String> PARAMETERS = List.of("after", "limit", "route", "endpoint", "sort");

    /** What comes first: the greatest figure, and among equal ones the oldest session. */
    private enum Sort {
        /** The oldest first, whose numbers are the least. */
        ID(view -> 0),
        AGE(view -> 0),
        QUEUE(view -> view.backlog().bytes()),
        LATENCY(view -> view.activity().relayNanos()),
        /** Clients that don't take what is written to them, then those whose messages wait, then those that are slow. */
        SLOWEST(SessionsPage::slowness);

        @SuppressWarnings("ImmutableEnumChecker") // a function of its argument alone
        private final ToLongFunction<SessionView> figure;

        Sort(ToLongFunction<SessionView> figure) {
            this.figure = figure;
        }

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** A session at its place in the order. */
    private record Placed(SessionView view, long figure) {

        static final Comparator<Placed> ORDER = Comparator.comparingLong(Placed::figure)
                .reversed()
                .thenComparingLong(placed -> placed.view.who().id());

        boolean isBehind(@Nullable Cursor cursor) {
            return cursor == null
                    || figure < cursor.figure
                    || (figure == cursor.figure && view.who().id() > cursor.id);
        }
    }

    private record Cursor(long figure, long id) {}

    private final int limit;
    private final Sort sort;
    private final @Nullable Cursor after;
    private final @Nullable String route;
    private final @Nullable String endpoint;

    /**
     * Reads what is asked for.
     *
     * @param uri of the request, with its query
     * @throws IllegalArgumentException if it can't be done, naming the parameter and what was expected
     */
    public SessionsPage(String uri) {
        Map<String, List<String>> query = new QueryStringDecoder(uri).parameters();
        for (Map.Entry<String, List<String>> parameter : query.entrySet()) {
            if (!PARAMETERS.contains(parameter.getKey())) {
                throw bad(parameter.getKey(), "unknown", "one of " + String.join(", ", PARAMETERS));
            }
            if (parameter.getValue().size() > 1) {
                throw bad(parameter.getKey(), parameter.getValue().size() + " times", "once");
            }
        }
        limit = limit(one(query, "limit"));
        sort = sort(one(query, "sort"));
        after = cursor(one(query, "after"));
        route = one(query, "route");
        endpoint = one(query, "endpoint");
    }

    private static long slowness(SessionView view) {
        long toClient = view.backlog().clientBytes();
        long waiting = view.backlog().bytes();
        return toClient > 0
                ? CLIENT_IS_SLOW + toClient
                : waiting > 0 ? MESSAGES_WAIT + waiting : view.activity().relayNanos();
    }

    private static @Nullable String one(Map<String, List<String>> query, String name) {
        List<String> values = query.get(name);
        return values == null || values.get(0).isEmpty() ? null : values.get(0);
    }

    private static int limit(@Nullable String value) {
        if (value == null) {
            return DEFAULT_LIMIT;
        }
        try {
            int limit = Integer.parseInt(value);
            if (limit >= 1 && limit <= MOST) {
                return limit;
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw bad("limit", value, "1-" + MOST);
    }

    private static Sort sort(@Nullable String value) {
        if (value == null) {
            return Sort.ID;
        }
        for (Sort sort : Sort.values()) {
            if (sort.label().equals(value)) {
                return sort;
            }
        }
        throw bad("sort", value, "id, queue, age, latency or slowest");
    }

    private static @Nullable Cursor cursor(@Nullable String value) {
        if (value == null) {
            return null;
        }
        Matcher matcher = CURSOR.matcher(value);
        try {
            if (matcher.matches()) {
                return new Cursor(Long.parseLong(matcher.group(1)), Long.parseLong(matcher.group(2)));
            }
        } catch (NumberFormatException e) {
            // Said below.
        }
        throw bad("after", value, "what next was on the page before");
    }

    private static IllegalArgumentException bad(String name, String value, String expected) {
        return new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ')');
    }

    /** Writes it. */
    public byte[] write(Subject subject) {
        List<Placed> matching = new ArrayList<>();
        subject.sessions().forEach(session -> {
            SessionView view = session.view();
            if (matches(view)) {
                matching.add(new Placed(view, sort.figure.applyAsLong(view)));
            }
        });
        List<Placed> page = matching.stream()
                .filter(placed -> placed.isBehind(after))
                .sorted(Placed.ORDER)
                .limit(limit + 1L)
                .toList();
        boolean isLast = page.size() <= limit;
        List<Placed> shown = isLast ? page : page.subList(0, limit);
        return Stats.object(to -> {
            to.writeNumberProperty("total", matching.size());
            to.writeArrayPropertyStart("sessions");
            shown.forEach(placed -> write(to, placed.view));
            to.writeEndArray();
            if (isLast) {
                to.writeNullProperty("next");
            } else {
                Placed end = shown.get(shown.size() - 1);
                to.writeStringProperty("next", end.figure + "." + end.view.who().id());
            }
        });
    }

    private boolean matches(SessionView view) {
        return (route == null || route.equals(view.who().route()))
                && (endpoint == null || Objects.equals(endpoint, view.who().endpoint()));
    }

    private static void write(JsonGenerator to, SessionView view) {
        SessionView.Who who = view.who();
        SessionView.Activity activity = view.activity();
        SessionView.Backlog backlog = view.backlog();
        to.writeStartObject();
        to.writeNumberProperty("id", who.id());
        to.writeStringProperty("route", who.route());
        to.writeStringProperty("upstream", who.upstream());
        Stats.writeNullable(to, "endpoint", who.endpoint());
        to.writeStringProperty("state", view.state().label());
        to.writeStringProperty("client", who.client());
        to.writeNumberProperty("ageSeconds", activity.ageNanos() / NANOS);
        to.writeNumberProperty("idleSeconds", activity.idleNanos() / NANOS);
        to.writeObjectPropertyStart("messages");
        to.writeNumberProperty("to_upstream", activity.toUpstream());
        to.writeNumberProperty("to_client", activity.toClient());
        to.writeEndObject();
        to.writeObjectPropertyStart("queue");
        to.writeNumberProperty("messages", backlog.messages());
        to.writeNumberProperty("bytes", backlog.bytes());
        to.writeEndObject();
        to.writeObjectPropertyStart("pendingBytes");
        to.writeNumberProperty("client", backlog.clientBytes());
        to.writeNumberProperty("upstream", backlog.upstreamBytes());
        to.writeEndObject();
        to.writeObjectPropertyStart("heldBack");
        to.writeBooleanProperty("client", backlog.clientIsSlow());
        to.writeBooleanProperty("upstream", backlog.upstreamIsSlow());
        to.writeEndObject();
        to.writeNumberProperty("latencyMillis", activity.relayNanos() / NANOS_IN_MILLI);
        Stats.writeNullable(to, "traceId", who.traceId());
        to.writeEndObject();
    }
}
