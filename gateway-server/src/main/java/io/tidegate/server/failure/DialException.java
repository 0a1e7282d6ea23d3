package io.tidegate.server.failure;

import org.jspecify.annotations.Nullable;

/** A dial or a handshake that brought no leg, and whose fault that may be. */
public final class DialException extends GatewayException {

    private static final long serialVersionUID = 1;

    /** Who may be at fault. */
    public enum Fault {
        /** The endpoint: there was no connection, which no client has a part in. */
        ENDPOINT,
        /** The endpoint, or what the client asked for: the endpoint was there and didn't answer that as it should. */
        UNCLEAR,
        /** Nobody: the answer is right, only not for this session. */
        NOBODY
    }

    private final Fault fault;

    /** @param message as in {@link GatewayException} */
    public DialException(Failure failure, Fault fault, String message, @Nullable Throwable cause) {
        super(failure, message, cause);
        this.fault = fault;
    }

    public Fault fault() {
        return fault;
    }
}
