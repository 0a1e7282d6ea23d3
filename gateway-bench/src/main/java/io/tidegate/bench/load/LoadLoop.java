package io.tidegate.bench.load;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The connections, the schedule and the recorders of one event loop.
 *
 * <p>When messages are due it sends them, in turn over its open connections, then sleeps until the next one is. A burst
 * is cut after {@link #BURST} messages to let the loop read: when the machine is too slow for the rate, echoes still
 * arrive and the delay shows in the latencies, which count from the due time.
 *
 * <p><b>Threads:</b> the loop's, except for what is final.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what the loop is told to do reports by other ways
final class LoadLoop implements Runnable {

    /** Most messages sent before the loop reads again. */
    private static final int BURST = 256;

    /** A message written later than this after it was due is counted as behind schedule. */
    private static final long BEHIND_NANOS = 1_000_000;

    private final int index;
    private final EventLoop eventLoop;
    private final LoadConfig config;
    private final Payload payload;
    private final FrameWriter writer;
    private final Tally tally;
    private final Recorders recorders = new Recorders();
    private final List<Connection> open = new ArrayList<>();
    private final List<Connection> all = new ArrayList<>();
    private @Nullable Schedule schedule;
    private long measureNanos;
    private int turn;
    private boolean sending;

    /**
     * Makes a loop.
     *
     * @param index its number, from 0
     * @param eventLoop where it runs
     * @param config the run
     * @param payload what messages say
     * @param tally the run's counters
     */
    LoadLoop(int index, EventLoop eventLoop, LoadConfig config, Payload payload, Tally tally) {
        this.index = index;
        this.eventLoop = eventLoop;
        this.config = config;
        this.payload = payload;
        this.writer = new FrameWriter(payload, config.traffic().binary() ? FrameWriter.BINARY : FrameWriter.TEXT);
        this.tally = tally;
    }

    /**
     * Begins to send.
     *
     * @param startNanos when the run's first message is due
     * @param measureNanos messages due from here on are measured
     * @param endNanos nothing is due from here on
     */
    void start(long startNanos, long measureNanos, long endNanos) {
        this.measureNanos = measureNanos;
        Traffic traffic = config.traffic();
        sending = traffic.mode() != Traffic.Mode.IDLE;
        if (traffic.mode() == Traffic.Mode.OPEN_LOOP) {
            schedule = new Schedule(traffic.rate(), index, config.loops(), startNanos, endNanos);
            run();
        } else if (traffic.mode() == Traffic.Mode.CLOSED_LOOP) {
            for (Connection connection : List.copyOf(open)) {
                for (int i = 0; i < traffic.inFlight(); i++) {
                    connection.send(System.nanoTime());
                }
                connection.flush();
            }
        }
    }

    /** Sends no more than what is due by now. */
    void stop() {
        sending = false;
        if (schedule != null) {
            schedule.end(System.nanoTime());
        }
    }

    /** Sends what is due, and comes back when more is. */
    @Override
    public void run() {
        Schedule due = schedule;
        if (due == null) {
            return;
        }
        long now = System.nanoTime();
        boolean oneEach = due.countDue(now) <= open.size();
        for (int sent = 0; sent < BURST && due.isDue(now); sent++) {
            long dueNanos = due.nextDueNanos();
            due.take();
            if (open.isEmpty()) {
                tally.unsent.increment();
                continue;
            }
            turn = (turn + 1) % open.size();
            Connection connection = open.get(turn);
            connection.send(dueNanos);
            if (oneEach) {
                connection.flush();
            }
            now = System.nanoTime();
        }
        if (!oneEach) {
            flush();
        }
        if (!due.finished()) {
            // Never execute(this): tasks that beget tasks would keep the loop from reading.
            long wait = Math.max(0, due.nextDueNanos() - System.nanoTime());
            eventLoop.schedule(this, wait, TimeUnit.NANOSECONDS);
        }
    }

    private void flush() {
        for (int i = open.size() - 1; i >= 0; i--) { // backwards: a failed flush takes its connection out
            if (i < open.size()) {
                open.get(i).flush();
            }
        }
    }

    /** A connection is open. */
    void opened(Connection connection, Channel channel, long handshakeNanos) {
        connection.open(channel);
        open.add(connection);
        all.add(connection);
        tally.connected.increment();
        recorders.handshake(handshakeNanos);
    }

    /** A connection did not come about. */
    void failed(String reason) {
        tally.failed(reason);
    }

    /** A connection ended before the run did. */
    void closed(Connection connection, String code) {
        open.remove(connection);
        tally.closed(code);
    }

    /** A connection's channel is closed: what is missing on it stays missing. */
    void gone(Connection connection) {
        open.remove(connection);
        all.remove(connection);
        tally.lost.add(connection.missing());
        tally.unsent.add(connection.waiting());
    }

    /** A message was written. */
    void sent(long dueNanos, boolean givenUp) {
        tally.sent.increment();
        if (givenUp) {
            tally.lost.increment();
        }
        if (schedule == null) {
            return;
        }
        long delay = System.nanoTime() - dueNanos;
        if (delay > BEHIND_NANOS) {
            tally.behind.increment();
        }
        if (dueNanos - measureNanos >= 0) {
            recorders.sendDelay(delay);
        }
    }

    /** An undamaged message of the connection arrived. */
    void arrived(Connection connection, Outstanding.Arrival arrival, long dueNanos, long nowNanos, boolean error) {
        switch (arrival) {
            case UNKNOWN -> tally.corrupted.increment();
            case DUPLICATE -> tally.duplicated.increment();
            case REORDERED, IN_ORDER -> {
                tally.received.increment();
                if (arrival == Outstanding.Arrival.REORDERED) {
                    tally.reordered.increment();
                }
                if (error) {
                    tally.errorReplies.increment();
                }
                if (dueNanos - measureNanos >= 0) {
                    recorders.latency(nowNanos - dueNanos);
                }
                if (schedule == null && sending) {
                    connection.send(System.nanoTime());
                }
            }
        }
    }

    /** A message arrived that nobody sent. */
    void corrupted() {
        tally.corrupted.increment();
    }

    /** Messages that are due or sent and whose echo is missing and may still come. */
    long missing() {
        long missing = schedule == null ? 0 : schedule.remaining();
        for (Connection connection : open) {
            missing += connection.missing() + connection.waiting();
        }
        return missing;
    }

    /** Says goodbye on every connection. */
    void close() {
        if (schedule != null) {
            tally.unsent.add(schedule.remaining());
            schedule = null;
        }
        for (Connection connection : List.copyOf(open)) {
            connection.close();
        }
    }

    /** Closes every connection that is left. */
    void abort() {
        for (Connection connection : List.copyOf(all)) {
            connection.abort();
        }
    }

    /** Connections whose channel is not closed. */
    int alive() {
        return all.size();
    }

    /** Connections that can be sent on. */
    int open() {
        return open.size();
    }

    int index() {
        return index;
    }

    EventLoop eventLoop() {
        return eventLoop;
    }

    Payload payload() {
        return payload;
    }

    FrameWriter writer() {
        return writer;
    }

    Recorders recorders() {
        return recorders;
    }

    /** A reply may be larger than its request, but not without bound. */
    int largestMessage() {
        return payload.length() * 2 + (1 << 20);
    }
}
