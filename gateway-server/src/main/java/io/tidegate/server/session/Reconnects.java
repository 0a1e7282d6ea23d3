package io.tidegate.server.session;

import io.netty.util.concurrent.ScheduledFuture;
import io.tidegate.frame.CloseStatus;
import io.tidegate.server.config.continuity.ContinuityConfig;
import io.tidegate.server.traffic.LoopTraffic;
import io.tidegate.server.traffic.Timing;
import io.tidegate.server.upstream.Attempt;
import io.tidegate.server.upstream.Call;
import io.tidegate.server.upstream.Redial;
import io.tidegate.server.upstream.Upstream;
import io.tidegate.server.upstream.UpstreamLeg;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;

/**
 * Finds a session another upstream leg, for as long as its route allows ({@code reconnectFor}).
 *
 * <p>A leg that dies right after its handshake didn't end the outage: the backoff of the first loss goes on. So does the time,
 * unless the leg brought something: then the session got on, however often its upstream dies.
 *
 * <p><b>Threads:</b> the session's event loop.
 */
final class Reconnects {

    /** A leg that lived for this long was a real one. */
    private static final long STABLE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Session session;
    private final ContinuityConfig config;
    private final Upstream upstreams;
    private final Call call;
    private final LoopTraffic traffic;

    private @Nullable Redial run;
    private long runStart;
    private long legStart = System.nanoTime();
    private boolean searching;
    private long lossNanos;
    private @Nullable Disposable dial;
    private @Nullable Disposable move;
    private @Nullable ScheduledFuture<?> deadline;

    Reconnects(Session session, ContinuityConfig config, Upstream upstreams, Call call, LoopTraffic traffic) {
        this.session = session;
        this.config = config;
        this.upstreams = upstreams;
        this.call = call;
        this.traffic = traffic;
    }

    /**
     * The leg is lost: dials until there is another one, or the time is over.
     *
     * @param heard whether anything came on it
     */
    void begin(UpstreamLeg lost, boolean heard) {
        cancel(move);
        long now = System.nanoTime();
        searching = true;
        lossNanos = now;
        Redial current = run;
        if (current == null || now - legStart >= STABLE_NANOS) {
            current = new Redial(lost.endpoint(), now);
            run = current;
            runStart = now;
        } else {
            current.lostAgain(lost.endpoint());
            if (heard) {
                runStart = now;
            }
        }
        long left = config.reconnectFor().toNanos() - (now - runStart);
        deadline = session.loop().schedule(this::timeIsUp, Math.max(0, left), TimeUnit.NANOSECONDS);
        dial = upstreams.redial(call, session.loop(), current).subscribe(this::found, this::refused);
    }

    /** A leg serves from now on. */
    void attached() {
        legStart = System.nanoTime();
    }

    /** That leg took over from one that worked: what was before is no part of what its loss would begin. */
    void moved() {
        run = null;
    }

    /** Dials another endpoint, while the leg still works. */
    void move(Attempt other) {
        cancel(move);
        move = other.dial(call, session.loop())
                .subscribe(session::moveTo, failure -> session.moveFailed(other.endpoint(), failure));
    }

    /** Gives up whatever is under way. */
    void stop() {
        end("abandoned");
        cancel(dial);
        cancel(move);
        if (deadline != null) {
            deadline.cancel(false);
        }
    }

    private void found(UpstreamLeg next) {
        if (!session.life().is(SessionState.RECONNECTING)) {
            next.abandon(new CloseStatus(CloseStatus.GOING_AWAY, "client gone"));
            return;
        }
        if (deadline != null) {
            deadline.cancel(false);
        }
        long nanos = System.nanoTime() - lossNanos;
        traffic.took(Timing.RECONNECT, nanos);
        end("reconnected");
        session.reconnected(next, TimeUnit.NANOSECONDS.toMillis(nanos));
    }

    private void refused(Throwable failure) {
        end("refused");
        stop();
        session.givenUp("upstream refused: " + failure.getMessage());
    }

    private void timeIsUp() {
        end("gave-up");
        stop();
        session.givenUp("upstream lost");
    }

    /** Each search ends once. */
    private void end(String result) {
        if (searching) {
            searching = false;
            traffic.reconnectEnded(result);
        }
    }

    private static void cancel(@Nullable Disposable running) {
        if (running != null) {
            running.dispose();
        }
    }
}
