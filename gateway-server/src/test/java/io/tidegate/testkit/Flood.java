package io.tidegate.testkit;

import io.tidegate.testkit.FrameCodec.LengthEncoding;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A sender that goes as fast as it may, and how far it got.
 *
 * <p><b>Threads:</b> writes from a thread of its own; every method may be called from any other.
 */
public final class Flood {
    private static final int CHUNK = 16 * 1024;
    private static final Duration QUIET = Duration.ofSeconds(1);

    private final Peer peer;
    private final Outlet outlet;
    private final Pattern pattern;
    private final long length;
    private final int count;

    // guarded by this
    private long written;
    private boolean done;
    private @Nullable IOException failure;

    Flood(Peer peer, Outlet outlet, Pattern pattern, long length, int count) {
        this.peer = peer;
        this.outlet = outlet;
        this.pattern = pattern;
        this.length = length;
        this.count = count;
    }

    void run() {
        outlet.occupy();
        try {
            for (int i = 0; i < count; i++) {
                writeFrame(i);
            }
            finish(null);
        } catch (IOException e) {
            finish(e);
        } finally {
            outlet.release();
        }
    }

    private void writeFrame(int index) throws IOException {
        Frame frame = peer.masked(Frame.binary());
        byte[] header = FrameCodec.header(frame, length, LengthEncoding.MINIMAL);
        byte[] chunk = new byte[header.length + CHUNK];
        System.arraycopy(header, 0, chunk, 0, header.length);
        int used = header.length;
        for (long at = 0; at < length || used > 0; ) {
            int size = (int) Math.min(CHUNK, length - at);
            pattern.fill(index * length + at, chunk, used, size);
            if (frame.masked()) {
                FrameCodec.mask(chunk, used, size, frame.maskKey(), at);
            }
            outlet.writeUnwatched(used + size == chunk.length ? chunk : java.util.Arrays.copyOf(chunk, used + size));
            progress(used + size);
            at += size;
            used = 0;
        }
    }

    private synchronized void progress(int bytes) {
        written += bytes;
        notifyAll();
    }

    private synchronized void finish(@Nullable IOException failure) {
        done = true;
        this.failure = failure;
        notifyAll();
    }

    /** Bytes that the socket has taken so far, frame headers included. */
    public synchronized long written() {
        return written;
    }

    public synchronized boolean isDone() {
        return done;
    }

    /** All bytes of all frames, headers included, once done. */
    public long total() {
        return count * (length + FrameCodec.header(peer.masked(Frame.binary()), length, LengthEncoding.MINIMAL).length);
    }

    /** The frame number {@code index}, from 0, as the other end should receive it; its payload is not held. */
    public Frame frame(int index) {
        return new Frame(
                true, 0, Frame.BINARY, false, 0, length, pattern.crc(index * length, length), new byte[0], new byte[0]);
    }

    /** All frames as the other end should receive them. */
    public List<Frame> frames() {
        List<Frame> frames = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            frames.add(frame(i));
        }
        return frames;
    }

    /**
     * Waits until the socket has taken nothing for a second, or everything.
     *
     * @return bytes taken by then; a pause of some other cause can only make it smaller
     */
    public synchronized long awaitStall() {
        long end = System.nanoTime() + QUIET.toNanos();
        long before = written;
        try {
            for (long left = QUIET.toMillis(); left > 0 && !done; left = (end - System.nanoTime()) / 1_000_000) {
                wait(left);
                if (written != before) {
                    before = written;
                    end = System.nanoTime() + QUIET.toNanos();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
        return written;
    }

    /** Waits until the socket has taken all, as long as that makes progress. */
    public void awaitDone() {
        while (!isDone()) {
            long mark = written();
            Daemons.await(this, "progress", Peer.PATIENCE, () -> done || written != mark ? this : null, this::toString);
        }
        synchronized (this) {
            if (failure != null) {
                throw new AssertionError("after " + written + " bytes: " + peer, failure);
            }
        }
    }

    @Override
    public synchronized String toString() {
        return "flood of " + count + " frames of " + length + " bytes: " + written + " bytes written, "
                + (failure != null ? "failed: " + failure : done ? "done" : "under way");
    }
}
