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
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.Disposables;

/**
 * Keeps an eye on one endpoint: checks it periodically if that is configured, and while its breaker is open looks whether it
 * is back, at growing pauses, so that one small connection finds out and not thousands of sessions.
 *
 * <p><b>Threads:</b> any; it works on its home loop.
 */
public final class EndpointChecks {

    private static final Logger log = LoggerFactory.getLogger(EndpointChecks.class);

    private final String name;
    private final HealthCheck check;
    private final EventLoop home;
    private final Breaker breaker;
    private final @Nullable HealthConfig health;
    private final long scoutTimeoutNanos;
    private final Consumer<Boolean> onHealth;

    private final HealthVerdict verdict = new HealthVerdict();
    private final ScoutPauses pauses;
    private final Disposable.Swap checking = Disposables.swap();
    private final Disposable.Swap scouting = Disposables.swap();
    private @Nullable ScheduledFuture<?> nextCheck;
    private @Nullable ScheduledFuture<?> nextScout;
    private boolean stopped;

    /**
     * @param name of the endpoint, for the log
     * @param onHealth called on the home loop when the verdict changes: whether it is healthy
     */
    public EndpointChecks(
            String name,
            URI endpoint,
            Dialler dialler,
            Breaker breaker,
            UpstreamConfig config,
            EventLoop home,
            Consumer<Boolean> onHealth) {
        this.name = name;
        this.check = new HealthCheck(dialler, endpoint, home);
        this.home = home;
        this.breaker = breaker;
        this.health = config.health();
        this.scoutTimeoutNanos = config.connectTimeout().toNanos();
        this.pauses = new ScoutPauses(config.breaker().openFor());
        this.onHealth = onHealth;
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

    private void schedule(HealthConfig periodic, long nanos) {
        if (!stopped) {
            nextCheck = home.schedule(() -> check(periodic), nanos, TimeUnit.NANOSECONDS);
        }
    }

    private void check(HealthConfig periodic) {
        long start = System.nanoTime();
        checking.update(check.once(periodic.timeout().toNanos()).subscribe(passed -> {
            if (verdict.changedBy(passed)) {
                log.info("{}: {}", name, passed ? "healthy again" : "unhealthy, two checks in a row failed");
                onHealth.accept(passed);
            }
            schedule(periodic, Math.max(0, periodic.interval().toNanos() - (System.nanoTime() - start)));
        }));
    }

    private void scoutLater() {
        if (!stopped) {
            cancel(nextScout);
            nextScout = home.schedule(this::scout, pauses.nextNanos(System.nanoTime()), TimeUnit.NANOSECONDS);
        }
    }

    private void scout() {
        if (breaker.state() == BreakerState.OPEN && !breaker.snapshot().forced()) {
            scouting.update(check.once(scoutTimeoutNanos).subscribe(passed -> {
                if (passed) {
                    breaker.probeNow();
                } else {
                    scoutLater();
                }
            }));
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
