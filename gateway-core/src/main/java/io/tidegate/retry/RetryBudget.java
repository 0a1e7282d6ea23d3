package io.tidegate.retry;

import io.tidegate.time.Ticker;

/**
 * Bounds the retries of all who share it to a share of their fresh attempts, so that retries can't multiply the load on
 * something that is failing already.
 *
 * <p>Each fresh attempt pays in a part of a token, each retry costs a whole one. What the first attempts of an idle hour
 * couldn't pay for, a small allowance per second does.
 *
 * <p><b>Threads:</b> any. <b>State:</b> shared: one budget per target of the load, say per upstream.
 */
public interface RetryBudget {

    /** Has room for every retry. */
    RetryBudget UNLIMITED = new RetryBudget() {
        @Override
        public void deposit() {}

        @Override
        public boolean tryTake() {
            return true;
        }

        @Override
        public long available() {
            return Long.MAX_VALUE;
        }
    };

    /**
     * Retries up to a share of the fresh attempts, and 10 a second on top; up to 100 at once after a time without failures.
     *
     * @param ratio retries per fresh attempt, from 0 to 1
     */
    static RetryBudget of(double ratio) {
        return of(ratio, 10, 100, Ticker.system());
    }

    /**
     * Retries up to a share of the fresh attempts, and an allowance per second on top. Starts with the allowance of the
     * first second.
     *
     * @param ratio retries per fresh attempt, from 0 to 1
     * @param perSecond retries allowed each second without any fresh attempt, from 1 to 100,000
     * @param capacity retries that can be saved up, from 1 to 1,000,000,000
     * @param ticker tells how much of the allowance is due
     */
    static RetryBudget of(double ratio, int perSecond, int capacity, Ticker ticker) {
        return new TokenBudget(ratio, perSecond, capacity, ticker);
    }

    /** A fresh attempt is made: pays in its share. */
    void deposit();

    /** Takes the token for one retry; {@code false} when there is none, and no retry may be made. */
    boolean tryTake();

    /** Retries there are tokens for right now; {@link Long#MAX_VALUE} when there is no limit. */
    long available();
}
