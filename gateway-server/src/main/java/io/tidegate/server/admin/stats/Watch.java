package io.tidegate.server.admin.stats;

import io.tidegate.breaker.BreakerState;
import io.tidegate.server.admin.Subject;
import io.tidegate.server.admin.stats.Journal.Severity;
import io.tidegate.server.drain.Drain;
import io.tidegate.server.drain.DrainSummary;
import io.tidegate.server.session.SessionState;
import io.tidegate.server.traffic.RouteTraffic;
import io.tidegate.server.upstream.Endpoint;
import io.tidegate.server.upstream.Upstream;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a gateway from time to time, and writes down what has changed since the last look.
 *
 * <p>Why: whoever does the work need not know that somebody keeps a journal, and a storm of changes between two looks makes a
 * few lines. The price is that they are only as exact in time as the looks are frequent.
 *
 * <p><b>Threads:</b> one at a time.
 */
final class Watch {

    private static final String GATEWAY = "gateway";
    private static final String ENDPOINT = "endpoint";
    private static final String BREAKER = "breaker";

    private final Subject subject;
    private final Journal journal;
    private Map<Endpoint, Seen> endpoints = new HashMap<>();
    private final Map<String, Sessions> sessions = new HashMap<>();
    private @Nullable String unreadiness;
    private boolean looked;
    private boolean summed;

    private record Seen(BreakerState breaker, long opened, boolean failing, boolean drained, boolean vanished) {

        static Seen of(Endpoint endpoint) {
            return new Seen(
                    endpoint.breakerState(),
                    endpoint.transitionsTo(BreakerState.OPEN),
                    endpoint.isFailing(),
                    endpoint.isDrained(),
                    endpoint.isVanished());
        }
    }

    private record Sessions(long lost, long reconnected, long givenUp) {

        static final Sessions NONE = new Sessions(0, 0, 0);

        static Sessions of(RouteTraffic route) {
            Map<String, Long> reconnects = route.reconnects();
            return new Sessions(
                    route.states().getOrDefault(SessionState.RECONNECTING.label(), 0L),
                    reconnects.getOrDefault("reconnected", 0L),
                    reconnects.getOrDefault("gave-up", 0L) + reconnects.getOrDefault("refused", 0L));
        }
    }

    Watch(Subject subject, Journal journal) {
        this.subject = subject;
        this.journal = journal;
    }

    /** Looks. The first look only says that the gateway is there. */
    void look() {
        if (!looked) {
            journal.add(GATEWAY, Severity.INFO, GATEWAY, "started, version " + subject.version());
        }
        Map<Endpoint, Seen> now = new HashMap<>();
        for (Upstream upstream : subject.upstreams()) {
            for (Endpoint endpoint : upstream.endpoints()) {
                Seen seen = Seen.of(endpoint);
                now.put(endpoint, seen);
                compare(upstream.name() + ' ' + endpoint, endpoint, endpoints.get(endpoint), seen);
            }
        }
        endpoints.forEach((endpoint, seen) -> {
            if (!now.containsKey(endpoint)) {
                journal.add(ENDPOINT, Severity.INFO, endpoint.toString(), "forgotten, as its last connection is over");
            }
        });
        endpoints = now;
        subject.traffic().forEach(this::sessions);
        readiness();
        drain();
        looked = true;
    }

    private void compare(String name, Endpoint endpoint, @Nullable Seen before, Seen now) {
        if (before == null) {
            if (looked) {
                journal.add(ENDPOINT, Severity.INFO, name, "found in DNS");
            }
            return;
        }
        breaker(name, endpoint, before, now);
        if (before.failing != now.failing) {
            journal.add(
                    ENDPOINT,
                    now.failing ? Severity.WARNING : Severity.INFO,
                    name,
                    now.failing ? "unhealthy, its checks fail" : "healthy again");
        }
        if (before.drained != now.drained) {
            journal.add(ENDPOINT, Severity.INFO, name, now.drained ? "drained by an operator" : "taken in again");
        }
        if (before.vanished != now.vanished) {
            journal.add(ENDPOINT, Severity.INFO, name, now.vanished ? "not in DNS any more" : "in DNS again");
        }
    }

    private void breaker(String name, Endpoint endpoint, Seen before, Seen now) {
        long opened = now.opened - before.opened;
        if (opened > 0) {
            String often = opened == 1 ? "" : " (" + opened + " times)";
            journal.add(BREAKER, Severity.ERROR, name, "breaker open" + often + " after: " + endpoint.lastFailure());
        }
        if (now.breaker != before.breaker || opened > 0) {
            switch (now.breaker) {
                case HALF_OPEN -> journal.add(BREAKER, Severity.WARNING, name, "breaker half-open, probing");
                case CLOSED -> journal.add(BREAKER, Severity.INFO, name, "breaker closed");
                case OPEN -> {}
            }
        }
    }

    private void sessions(RouteTraffic route) {
        Sessions before = sessions.getOrDefault(route.route(), Sessions.NONE);
        Sessions now = Sessions.of(route);
        sessions.put(route.route(), now);
        count(route, now.lost - before.lost, Severity.WARNING, "lost the upstream leg");
        count(route, now.reconnected - before.reconnected, Severity.INFO, "got another upstream leg");
        count(route, now.givenUp - before.givenUp, Severity.ERROR, "given up, as no upstream leg was to be had");
    }

    private void count(RouteTraffic route, long many, Severity severity, String what) {
        if (many > 0) {
            String noun = many == 1 ? " session " : " sessions ";
            journal.add("sessions", severity, "route " + route.route(), many + noun + what);
        }
    }

    private void drain() {
        Drain drain = subject.drain();
        DrainSummary summary = drain == null ? null : drain.result();
        if (summary != null && !summed) {
            boolean lossless = summary.forced() == 0 && summary.dropped() == 0;
            journal.add(GATEWAY, lossless ? Severity.INFO : Severity.WARNING, GATEWAY, summary.text());
            summed = true;
        }
    }

    private void readiness() {
        String now = subject.unreadiness();
        if (now != null && !now.equals(unreadiness)) {
            boolean stops = subject.drain() != null;
            journal.add(GATEWAY, stops ? Severity.WARNING : Severity.ERROR, GATEWAY, stops ? now : "not ready: " + now);
        } else if (now == null && unreadiness != null) {
            journal.add(GATEWAY, Severity.INFO, GATEWAY, "ready again");
        }
        unreadiness = now;
    }
}
