package io.tidegate.retry;

import io.tidegate.time.Ticker;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A token bucket that is one number: the moment at which it was, or will be, empty.
 *
 * <p>At a steady refill a balance and a time are the same thing, so a token is kept as the time in which the allowance
 * earns one. A deposit moves the empty moment back, a take moves it on, and time itself refills without being told; no pair
 * of balance and time of last refill has to be kept consistent. (The generic cell rate algorithm, ITU-T I.371, turned
 * around.)
 *
 * <p><b>Threads:</b> any; lock-free, no allocation. The time is read before the exchange, so what one thread sees of the
 * allowance may lag behind by as long as it was held up, never run ahead.
 */
final class TokenBudget implements RetryBudget {

    private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final long tokenNanos;
    private final long depositNanos;
    private final long capacityNanos;
    private final Ticker ticker;
    private final AtomicLong emptyAt;

    TokenBudget(double ratio, int perSecond, int capacity, Ticker ticker) {
        if (!(ratio >= 0 && ratio <= 1)) {
            throw new IllegalArgumentException("ratio: " + ratio + " (expected: 0-1)");
        }
        requireBetween("perSecond", perSecond, 100_000);
        requireBetween("capacity", capacity, 1_000_000_000);
        this.tokenNanos = SECOND_NANOS / perSecond;
        this.depositNanos = Math.round(ratio * tokenNanos);
        this.capacityNanos = capacity * tokenNanos;
        this.ticker = ticker;
        this.emptyAt = new AtomicLong(ticker.nanos() - Math.min(capacity, perSecond) * tokenNanos);
    }

    @Override
    public void deposit() {
        long full = ticker.nanos() - capacityNanos;
        long before;
        long after;
        do {
            before = emptyAt.get();
            after = before - depositNanos;
            if (after - full < 0) {
                after = full;
            }
        } while (!emptyAt.weakCompareAndSetVolatile(before, after));
    }

    @Override
    public boolean tryTake() {
        long now = ticker.nanos();
        long before;
        long balance;
        do {
            before = emptyAt.get();
            balance = Math.min(now - before, capacityNanos);
            if (balance < tokenNanos) {
                return false;
            }
        } while (!emptyAt.weakCompareAndSetVolatile(before, now - balance + tokenNanos));
        return true;
    }

    @Override
    public long available() {
        return Math.max(0, Math.min(ticker.nanos() - emptyAt.get(), capacityNanos)) / tokenNanos;
    }

    private static void requireBetween(String name, int value, int most) {
        if (value < 1 || value > most) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: 1-" + most + ')');
        }
    }
}
