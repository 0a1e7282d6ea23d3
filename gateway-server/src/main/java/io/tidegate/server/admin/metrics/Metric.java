package io.tidegate.server.admin.metrics;

import java.util.Arrays;
import java.util.List;

/**
 * Every metric of the gateway's own: its Prometheus name, what it says, and its labels. {@code docs/metrics.md} is generated
 * from this.
 */
enum Metric {
    READY(Type.GAUGE, "tidegate_ready", "Whether /readyz says 200: 1 if it does, else 0."),
    BUILD_INFO(Type.GAUGE, "tidegate_build_info", "Always 1; its labels say what runs.", "version", "transport"),
    CONNECTIONS(
            Type.GAUGE,
            "tidegate_connections",
            "Sessions under way: client connections that were upgraded and are not closed yet.",
            "route"),
    CONNECTIONS_TOTAL(
            Type.COUNTER,
            "tidegate_connections_total",
            "Opening handshakes by how they ended: opened, refused by the upstream, rejected by the gateway, failed, timeout,"
                    + " unavailable, abandoned by the client.",
            "route",
            "result"),
    HANDSHAKE_SECONDS(
            Type.TIMES,
            "tidegate_handshake_seconds",
            "Time from a client's request to its 101, the upstream's handshake included; handshakes that failed aren't in it.",
            "route"),
    CLOSES(
            Type.COUNTER,
            "tidegate_closes_total",
            "Sessions by who ended them, and the close code on the client leg: 1005 for a Close without one, 1006 for a client"
                    + " that vanished. Codes that nobody has used for an hour are left out.",
            "route",
            "initiator",
            "code"),
    MESSAGES(Type.COUNTER, "tidegate_messages_total", "Messages passed on.", "route", "direction"),
    MESSAGE_BYTES(
            Type.COUNTER,
            "tidegate_message_bytes_total",
            "Payload bytes of the data frames passed on, as on the wire.",
            "route",
            "direction"),
    MESSAGE_SIZE(
            Type.SIZES,
            "tidegate_message_size_bytes",
            "Payload of each message that was read, as on the wire; also of those that were dropped, or wait.",
            "route",
            "direction"),
    RELAY_SECONDS(
            Type.SHORT_TIMES,
            "tidegate_relay_seconds",
            "Time from when the last byte of a message was read from one leg to when the message was in the other leg's"
                    + " socket, time in queues included. Replays aren't in it.",
            "route",
            "direction"),
    REQUEST_SECONDS(
            Type.TIMES,
            "tidegate_request_seconds",
            "Time from a request to its reply, on routes with requests. Requests that came to nothing aren't in it.",
            "route"),
    PING_RTT_SECONDS(
            Type.SHORT_TIMES,
            "tidegate_ping_rtt_seconds",
            "Time from a Ping of the gateway's own to its Pong, on routes that reconnect.",
            "leg"),
    ACCOUNTING(
            Type.COUNTER,
            "tidegate_accounting_total",
            "Messages of clients by what became of them: accepted is the sum of the others and of tidegate_queue_messages.",
            "route",
            "what"),
    QUEUE_MESSAGES(
            Type.GAUGE,
            "tidegate_queue_messages",
            "Messages that queues hold: those that wait for an upstream leg, and the unconfirmed.",
            "route"),
    QUEUE_UNCONFIRMED(
            Type.GAUGE,
            "tidegate_queue_unconfirmed",
            "Those of tidegate_queue_messages that were written, and would be again should their leg be lost.",
            "route"),
    QUEUE_BYTES(Type.GAUGE, "tidegate_queue_bytes", "Bytes, as on the wire, of tidegate_queue_messages.", "route"),
    QUEUE_WAIT_SECONDS(
            Type.TIMES,
            "tidegate_queue_wait_seconds",
            "Time that delivered messages waited in queues before they were written.",
            "route"),
    QUEUE_DROPPED(
            Type.COUNTER,
            "tidegate_queue_dropped_total",
            "Messages that were accepted and not delivered, duplicates aside.",
            "route",
            "reason"),
    BUFFERED_BYTES(
            Type.GAUGE,
            "tidegate_buffered_bytes",
            "Bytes that all queues together hold, or have set aside for what is about to come."),
    BUFFERED_BYTES_LIMIT(
            Type.GAUGE, "tidegate_buffered_bytes_limit", "What tidegate_buffered_bytes may be at most: queueBytes."),
    DEDUP(
            Type.COUNTER,
            "tidegate_dedup_total",
            "Messages by what dedup found: first of their key, duplicate (dropped; also of a request under way), unkeyed or"
                    + " full (passed, not remembered), released (a first that was not delivered: its key is unknown again).",
            "route",
            "result"),
    RECONNECTS(
            Type.COUNTER,
            "tidegate_reconnects_total",
            "Searches for another upstream leg by how they ended: reconnected, refused by the upstream for good, gave-up"
                    + " after reconnectFor, abandoned as the session ended.",
            "route",
            "result"),
    RECONNECT_SECONDS(
            Type.TIMES,
            "tidegate_reconnect_seconds",
            "Time from the loss of an upstream leg until there was another one.",
            "route"),
    REPLAYED(
            Type.COUNTER,
            "tidegate_messages_replayed_total",
            "Messages that were written to an upstream leg again: the unconfirmed, and prologues.",
            "route"),
    TRANSITIONS(
            Type.COUNTER, "tidegate_session_transitions_total", "How often sessions entered a state.", "route", "to"),
    BREAKER_STATE(
            Type.GAUGE,
            "tidegate_breaker_state",
            "What the breaker of an endpoint does: 0 closed, 1 half-open, 2 open.",
            "upstream",
            "endpoint"),
    BREAKER_TRANSITIONS(
            Type.COUNTER,
            "tidegate_breaker_transitions_total",
            "How often the breaker of an endpoint went to a state.",
            "upstream",
            "endpoint",
            "to"),
    RETRIES(
            Type.COUNTER,
            "tidegate_retries_total",
            "Dials after a failed one, before the client's 101, by how they ended: success (the endpoint answered), failure,"
                    + " denied (not made, the budget was used up).",
            "upstream",
            "result"),
    DRAIN_REMAINING(
            Type.GAUGE,
            "tidegate_drain_sessions_remaining",
            "Sessions that are still to end while the gateway drains; 0 while it doesn't.");

