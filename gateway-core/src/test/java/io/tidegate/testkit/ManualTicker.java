package io.tidegate.testkit;

import io.tidegate.time.Ticker;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import reactor.test.scheduler.VirtualTimeScheduler;

/** A clock that stands still until it is told to go on. Starts close to overflow, so that wrong comparisons show. */
public final class ManualTicker implements Ticker {

    private static final long START = Long.MAX_VALUE - Duration.ofSeconds(1).toNanos();

    private final AtomicLong nanos = new AtomicLong(START);

    /** The time of the virtual scheduler that {@code StepVerifier.withVirtualTime} has put in place. */
    public static Ticker virtual() {
        return () -> START + VirtualTimeScheduler.get().now(TimeUnit.NANOSECONDS);
    }

    @Override
    public long nanos() {
        return nanos.get();
    }

    public void advance(Duration duration) {
        advanceNanos(duration.toNanos());
    }

    public void advanceNanos(long amount) {
        if (amount < 0) {
            throw new IllegalArgumentException("amount: " + amount + " (expected: >= 0)");
        }
        nanos.addAndGet(amount);
    }
}
