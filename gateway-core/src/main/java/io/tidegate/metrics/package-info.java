/**
 * Counters and histograms for event loops: one writer each, no contention, readable from anywhere while they are written.
 *
 * <pre>{@code
 * StripedCounter messages = new StripedCounter(loops);
 * messages.add(loop, batch.messages());                                       // on that loop only
 * StripedHistogram relay = new StripedHistogram(HistogramRange.LATENCY, loops);
 * relay.on(loop).record(nanos);                                               // likewise; keep what on() returns
 * flipper.flip();                                                             // by one owner, say each second; waits for the loops
 * long p99 = relay.latest().recorded().percentile(99);                        // on any thread, in any number
 * }</pre>
 *
 * <p>{@link io.tidegate.metrics.series} keeps them by labels, and lets those go that nobody uses.
 *
 * <p><b>Memory</b>, on a JVM with compressed references: a {@link io.tidegate.metrics.LoopCounter} 16 bytes; a
 * {@link io.tidegate.metrics.StripedCounter} 168 bytes and 128 for each loop; a
 * {@link io.tidegate.metrics.StripedHistogram} with the range of latencies 55 KB when one loop records in it and 11 KB for
 * each further one, however many values there are; 33 KB when it is idle, and less than 1 KB before its first value.
 *
 * <p>Not for: counters with several writers; use {@link java.util.concurrent.atomic.LongAdder} there. Nor for exporting:
 * these types know no format.
 */
@NullMarked
package io.tidegate.metrics;

import org.jspecify.annotations.NullMarked;
