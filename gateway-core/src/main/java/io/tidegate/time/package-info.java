/**
 * Time as the state machines see it: a number of nanoseconds that somebody else provides, so that tests need not wait.
 *
 * <pre>{@code
 * Ticker ticker = Ticker.system();
 * long deadline = ticker.nanos() + ttlNanos;
 * boolean over = ticker.nanos() - deadline >= 0;
 * }</pre>
 *
 * <p>Not for: dates, or time that means something outside this process.
 */
@NullMarked
package io.tidegate.time;

import org.jspecify.annotations.NullMarked;
