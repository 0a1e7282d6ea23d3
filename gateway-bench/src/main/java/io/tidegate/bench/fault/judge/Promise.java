package io.tidegate.bench.fault.judge;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What a route promises of its continuity, and how a run breaks it. */
public enum Promise {
    /** The client is told: its leg closes, and nothing is replayed. */
    TOLD("the client is told: its leg closes with a code, nothing is sent again"),
    /** The client leg stays; what was written to a lost leg reaches an upstream at most once. */
    AT_MOST_ONCE("client legs stay; each message reaches an upstream at most once, in order"),
    /** Each message reaches an upstream's WebSocket stack at least once. */
    AT_LEAST_ONCE("client legs stay; each message reaches an upstream at least once, first deliveries in order"),
    /** Each request has exactly one reply. */
    EXACTLY_ONE_REPLY("client legs stay; exactly one reply to each request, in order");

    private final String words;

    Promise(String words) {
        this.words = words;
    }

    /** The promise in words. */
    public String words() {
        return words;
    }

    /** How it was broken, each in a line; empty when it held. */
    public List<String> broken(Findings findings) {
        Findings.AtClient client = findings.client();
        Findings.AtUpstream upstream = findings.upstream();
        List<String> broken = new ArrayList<>();
        add(broken, client.wrong(), "wrong replies");
        add(broken, upstream.wrong(), "wrong messages at the upstream");
        switch (this) {
            case TOLD -> {
                add(broken, client.lost(), "messages unanswered though their connection stayed");
                add(broken, client.duplicated(), "duplicated replies");
                add(broken, client.reordered(), "reordered replies");
                add(broken, upstream.twice(), "messages that reached an upstream twice");
                add(broken, client.closes().getOrDefault("1006", 0L), "client legs that ended without a Close");
            }
            case AT_MOST_ONCE -> {
                stays(broken, client);
                add(broken, client.duplicated(), "duplicated replies");
                add(broken, client.reordered(), "reordered replies");
                add(broken, upstream.twice(), "messages that reached an upstream twice");
                add(broken, upstream.reordered(), "messages that reached an upstream out of order");
            }
            case AT_LEAST_ONCE -> {
                stays(broken, client);
                add(broken, upstream.missing(), "messages that no upstream read");
                add(broken, upstream.reordered(), "first deliveries out of order");
            }
            case EXACTLY_ONE_REPLY -> {
                stays(broken, client);
                add(broken, client.lost(), "requests without a reply");
                add(broken, client.errors(), "requests with an error in place of the reply");
                add(broken, client.duplicated(), "duplicated replies");
                add(broken, client.reordered(), "reordered replies");
            }
        }
        return broken;
    }

    private static void stays(List<String> broken, Findings.AtClient client) {
        add(broken, client.closed(), "client legs closed " + client.closes());
        add(broken, sum(client.refusals()), "client handshakes failed " + client.refusals());
    }

    private static long sum(Map<String, Long> counters) {
        return counters.values().stream().mapToLong(Long::longValue).sum();
    }

    private static void add(List<String> broken, long count, String what) {
        if (count > 0) {
            broken.add(count + " " + what);
        }
    }
}
