package io.tidegate.server.handshake;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.tidegate.server.failure.Failure;
import io.tidegate.server.failure.GatewayException;
import org.jspecify.annotations.Nullable;

/** An upstream answered the handshake with something other than 101; the client gets that answer. */
public final class RefusedException extends GatewayException {

    private static final long serialVersionUID = 1;

    private final transient HttpResponseStatus status;
    private final transient HttpHeaders headers;
    private final transient byte[] body;

    RefusedException(HttpResponseStatus status, HttpHeaders headers, byte[] body) {
        this(null, status, headers, body);
    }

    private RefusedException(@Nullable String endpoint, HttpResponseStatus status, HttpHeaders headers, byte[] body) {
        super(Failure.REFUSED, endpoint, "the upstream answered " + status, null);
        this.status = status;
        this.headers = headers;
        this.body = body;
    }

    @Override
    public RefusedException from(Object source) {
        return new RefusedException(source.toString(), status, headers, body);
    }

    public HttpResponseStatus status() {
        return status;
    }

    /** Whether it says that the server is in trouble, and not that the client asked for something that it may not have. */
    public boolean isTrouble() {
        return status.code() >= 500;
    }

    /** Whether to ask again would only bring the same answer: 4xx, other than 408, 425 and 429. */
    public boolean isFinal() {
        int code = status.code();
        return code >= 400 && code < 500 && code != 408 && code != 425 && code != 429;
    }

    /** The end-to-end headers of the answer, without {@code Content-Length}: the body may have been cut. */
    public HttpHeaders headers() {
        return headers;
    }

    /** The body, or as much of it as is passed on. */
    public byte[] body() {
        return body;
    }
}
