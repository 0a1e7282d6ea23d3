package io.tidegate.server.failure;

/** The kinds of failure before a client's 101, each with the HTTP status that the client gets and its metric label. */
public enum Failure {
    /** A plain HTTP request came to a WebSocket route. */
    NOT_WEBSOCKET(Source.CLIENT, 426, "rejected"),
    /** The upgrade request breaks RFC 6455, section 4.2.1. */
    BAD_HANDSHAKE(Source.CLIENT, 400, "rejected"),
    /** No route matches host and path. */
    NO_ROUTE(Source.CLIENT, 404, "rejected"),
    /** The upstream answered the handshake with a status of its own, which the client gets. */
    REFUSED(Source.UPSTREAM, 0, "refused"),
    /** Dialling or the handshake failed at every endpoint. */
    UPSTREAM_FAILED(Source.UPSTREAM, 502, "failed"),
    /** No endpoint may be tried now. */
    UNAVAILABLE(Source.GATEWAY, 503, "unavailable"),
    /** Dialling or the handshake took longer than the upstream's {@code connectTimeout}. */
    UPSTREAM_TIMEOUT(Source.UPSTREAM, 504, "timeout"),
    /** The gateway itself is at fault. */
    INTERNAL(Source.GATEWAY, 500, "failed");

    /** Who is at fault. */
    public enum Source {
        CLIENT,
        UPSTREAM,
        GATEWAY
    }

    private final Source source;
    private final int httpStatus;
    private final String result;

    Failure(Source source, int httpStatus, String result) {
        this.source = source;
        this.httpStatus = httpStatus;
        this.result = result;
    }

    public Source source() {
        return source;
    }

    /** The status for the client; 0 when it is the upstream's own. */
    public int httpStatus() {
        return httpStatus;
    }

    /** The value of the label {@code result} in {@code tidegate_connections_total}. */
    public String result() {
        return result;
    }

    /** Whether an operator should see it in the log without asking: yes, unless the client alone is at fault. */
    public boolean isWorthAWarning() {
        return source != Source.CLIENT && this != REFUSED;
    }
}
