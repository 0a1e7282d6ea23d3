package io.tidegate.server.upstream.health;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.tidegate.breaker.Breaker;
import io.tidegate.breaker.BreakerSnapshot;
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
import reactor.core.publisher.Mono;

/**
 * Keeps an eye on one endpoint: checks it periodically if that is configured; while its breaker is open, and after a leg was
 * lost, looks whether it is back, at growing pauses, so that one small connection finds out and not thousands of sessions; and
 * sees for itself when what a client experienced may be that client's own doing.
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

    /** How long a leg has to live to be a real one: as long as those that count as early deaths don't. */
    private static final long STAY_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final String upstream;
    private final String label;
    private final HealthCheck check;
    private final SecondOpinion opinion;
    private final EventLoop home;
    private final Breaker breaker;
    private final @Nullable HealthConfig health;
    private final long dialNanos;
    private final Listener listener;

    private final HealthVerdict verdict = new HealthVerdict();
    private final ScoutPauses pauses;
    private final Disposable.Swap checking = Disposables.swap();
    private final Disposable.Swap scouting = Disposables.swap();
    private @Nullable ScheduledFuture<?> nextCheck;
    private @Nullable ScheduledFuture<?> nextScout;

    /** A leg was lost, and nothing was seen of the endpoint since. Written on the home loop. */
    private volatile boolean isLooking;
    /** There was no connection to it since. */
    private boolean isSuspect;
    /** What was asked for when legs that were dropped opened the breaker: a handshake alone proves nothing now. */
    private @Nullable String dropping;

    private long lookedNanos = System.nanoTime() - LOOK_INTERVAL_NANOS;
    private boolean isTold = true;
    private boolean stopped;

    /**
     * @param upstream of the endpoint, for the log
     * @param label of the endpoint, for the log
     */
    public EndpointChecks(
            String upstream,
            String label,
            URI endpoint,
            Dialler dialler,
            Breaker breaker,
            UpstreamConfig config,
            EventLoop home,
            Listener listener) {
        this.upstream = upstream;
        this.label = label;
        this.check = new HealthCheck(dialler, endpoint, home);
        this.dialNanos = config.connectTimeout().toNanos();
        this.opinion = new SecondOpinion(check, home, dialNanos / 4, STAY_NANOS);
        this.home = home;
        this.breaker = breaker;
        this.health = config.health();
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

    // what others see

    /** The breaker went to {@code state}. */
    public void breakerIs(BreakerState state) {
        execute(() -> {
            if (state == BreakerState.OPEN) {
                pauses.down(System.nanoTime());
                scoutLater();
            } else {
                dropping = null;
            }
            if (state == BreakerState.CLOSED) {
                pauses.up();
            }
        });
    }

    /** A leg was lost: perhaps the endpoint is, too. */
    public void legLost() {
        execute(() -> {
            if (isLooking || breaker.snapshot().forced()) {
                return;
            }
            isLooking = true;
            long now = System.nanoTime();
            pauses.down(now);
            if (breaker.state() != BreakerState.OPEN) {
                scoutAfter(Math.max(pauses.nextNanos(now), lookedNanos + LOOK_INTERVAL_NANOS - now));
            }
        });
    }

    /** A session has a leg to it: whatever looks find, it is there. */
    public void answered() {
        if (isLooking) {
            execute(() -> {
                if (isLooking) {
                    seen();
                    listener.isBack();
                }
            });
        }
    }

    // what is in doubt

    /**
     * Whether a handshake that asks for {@code path}, and nothing of which is a client's, is granted.
     *
     * <p><b>Signals:</b> one value; an error only when the event loops have ended. <b>Threads:</b> any.
     */
    public Mono<Boolean> grants(String path) {
        return opinion.ofHandshake(path).map(found -> found == Finding.WELL);
    }

    /**
     * A leg failed in a way that may be its client's doing: looks whether one of the gateway's own lives for a second and answers
     * a Ping. If not, or if that can't be told, it is the endpoint's fault.
     *
     * @param path what the leg asked for
     * @param judged called with whether it is, on the home loop
     */
    public void legFailed(String path, Consumer<Boolean> judged) {
        opinion.ofLeg(path)
                .subscribe(
                        found -> execute(() -> {
                            judged.accept(found != Finding.WELL);
                            if (found == Finding.DROPPED && breaker.state() == BreakerState.OPEN) {
                                dropping = path;
                            }
                        }),
                        error -> log.debug("{}: not looked at, the event loops have ended", name()));
    }

    // periodic checks

    private void schedule(HealthConfig periodic, long nanos) {
        if (!stopped) {
            nextCheck = home.schedule(() -> check(periodic), nanos, TimeUnit.NANOSECONDS);
        }
    }

    private void check(HealthConfig periodic) {
        long start = System.nanoTime();
        checking.update(check.handshake(check.path(), periodic.timeout().toNanos())
                .subscribe(found -> {
                    if (found != Finding.UNKNOWN) {
                        verdict.take(found.isAnswer());
                        tell();
                    }
                    schedule(periodic, Math.max(0, periodic.interval().toNanos() - (System.nanoTime() - start)));
                }));
    }

    // looks

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
        BreakerSnapshot now = breaker.snapshot();
        boolean isOpen = now.state() == BreakerState.OPEN;
        if (now.forced()) {
            // Nobody is waited for.
            seen();
        } else if (isOpen || isLooking) {
            String dropped = isOpen ? dropping : null;
            Mono<Finding> look = dropped == null
                    // The dialler takes no longer than half of this, and can tell what for.
                    ? check.handshake(check.path(), 2 * dialNanos)
                    : check.stay(dropped, 2 * dialNanos, STAY_NANOS);
            scouting.update(look.subscribe(found -> scouted(found, dropped != null)));
        }
    }

    private void scouted(Finding found, boolean stayed) {
        if (stayed ? found == Finding.WELL : found.isAnswer()) {
            seen();
            breaker.probeNow();
            listener.isBack();
            return;
        }
        if (found != Finding.UNKNOWN) {
            isSuspect = isLooking && found == Finding.ABSENT;
            tell();
        }
        scoutLater();
    }

    private void seen() {
        isLooking = false;
        isSuspect = false;
        lookedNanos = System.nanoTime();
        if (breaker.state() == BreakerState.CLOSED) {
            pauses.up();
        }
        tell();
    }

    private void tell() {
        boolean healthy = verdict.isHealthy() && !isSuspect;
        if (healthy != isTold) {
            isTold = healthy;
            log.atInfo()
                    .addKeyValue("upstream", upstream)
                    .addKeyValue("endpoint", label)
                    .addKeyValue("healthy", healthy)
                    .log("{}: {}", name(), healthy ? "healthy again" : "unhealthy, its checks fail");
            listener.isHealthy(healthy);
        }
    }

    private String name() {
        return "upstream " + upstream + ": " + label;
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
            log.debug("{}: the event loops have ended, and with them the checks", name());
        }
    }
}
