package io.tidegate.server.drain;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.tidegate.frame.CloseStatus;
import io.tidegate.queue.Accounting;
import io.tidegate.server.config.DrainConfig;
import io.tidegate.server.session.Session;
import io.tidegate.time.Ticker;
import java.time.Duration;
import java.util.Collection;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * Ends all sessions of a gateway that takes no more clients.
 *
 * <pre>
 *   in turns, over spread      1 s before timeout       timeout
 *   leave, as soon as quiet ──▶ closed, quiet or not ──▶ cut off
 * </pre>
 *
 * <p><b>Threads:</b> any; it works on an event loop of its gateway.
 */
public final class Drain {

    /** Why clients are told that their session ends. */
    private static final String REASON = "gateway stopping";

    private static final Logger log = LoggerFactory.getLogger(Drain.class);

    private static final int TICK_MILLIS = 10;
    /** How long before the deadline even those are told that have something to lose: time for a closing handshake. */
    private static final Duration LAST_CALL = Duration.ofSeconds(1);
    /** How long what was cut off may take to be gone. */
    private static final Duration CUTTING = Duration.ofSeconds(1);

    private final long spreadNanos;
    private final Supplier<? extends Collection<Session>> sessions;
    private final BooleanSupplier isIdle;
    private final Supplier<Accounting> books;
    private final IntSupplier tasks;
    private final Ticker ticker;
    private final EventLoop home;
    private final CloseStatus status;
    private final Accounting before;
    private final long startNanos;

    private final Set<Session> counted = ConcurrentHashMap.newKeySet();
    private final AtomicInteger closed = new AtomicInteger();
    private final AtomicInteger peerClosed = new AtomicInteger();
    private final AtomicInteger forced = new AtomicInteger();
    private final Sinks.One<DrainSummary> over = Sinks.one();

    // Written on the event loop only.
    private @Nullable Turns<Session> turns;
    private @Nullable ScheduledFuture<?> ticks;
    /** When the rest is told, and when it is cut off. */
    private long lastCallNanos;

    private long cutNanos;
    private volatile boolean called;
    private volatile @Nullable DrainSummary result;
    private boolean cut;

    /**
     * @param patient whether sessions are waited for that have something to lose, and take turns
     * @param sessions those under way
     * @param isIdle whether there is none, and no handshake that may become one
     * @param books of all sessions since the gateway started
     * @param tasks how many periodic tasks end with it
     * @param home where to work
     */
    public Drain(
            DrainConfig config,
            boolean patient,
            Supplier<? extends Collection<Session>> sessions,
            BooleanSupplier isIdle,
            Supplier<Accounting> books,
            IntSupplier tasks,
            Ticker ticker,
            EventLoop home) {
        this.sessions = sessions;
        this.isIdle = isIdle;
        this.books = books;
        this.tasks = tasks;
        this.ticker = ticker;
        this.home = home;
        this.status = new CloseStatus(config.closeCode(), REASON);
        this.before = books.get();
        this.startNanos = ticker.nanos();
        long timeout = config.timeout().toNanos();
        this.cutNanos = startNanos + timeout;
        this.lastCallNanos = patient ? cutNanos - Math.min(LAST_CALL.toNanos(), timeout / 4) : startNanos;
        // A turn behind the last call would be none.
        this.spreadNanos = Math.min(config.spread().toNanos(), lastCallNanos - startNanos);
    }

    /** Begins. */
    public void start() {
        home.execute(() -> {
            turns = new Turns<>(sessions.get(), startNanos, spreadNanos, new Random());
            ticks = home.scheduleAtFixedRate(this::tick, 0, TICK_MILLIS, TimeUnit.MILLISECONDS);
        });
    }

    /** A session began all the same: its handshake was under way. On its event loop. */
    public void joined(Session session) {
        if (called) {
            session.end(status);
        } else {
            session.leave(status);
        }
    }

    /** A session is over. Any thread. */
    public void left(Session session) {
        if (counted.add(session)) {
            AtomicInteger count = session.isCutOff() ? forced : session.isEndedByGateway() ? closed : peerClosed;
            count.incrementAndGet();
        }
    }

    /** What is left is closed now, whatever it loses by that, and cut off a second later. */
    public void hurry() {
        hurry(LAST_CALL);
    }

    /** The same, and cut off after {@code patience}, if not before. */
    public void hurry(Duration patience) {
        if (result != null) {
            return;
        }
        home.execute(() -> {
            long now = ticker.nanos();
            if (lastCallNanos - now > 0) {
                lastCallNanos = now;
            }
            if (cutNanos - (now + patience.toNanos()) > 0) {
                cutNanos = now + patience.toNanos();
            }
        });
    }

    /** How many sessions there were, with those that began while it went on. */
    public int total() {
        return closed.get() + peerClosed.get() + forced.get() + remaining();
    }

    /** How many are still there. */
    public int remaining() {
        return sessions.get().size();
    }

    /**
     * Waits until no session is left.
     *
     * <p><b>Signals:</b> the summary; never an error. Later subscribers get it, too.
     */
    public Mono<DrainSummary> summary() {
        return over.asMono();
    }

    /** What came of it; {@code null} while it goes on. */
    public @Nullable DrainSummary result() {
        return result;
    }

    private void tick() {
        try {
            step();
        } catch (RuntimeException e) {
            // The next step may do better, and the one at the deadline has to come.
            log.error("draining went wrong for a moment", e);
        }
    }

    private void step() {
        long now = ticker.nanos();
        if (turns != null) {
            turns.due(now, session -> session.leave(status));
        }
        if (!called && lastCallNanos - now <= 0) {
            called = true;
            sessions.get().forEach(session -> session.end(status));
        }
        if (!cut && cutNanos - now <= 0) {
            cut = true;
            sessions.get().forEach(Session::cut);
        }
        boolean late = cut && (remaining() == 0 || cutNanos + CUTTING.toNanos() - now <= 0);
        if (late || isIdle.getAsBoolean()) {
            finish(now);
        }
    }

    private void finish(long now) {
        if (ticks != null) {
            ticks.cancel(false);
        }
        sessions.get().stream().filter(counted::add).forEach(session -> forced.incrementAndGet());
        Accounting after = books.get();
        DrainSummary summary = new DrainSummary(
                closed.get(),
                peerClosed.get(),
                forced.get(),
                Duration.ofNanos(now - startNanos),
                tasks.getAsInt(),
                after.minus(before),
                after);
        result = summary;
        over.tryEmitValue(summary);
    }
}
