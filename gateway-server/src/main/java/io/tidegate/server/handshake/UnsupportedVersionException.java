package io.tidegate.server.handshake;

import io.tidegate.server.failure.Failure;
import io.tidegate.server.failure.GatewayException;

/** A client speaks another version of the protocol; it is told which one is spoken here (RFC 6455, section 4.4). */
public final class UnsupportedVersionException extends GatewayException {

    private static final long serialVersionUID = 1;

    UnsupportedVersionException(String message) {
        super(Failure.BAD_HANDSHAKE, message);
    }
}
