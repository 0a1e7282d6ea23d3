package io.tidegate.server.upstream;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.tidegate.server.failure.GatewayException;
import io.tidegate.server.handshake.RefusedException;
import io.tidegate.server.upstream.pace.PacedLine;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.publisher.MonoSink;

/**
 * One session's wait for another leg: in line, dialling, after a failed dial waiting for a while, in line again.
 *
 * <p>The wait after a failure is drawn from zero to the time since the loss, at least 50 ms and at most {@code maxBackoff}.
 * So it grows with the outage like any exponential backoff (the time since the loss doubles, at worst, from one attempt to
 * the next), is jittered in full, and yet there is a promise in it: an upstream that was down for t is dialled after 2 t + 50
 * ms at the latest, as nobody begins a wait longer than what has passed already.
 *
 * <p><b>Threads:</b> the session's event loop, but for {@link #turn}. <b>State:</b> one for each subscription.
 */
final class RedialRun implements PacedLine.Entry, Disposable {

    private static final long SHORTEST_CEILING_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final EndpointPool pool;
    private final PacedLine line;
    private final long maxBackoffNanos;
    private final Call call;
    private final String key;
    private final EventLoop loop;
    private final Redial run;
    private final MonoSink<UpstreamLeg> sink;

    private volatile boolean disposed;
    private @Nullable ScheduledFuture<?> wait;
    private @Nullable Disposable dial;

    RedialRun(
            EndpointPool pool,
            PacedLine line,
            long maxBackoffNanos,
            Call call,
            EventLoop loop,
            Redial run,
            MonoSink<UpstreamLeg> sink) {
        this.pool = pool;
        this.line = line;
        this.maxBackoffNanos = maxBackoffNanos;
        this.call = call;
        this.key = pool.keyOf(call);
        this.loop = loop;
        this.run = run;
        this.sink = sink;
    }

    void start() {
        if (run.attempts() == 0) {
            line.enter(this);
        } else {
            // The leg that the last attempt brought was lost again.
            waitFirst();
        }
    }

    /** On the line's event loop. */
    @Override
    @SuppressWarnings("FutureReturnValueIgnored") // not cancelled from here: it finds out by itself
    public PacedLine.Turn turn(long spreadNanos) {
        if (disposed) {
            return PacedLine.Turn.GONE;
        }
        Attempt next = pool.selectAgain(key, run.tried());
        if (next == null) {
            return PacedLine.Turn.HELD;
        }
        try {
            loop.schedule(() -> dial(next), spreadNanos, TimeUnit.NANOSECONDS);
            return PacedLine.Turn.TAKEN;
        } catch (RuntimeException e) {
            next.giveBack();
            throw e;
        }
    }

    private void dial(Attempt next) {
        if (disposed) {
            next.giveBack();
            return;
        }
        run.attempt(next.endpoint());
        dial = next.dial(call, loop).subscribe(sink::success, this::failed);
    }

    private void failed(Throwable failure) {
        if (isFinal(failure)) {
            sink.error(failure);
        } else {
            waitFirst();
        }
    }

    private void waitFirst() {
        long ceiling = ceilingNanos(run.sinceLossNanos(), maxBackoffNanos);
        long nanos = ThreadLocalRandom.current().nextLong(ceiling + 1);
        wait = loop.schedule(() -> line.enter(this), nanos, TimeUnit.NANOSECONDS);
    }

    /** The longest wait after a failure. */
    static long ceilingNanos(long sinceLossNanos, long maxBackoffNanos) {
        return Math.min(maxBackoffNanos, Math.max(SHORTEST_CEILING_NANOS, sinceLossNanos));
    }

    private static boolean isFinal(Throwable failure) {
        return failure instanceof RefusedException refused ? refused.isFinal() : !(failure instanceof GatewayException);
    }

    @Override
    public void dispose() {
        disposed = true;
        line.leave(this);
        if (wait != null) {
            wait.cancel(false);
        }
        if (dial != null) {
            dial.dispose();
        }
    }
}
