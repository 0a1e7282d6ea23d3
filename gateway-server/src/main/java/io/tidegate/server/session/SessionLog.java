package io.tidegate.server.session;

import io.tidegate.server.log.Kind;
import io.tidegate.server.log.Lines;
import io.tidegate.server.log.Printable;
import io.tidegate.server.traffic.Direction;
import io.tidegate.server.upstream.Endpoint;
import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * One session's lines in the log. Each says which session it is and whose client's, which endpoint it is about, and why, in its
 * text and in fields of the same names.
 *
 * <p><b>Threads:</b> any.
 */
public final class SessionLog {

    private static final Logger log = LoggerFactory.getLogger(Session.class);
    private static final Logger transitions = LoggerFactory.getLogger(Lifecycle.class);

    private final Lines lines;
    private final long number;
    private final String route;
    private final @Nullable SocketAddress client;
    private final @Nullable String traceId;
    private final long startNanos = System.nanoTime();

    /**
     * @param number tells the session from others
     * @param client where its client is
     * @param traceId of the trace that its client's request belongs to; {@code null} for none
     */
    public SessionLog(
            Lines lines, long number, String route, @Nullable SocketAddress client, @Nullable String traceId) {
        this.lines = lines;
        this.number = number;
        this.route = route;
        this.client = client;
        this.traceId = traceId;
    }

    /** Adds which session it is to a line. */
    public LoggingEventBuilder about(LoggingEventBuilder line) {
        LoggingEventBuilder named = line.addKeyValue("session", number)
                .addKeyValue("route", route)
                .addKeyValue("client", () -> Printable.of(client));
        return traceId == null ? named : named.addKeyValue("traceId", traceId);
    }

    long number() {
        return number;
    }

    String route() {
        return route;
    }

    @Nullable
    String traceId() {
        return traceId;
    }

    /** What happened, unless there are too many lines of the kind. */
    void report(Kind kind, Endpoint endpoint, @Nullable String why) {
        write(lines.of(kind, log), endpoint, kind.text(), why);
    }

    /** What only those want to know who want to know everything. */
    void debug(Endpoint endpoint, String what, @Nullable String why) {
        if (log.isDebugEnabled()) {
            write(log.atDebug(), endpoint, what, why);
        }
    }

    /** A state of its life was entered. */
    void entered(SessionState state, @Nullable SessionState from, Object why) {
        if (transitions.isDebugEnabled()) {
            String reason = Printable.of(why.toString());
            LoggingEventBuilder line = about(transitions.atDebug()).addKeyValue("reason", reason);
            if (from == null) {
                line.log("{}: {}", this, state.label());
            } else {
                line.log("{}: {} after {}: {}", this, state.label(), from.label(), reason);
            }
        }
    }

    void reconnected(Endpoint endpoint, long afterMillis) {
        about(lines.of(Kind.RECONNECTED, log))
                .addKeyValue("endpoint", endpoint)
                .addKeyValue("durationMillis", afterMillis)
                .log("{} upstream {}: reconnected after {} ms", this, endpoint, afterMillis);
    }

    void moved(Endpoint from, Endpoint to) {
        about(lines.of(Kind.MOVED, log))
                .addKeyValue("endpoint", to)
                .addKeyValue("from", from)
                .log("{} upstream {}: moved from {}", this, to, from);
    }

    void broken(Endpoint endpoint, String leg, Throwable failure) {
        about(lines.of(Kind.INTERNAL_ERROR, log))
                .addKeyValue("endpoint", endpoint)
                .setCause(failure)
                .log("{} upstream {}: internal error on the {} leg", this, endpoint, leg);
    }

    /** The session's line in the access log, if there is one. */
    void ended(Endpoint endpoint, Ending ending, Pulse pulse) {
        long messagesFromClient = pulse.messages(Direction.TO_UPSTREAM);
        long messagesFromUpstream = pulse.messages(Direction.TO_CLIENT);
        String reason = Printable.of(ending.why().toString());
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
        about(lines.access())
                .addKeyValue("endpoint", endpoint)
                .addKeyValue("reason", reason)
                .addKeyValue("initiator", ending.initiator().label())
                .addKeyValue("code", ending.code())
                .addKeyValue("durationMillis", millis)
                .addKeyValue("messagesFromClient", messagesFromClient)
                .addKeyValue("messagesFromUpstream", messagesFromUpstream)
                .log(
                        "{} upstream {}: ended with {} by the {} after {} ms, {} messages from the client and {} from the"
                                + " upstream: {}",
                        this,
                        endpoint,
                        ending.code(),
                        ending.initiator().label(),
                        millis,
                        messagesFromClient,
                        messagesFromUpstream,
                        reason);
    }

    private void write(LoggingEventBuilder line, Endpoint endpoint, String what, @Nullable String why) {
        String reason = Printable.of(why);
        about(line)
                .addKeyValue("endpoint", endpoint)
                .addKeyValue("reason", reason)
                .log("{} upstream {}: {}: {}", this, endpoint, what, reason);
    }

    /** {@code session 7 route /chat client 127.0.0.1:40000 trace 4bf92f3577b34da6a3ce929d0e0e4736}. */
    @Override
    public String toString() {
        String session = "session " + number + " route " + route + " client " + Printable.of(client);
        return traceId == null ? session : session + " trace " + traceId;
    }
}
