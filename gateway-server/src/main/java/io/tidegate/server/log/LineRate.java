package io.tidegate.server.log;

import io.tidegate.time.Ticker;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;

/**
 * Lets so many lines through at once, the same number again a second after the first of them, and counts those it keeps back.
 *
 * <p><b>Threads:</b> any; lock-free. <b>State:</b> what it counted waits for {@link #keptBack()}, for however long.
 */
final class LineRate {

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    /** What becomes of a line. */
    enum Verdict {
        /** It may be written. */
        WRITE,
        /** It may not, and is the first of which that has to be said. */
        KEEP_BACK_AND_SAY_SO,
        /** It may not, like others before it. */
        KEEP_BACK
    }

    /**
     * Lines that weren't written.
     *
     * @param nanos for how long, since the first of them
     */
    record KeptBack(long lines, long nanos) {

        /** {@code and 4,490 more like it in the last 12 s}. */
        @Override
        public String toString() {
            long seconds = Math.max(1, (nanos + SECOND / 2) / SECOND);
            return String.format(Locale.ROOT, "and %,d more like it in the last %d s", lines, seconds);
        }
    }

    /** @param sinceNanos when the first line was kept back, if there is one */
    private record State(long secondNanos, int written, long keptBack, long sinceNanos) {}

    private static final AtomicReferenceFieldUpdater<LineRate, State> STATE =
            AtomicReferenceFieldUpdater.newUpdater(LineRate.class, State.class, "state");

    private final int perSecond;
    private final Ticker ticker;
    private volatile State state;

    /** @param perSecond lines; > 0 */
    LineRate(int perSecond, Ticker ticker) {
        if (perSecond < 1) {
            throw new IllegalArgumentException("perSecond: " + perSecond + " (expected: > 0)");
        }
        this.perSecond = perSecond;
        this.ticker = ticker;
        long now = ticker.nanos();
        this.state = new State(now - SECOND, 0, 0, now);
    }

    /** Whether one more line may be written. */
    Verdict next() {
        while (true) {
            long now = ticker.nanos();
            State before = state;
            State after;
            Verdict verdict;
            if (now - before.secondNanos >= SECOND) {
                after = new State(now, 1, before.keptBack, before.sinceNanos);
                verdict = Verdict.WRITE;
            } else if (before.written < perSecond) {
                after = new State(before.secondNanos, before.written + 1, before.keptBack, before.sinceNanos);
                verdict = Verdict.WRITE;
            } else {
                boolean first = before.keptBack == 0;
                long since = first ? now : before.sinceNanos;
                after = new State(before.secondNanos, before.written, before.keptBack + 1, since);
                verdict = first ? Verdict.KEEP_BACK_AND_SAY_SO : Verdict.KEEP_BACK;
            }
            if (STATE.compareAndSet(this, before, after)) {
                return verdict;
            }
        }
    }

    /** What was kept back since this was asked last, which may be nothing; each line is told of once. */
    KeptBack keptBack() {
        State before = STATE.getAndUpdate(this, s -> new State(s.secondNanos, s.written, 0, s.sinceNanos));
        return new KeptBack(before.keptBack, ticker.nanos() - before.sinceNanos);
    }
}
