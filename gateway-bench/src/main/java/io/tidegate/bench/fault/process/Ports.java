package io.tidegate.bench.fault.process;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Free ports.
 *
 * <p>They lie below those that the kernel gives to outgoing connections: a connection to a port of its own, free, in that
 * range can meet itself (a simultaneous open), and then hold the port that an upstream wants back.
 */
final class Ports {

    private static final int LEAST = 12_000;
    private static final int BEYOND = 32_000;
    private static final int ATTEMPTS = 1_000;

    private Ports() {}

    /** A port that is free now. */
    static int free() throws IOException {
        for (int i = 0; i < ATTEMPTS; i++) {
            int port = ThreadLocalRandom.current().nextInt(LEAST, BEYOND);
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (IOException taken) {
                // the next one, then
            }
        }
        throw new IOException("ports: none of " + LEAST + " to " + BEYOND + " is free");
    }
}
