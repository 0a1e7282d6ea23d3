package io.tidegate.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;

/**
 * A WebSocket server on loopback that treats each connection as a {@link Script} says.
 *
 * <p>It can die ({@link #kill}), end in an orderly way ({@link #stop}) and come back on its port ({@link #restart}), which
 * nobody else gets meanwhile.
 *
 * <p><b>Threads:</b> one that accepts, two for each connection; every method may be called from any thread.
 */
public final class ScriptedUpstream implements AutoCloseable {
    private static final int BACKLOG = 1024;

    private final InetAddress host;
    private final ReservedPort port;
    private final int receiveBuffer;
    private final Object monitor = new Object();

    // guarded by monitor
    private final List<UpstreamConnection> connections = new ArrayList<>();
    private final Queue<Script> next = new ArrayDeque<>();
    private final Set<Thread> scripts = new HashSet<>();
    private final List<Throwable> failures = new ArrayList<>();
    private Script script;
    private ServerSocket listener;
    private Thread acceptor;
    private int seen;

    private ScriptedUpstream(Script script, InetSocketAddress address, int receiveBuffer) {
        this.script = script;
        this.host = address.getAddress();
        this.port = ReservedPort.at(address);
        this.receiveBuffer = receiveBuffer;
        synchronized (monitor) { // on a port that clients know, one may be accepted at once
            this.listener = listen();
        }
    }

    /** An echo server on a free port. */
    public static ScriptedUpstream start() {
        return start(Script.ECHO);
    }

    public static ScriptedUpstream start(Script script) {
        return start(script, 0);
    }

    /** On an address of this machine; port 0 for a free one. */
    public static ScriptedUpstream start(Script script, InetSocketAddress address) {
        return new ScriptedUpstream(script, address, 0);
    }

    /** On the port that another one, maybe of another process, had before. */
    public static ScriptedUpstream startOn(int port, Script script) {
        return start(script, new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    }

    /** With a small receive buffer for each connection, so that a slow reader holds the sender back early. */
    public static ScriptedUpstream start(Script script, int receiveBuffer) {
        return new ScriptedUpstream(script, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), receiveBuffer);
    }

    public int port() {
        return port.number();
    }

    public InetSocketAddress address() {
        return new InetSocketAddress(host, port());
    }

    /** {@code ws://127.0.0.1:PORT}. */
    public URI uri() {
        return port.uri();
    }

    /** What connections get from now on. */
    public void script(Script script) {
        synchronized (monitor) {
            this.script = script;
        }
    }

    /** What the next connection gets, once; several stand in line. */
    public void next(Script script) {
        synchronized (monitor) {
            next.add(script);
        }
    }

    // connections

    /** The next connection that {@code awaitConnection} has not given out yet, in the order of arrival. */
    public UpstreamConnection awaitConnection() {
        return Daemons.await(
                monitor,
                "a connection",
                Peer.PATIENCE,
                () -> seen < connections.size() ? connections.get(seen++) : null,
                this::toString);
    }

    /** All connections so far, dead ones included. */
    public List<UpstreamConnection> connections() {
        synchronized (monitor) {
            return List.copyOf(connections);
        }
    }

    /** All live connections die by RST; new ones are accepted. */
    public void resetConnections() {
        connections().forEach(UpstreamConnection::reset);
    }

    // the whole server

    /** Stops listening, and all connections end by FIN. */
    public void stop() {
        stopListening();
        connections().forEach(UpstreamConnection::close);
    }

    /** Stops listening, and all connections die by RST. */
    public void kill() {
        stopListening();
        resetConnections();
    }

    /** Stops listening; connections live on. */
    public void stopListening() {
        Thread accepting;
        try {
            synchronized (monitor) {
                listener.close();
                accepting = acceptor;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        join(accepting); // the port is taken for as long as a call of accept is under way
    }

    /** Listens again, on the port it had. */
    public void restart() {
        synchronized (monitor) {
            listener = listen();
        }
    }

    /** Ends everything, waits for the scripts to be over and throws when one failed. */
    @Override
    public void close() {
        stop();
        port.close();
        List<Thread> running;
        synchronized (monitor) {
            running = List.copyOf(scripts);
        }
        running.forEach(Thread::interrupt);
        running.forEach(ScriptedUpstream::join);
        synchronized (monitor) {
            if (!failures.isEmpty()) {
                AssertionError error = new AssertionError("a script failed: " + failures.get(0), failures.get(0));
                failures.stream().skip(1).forEach(error::addSuppressed);
                throw error;
            }
        }
    }

    private static void join(Thread script) {
        try {
            script.join(Peer.PATIENCE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private ServerSocket listen() {
        try {
            ServerSocket socket = new ServerSocket();
            socket.setReuseAddress(true);
            if (receiveBuffer > 0) {
                socket.setReceiveBufferSize(receiveBuffer);
            }
            socket.bind(new InetSocketAddress(host, port()), BACKLOG);
            acceptor = Daemons.start("upstream :" + port() + " acceptor", () -> accept(socket));
            return socket;
        } catch (IOException e) {
            throw new UncheckedIOException("can't listen on port " + port(), e);
        }
    }

    private void accept(ServerSocket socket) {
        for (; ; ) {
            try {
                serve(socket.accept());
            } catch (IOException e) {
                return; // stopped
            }
        }
    }

    private void serve(Socket socket) throws IOException {
        UpstreamConnection connection;
        Script how;
        synchronized (monitor) {
            if (listener.isClosed()) {
                socket.close();
                return;
            }
            connection = new UpstreamConnection(socket, connections.size() + 1);
            connections.add(connection);
            Script once = next.poll();
            how = once != null ? once : script;
            scripts.add(Daemons.start("script of :" + socket.getPort(), () -> run(how, connection)));
            monitor.notifyAll();
        }
    }

    private void run(Script how, UpstreamConnection connection) {
        try {
            how.serve(connection);
        } catch (IOException | UncheckedIOException | InterruptedException e) {
            // the other side or the whole upstream went away
        } catch (AssertionError e) {
            if (!connection.isOver()) { // else it waited for what can't come any more
                fail(e);
            }
        } catch (Throwable e) {
            fail(e);
        } finally {
            synchronized (monitor) {
                scripts.remove(Thread.currentThread());
            }
        }
    }

    private void fail(Throwable e) {
        synchronized (monitor) {
            failures.add(e);
        }
    }

    @Override
    public String toString() {
        synchronized (monitor) {
            return "upstream :" + port() + (listener.isClosed() ? " (stopped)" : "") + " with connections "
                    + connections;
        }
    }
}
