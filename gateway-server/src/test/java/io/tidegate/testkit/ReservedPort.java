package io.tidegate.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * A port for whoever is told of it, whether it listens there or not.
 *
 * <p>While nobody listens TCP refuses at once. Linux gives the port to nobody else who asks for any, neither to listen nor to
 * connect from: a socket is bound to it, with {@code SO_REUSEADDR}, which lets another one listen that has it, too, and names
 * the port.
 *
 * <p><b>Threads:</b> any.
 */
public final class ReservedPort implements AutoCloseable {

    /** Held until the JVM ends; one that nobody refers to would be closed. */
    private static final Queue<ReservedPort> NOBODY = new ConcurrentLinkedQueue<>();

    private final Socket holder;

    private ReservedPort(InetSocketAddress address) throws IOException {
        holder = new Socket();
        holder.setReuseAddress(true);
        holder.bind(address);
    }

    /** A free one on loopback. */
    public static ReservedPort any() {
        return at(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    /** On an address of this machine; port 0 for a free one, any other may be reserved already. */
    static ReservedPort at(InetSocketAddress address) {
        try {
            return new ReservedPort(address);
        } catch (IOException e) {
            throw new UncheckedIOException("can't reserve " + address, e);
        }
    }

    /** A URI of an address where nobody listens, as long as this JVM lives. */
    public static URI nobody() {
        ReservedPort port = any();
        NOBODY.add(port);
        return port.uri();
    }

    public int number() {
        return holder.getLocalPort();
    }

    /** {@code ws://127.0.0.1:PORT}. */
    public URI uri() {
        return URI.create("ws://127.0.0.1:" + number());
    }

    @Override
    public void close() {
        try {
            holder.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
