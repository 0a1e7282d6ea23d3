package io.tidegate.server.upstream.health;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.tidegate.breaker.Breaker;
import io.tidegate.breaker.BreakerState;
import io.tidegate.server.config.UpstreamConfig;
import io.tidegate.server.config.upstream.HealthConfig;
import io.tidegate.server.upstream.dial.Dialler;
import java.net.URI;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.Disposables;

/**
 * Keeps an eye on one endpoint: checks it periodically if that is configured; while its breaker is open, and after a leg was
 * lost, looks whether it is back, at growing pauses, so that one small connection finds out and not thousands of sessions.
 *
 * <p><b>Threads:</b> any; it works on its home loop.
 */
public final class EndpointChecks {

    /** Who wants to know. Called on the home loop. */
    public interface Listener {

        /** The endpoint's checks fail, or pass again. */
        void isHealthy(boolean healthy);

        /** The endpoint is there, after a breaker opened or a leg was lost. */
        void isBack();
    }

    private static final Logger log = LoggerFactory.getLogger(EndpointChecks.class);

    /** After a look that found the endpoint there, a lost leg is no reason for another one before this is over. */
    private static final long LOOK_INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final String name;
    private final HealthCheck check;
    private final EventLoop home;
    private final Breaker breaker;
    private final @Nullable HealthConfig health;
    private final long scoutTimeoutNanos;
    private final Listener listener;

    private final HealthVerdict verdict = new HealthVerdict();
    private final ScoutPauses pauses;
    private final Disposable.Swap checking = Disposables.swap();
    private final Disposable.Swap scouting = Disposables.swap();
    private @Nullable ScheduledFuture<?> nextCheck;
    private @Nullable ScheduledFuture<?> nextScout;
    private boolean isLooking;
    private boolean isSuspect;
    private long lookedNanos = System.nanoTime() - LOOK_INTERVAL_NANOS;
    private boolean isTold = true;
    private boolean stopped;

    /**
     * @param name of the endpoint, for the log
     */
    public EndpointChecks(
            String name,
            URI endpoint,
            Dialler dialler,
            Breaker breaker,
            UpstreamConfig config,
            EventLoop home,
            Listener listener) {
        this.name = name;
        this.check = new HealthCheck(dialler, endpoint, home);
        this.home = home;
        this.breaker = breaker;
        this.health = config.health();
        this.scoutTimeoutNanos = config.connectTimeout().toNanos();
        this.pauses = new ScoutPauses(config.breaker().openFor());
        this.listener = listener;
    }

    /** Begins, with the first periodic check somewhere in the first interval: endpoints aren't all checked in one moment. */
    public void start() {
        HealthConfig periodic = health;
        if (periodic != null) {
            long interval = periodic.interval().toNanos();
            execute(() -> schedule(periodic, ThreadLocalRandom.current().nextLong(interval)));
        }
    }

    /** Ends all of it. */
    public void stop() {
        execute(() -> {
            stopped = true;
            cancel(nextCheck);
            cancel(nextScout);
            checking.dispose();
            scouting.dispose();
        });
    }

    /** The breaker went to {@code state}. */
    public void breakerIs(BreakerState state) {
        execute(() -> {
            if (state == BreakerState.OPEN) {
                pauses.down(System.nanoTime());
                scoutLater();
            } else if (state == BreakerState.CLOSED) {
                pauses.up();
            }
        });
    }

    /** A leg was lost: perhaps the endpoint is, too. */
    public void legLost() {
        execute(() -> {
            long now = System.nanoTime();
            if (!isLooking) {
                isLooking = true;
                pauses.down(now);
                if (breaker.state() != BreakerState.OPEN) {
                    scoutAfter(Math.max(pauses.nextNanos(now), lookedNanos + LOOK_INTERVAL_NANOS - now));
                }
            }
        });
    }

    private void schedule(HealthConfig periodic, long nanos) {
        if (!stopped) {
            nextCheck = home.schedule(() -> check(periodic), nanos, TimeUnit.NANOSECONDS);
        }
    }

    private void check(HealthConfig periodic) {
        long start = System.nanoTime();
        checking.update(check.once(periodic.timeout().toNanos()).subscribe(passed -> {
            verdict.take(passed);
            tell();
            schedule(periodic, Math.max(0, periodic.interval().toNanos() - (System.nanoTime() - start)));
        }));
    }

    private void scoutLater() {
        scoutAfter(pauses.nextNanos(System.nanoTime()));
    }

    private void scoutAfter(long nanos) {
        if (!stopped) {
            cancel(nextScout);
            nextScout = home.schedule(this::scout, nanos, TimeUnit.NANOSECONDS);
        }
    }

    private void scout() {
        boolean isOpen =
                breaker.state() == BreakerState.OPEN && !breaker.snapshot().forced();
        if (isOpen || isLooking) {
            scouting.update(check.once(scoutTimeoutNanos).subscribe(this::scouted));
        }
    }

    private void scouted(boolean passed) {
        isSuspect = isLooking && !passed;
        tell();
        if (!passed) {
            scoutLater();
            return;
        }
        isLooking = false;
        lookedNanos = System.nanoTime();
        breaker.probeNow();
        if (breaker.state() == BreakerState.CLOSED) {
            pauses.up();
        }
        listener.isBack();
    }

    private void tell() {
        boolean healthy = verdict.isHealthy() && !isSuspect;
        if (healthy != isTold) {
            isTold = healthy;
            log.info("{}: {}", name, healthy ? "healthy again" : "unhealthy, its checks fail");
            listener.isHealthy(healthy);
        }
    }

    private static void cancel(@Nullable ScheduledFuture<?> timer) {
        if (timer != null) {
            timer.cancel(false);
        }
    }

    private void execute(Runnable task) {
        try {
            home.execute(task);
        } catch (RejectedExecutionException e) {
            log.debug("{}: the event loops have ended, and with them the checks", name);
        }
    }
}