    /** Upper bounds of buckets. */
    private static final class Bounds {

        private static final double[] SECONDS = {
            1e-5, 2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.25, 0.5, 1, 2.5, 5,
            10, 30, 60, 300
        };

        static double[] times(double from, double to) {
            return Arrays.stream(SECONDS)
                    .filter(bound -> bound >= from && bound <= to)
                    .toArray();
        }
    }

    /** What a metric is to Prometheus; histograms by what they are of. */
    enum Type {
        GAUGE("gauge"),
        COUNTER("counter"),
        /** What passes in a moment: from 10 µs to 10 s. */
        SHORT_TIMES("histogram", 1e9, Bounds.times(1e-5, 10)),
        /** What may take as long as an outage: from 100 µs to 5 min. */
        TIMES("histogram", 1e9, Bounds.times(1e-4, 300)),
        /** From 64 bytes to 16 MiB. */
        SIZES("histogram", 1, 64, 256, 1 << 10, 4 << 10, 16 << 10, 64 << 10, 256 << 10, 1 << 20, 4 << 20, 16 << 20);

        private final String label;
        private final double scale;

        @SuppressWarnings("ImmutableEnumChecker") // never handed out
        private final double[] bounds;

        /**
         * @param scale how many of what is recorded make one of what is shown
         * @param bounds of the buckets, but for the last one, which has none
         */
        Type(String label, double scale, double... bounds) {
            this.label = label;
            this.scale = scale;
            this.bounds = bounds;
        }

        Type(String label) {
            this(label, 1);
        }

        /** As Prometheus calls it. */
        String label() {
            return label;
        }

        double scale() {
            return scale;
        }

        double[] bounds() {
            return bounds.clone();
        }
    }

    private final Type type;
    private final String key;
    private final String help;

    @SuppressWarnings("ImmutableEnumChecker") // it is a list that can't be changed
    private final List<String> labels;

    Metric(Type type, String key, String help, String... labels) {
        this.type = type;
        this.key = key;
        this.help = help;
        this.labels = List.of(labels);
    }

    Type type() {
        return type;
    }

    /** The name, with a counter's {@code _total}. */
    String key() {
        return key;
    }

    String help() {
        return help;
    }

    List<String> labels() {
        return labels;
    }
}
