package io.tidegate.server;

import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Has a gateway's settings for Netty made before any test of a JVM uses Netty: those for io_uring have no effect afterwards, and a
 * test that only has a client would load those classes without them ({@code docs/adr/0006}).
 */
public final class NettyAsInAGateway implements BeforeAllCallback {

    /** Made by the JUnit Platform, from the service file. */
    public NettyAsInAGateway() {}

    @Override
    public void beforeAll(ExtensionContext context) {
        Gateway.transportAvailable();
    }
}
