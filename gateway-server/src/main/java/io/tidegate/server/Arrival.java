package io.tidegate.server;

import io.netty.channel.Channel;
import io.tidegate.server.failure.Failure;
import io.tidegate.server.failure.GatewayException;
import io.tidegate.server.handshake.RefusedException;
import io.tidegate.server.handshake.TraceParent;
import io.tidegate.server.log.Kind;
import io.tidegate.server.log.Lines;
import io.tidegate.server.log.Printable;
import io.tidegate.server.session.SessionLog;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;
import reactor.netty.http.server.HttpServerRequest;

/**
 * A client's request, and what the log says when nothing comes of it. Once there is a {@link #session}, its lines are that
 * session's.
 *
 * <p><b>Threads:</b> the event loop of the connection.
 */
final class Arrival {

    private static final Logger log = LoggerFactory.getLogger(Acceptor.class);

    private final Lines lines;
    private final HttpServerRequest request;
    private final Channel channel;
    private final @Nullable String traceId;
    private @Nullable SessionLog session;

    Arrival(Lines lines, HttpServerRequest request, Channel channel) {
        this.lines = lines;
        this.request = request;
        this.channel = channel;
        this.traceId = TraceParent.traceId(request.requestHeaders());
    }

    /** It has a route, and is a session's from now on. */
    SessionLog session(long number, String route) {
        SessionLog begun = new SessionLog(lines, number, route, channel.remoteAddress(), traceId);
        session = begun;
        return begun;
    }

    /** The client is told that there is no session for it. */
    void failed(GatewayException failure) {
        Failure kind = failure.failure();
        int status =
                failure instanceof RefusedException refused ? refused.status().code() : kind.httpStatus();
        if (kind == Failure.INTERNAL) {
            write(lines.of(Kind.INTERNAL_ERROR, log).setCause(failure), status, failure);
        } else if (kind.isWorthAWarning()) {
            write(lines.of(Kind.HANDSHAKE_FAILED, log), status, failure);
        } else if (kind.source() == Failure.Source.CLIENT) {
            // A port that faces the world hears much nonsense: the metrics count it, the log is for what matters.
            write(log.atDebug(), status, failure);
        } else {
            write(lines.of(Kind.HANDSHAKE_REFUSED, log), status, failure);
        }
        write(lines.access(), status, failure);
    }

    /** The client went before it was told anything. */
    void abandoned() {
        String why = "client gone before its 101";
        write(log.atDebug(), "", why);
        write(lines.access(), "", why);
    }

    /** Something went wrong while the client was told that it has a session. */
    void broken(Throwable failure) {
        write(lines.of(Kind.INTERNAL_ERROR, log).setCause(failure), "", "internal error at its 101");
    }

    private void write(LoggingEventBuilder line, int status, GatewayException failure) {
        LoggingEventBuilder told = line.addKeyValue("status", status).addKeyValue("endpoint", failure.endpoint());
        write(told, status + ", ", failure.text());
    }

    private void write(LoggingEventBuilder line, String told, String why) {
        String uri = Printable.of(request.uri());
        String reason = Printable.of(why);
        about(line)
                .addKeyValue("uri", uri)
                .addKeyValue("reason", reason)
                .log("{} asking for {}: {}{}", this, uri, told, reason);
    }

    private LoggingEventBuilder about(LoggingEventBuilder line) {
        if (session != null) {
            return session.about(line);
        }
        LoggingEventBuilder named = line.addKeyValue("client", () -> Printable.of(channel.remoteAddress()));
        return traceId == null ? named : named.addKeyValue("traceId", traceId);
    }

    @Override
    public String toString() {
        if (session != null) {
            return session.toString();
        }
        String client = "client " + Printable.of(channel.remoteAddress());
        return traceId == null ? client : client + " trace " + traceId;
    }
}
