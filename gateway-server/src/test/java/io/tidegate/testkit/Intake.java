package io.tidegate.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.TimeUnit;

/**
 * A socket's input behind a valve: reading can be stopped, metered or slowed down from another thread.
 *
 * <p><b>Threads:</b> one thread reads; any thread turns the valve.
 */
final class Intake {
    private static final long OPEN = Long.MAX_VALUE;

    private final InputStream in;
    private final byte[] buffer = new byte[64 * 1024];
    private int position;
    private int limit;

    // guarded by this
    private long permitted = OPEN;
    private long bytesPerSecond;
    private long taken;

    Intake(InputStream in) {
        this.in = in;
    }

    synchronized void pause() {
        permitted = 0;
    }

    synchronized void resume() {
        permitted = OPEN;
        bytesPerSecond = 0;
        notifyAll();
    }

    /** Lets {@code bytes} more through and then stops. */
    synchronized void permit(long bytes) {
        permitted = permitted == OPEN ? bytes : permitted + bytes;
        notifyAll();
    }

    synchronized void slowDown(long bytesPerSecond) {
        this.bytesPerSecond = bytesPerSecond;
        permitted = OPEN;
        notifyAll();
    }

    /** Bytes taken from the socket so far. */
    synchronized long taken() {
        return taken;
    }

    int read() throws IOException {
        if (position == limit && !refill()) {
            return -1;
        }
        return buffer[position++] & 0xFF;
    }

    int read(byte[] into, int offset, int length) throws IOException {
        if (position == limit && !refill()) {
            return -1;
        }
        int n = Math.min(length, limit - position);
        System.arraycopy(buffer, position, into, offset, n);
        position += n;
        return n;
    }

    private boolean refill() throws IOException {
        int n = in.read(buffer, 0, allowance());
        if (n < 0) {
            return false;
        }
        position = 0;
        limit = n;
        long rate;
        synchronized (this) {
            taken += n;
            notifyAll();
            permitted -= permitted == OPEN ? 0 : Math.min(n, permitted);
            rate = bytesPerSecond;
        }
        if (rate > 0) {
            sleep(TimeUnit.SECONDS.toNanos(n) / rate);
        }
        return true;
    }

    private synchronized int allowance() throws IOException {
        try {
            while (permitted == 0) {
                wait();
            }
        } catch (InterruptedException e) {
            throw new IOException("interrupted", e);
        }
        long most = bytesPerSecond > 0 ? Math.max(1, bytesPerSecond / 50) : buffer.length;
        return (int) Math.min(Math.min(permitted, most), buffer.length);
    }

    private static void sleep(long nanos) throws IOException {
        try {
            TimeUnit.NANOSECONDS.sleep(nanos);
        } catch (InterruptedException e) {
            throw new IOException("interrupted", e);
        }
    }
}
