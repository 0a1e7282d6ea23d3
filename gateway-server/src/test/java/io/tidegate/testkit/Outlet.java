package io.tidegate.testkit;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A socket's output, one writer at a time.
 *
 * <p><b>Threads:</b> any; a write waits for the one before it.
 */
final class Outlet {
    private final Socket socket;
    private final OutputStream out;
    private final ReentrantLock turn = new ReentrantLock();
    private int keys = 0x1B873593;

    Outlet(Socket socket) throws IOException {
        this.socket = socket;
        this.out = socket.getOutputStream();
    }

    /** A mask key, never the same twice in a row and never 0. */
    synchronized int nextKey() {
        keys = keys * 1664525 + 1013904223;
        return keys == 0 ? nextKey() : keys;
    }

    /** Writes in one call, and resets the connection when that takes longer than {@link Peer#PATIENCE}. */
    void write(byte[] bytes) throws IOException {
        AtomicBoolean stuck = new AtomicBoolean();
        Future<?> watch =
                Daemons.WATCHDOG.schedule(() -> resetStuck(stuck), Peer.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        try {
            writeUnwatched(bytes);
        } catch (IOException e) {
            throw stuck.get()
                    ? new SocketTimeoutException("the other side took too long to take " + bytes.length + " bytes")
                    : e;
        } finally {
            watch.cancel(false);
        }
    }

    void writeUnwatched(byte[] bytes) throws IOException {
        turn.lock();
        try {
            out.write(bytes);
        } finally {
            turn.unlock();
        }
    }

    /** Has the socket for itself until {@link #release}; it writes through {@link #writeUnwatched}. */
    void occupy() {
        turn.lock();
    }

    void release() {
        turn.unlock();
    }

    private void resetStuck(AtomicBoolean stuck) {
        stuck.set(true);
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException e) {
            // closed already
        }
    }
}
