/**
 * Counters for event loops: one writer each, no contention, readable from anywhere.
 *
 * <pre>{@code
 * LoopCounter messages = new LoopCounter();      // one per event loop
 * messages.add(batch.messages());                // on that loop only
 * long soFar = messages.get();                   // on any thread
 * }</pre>
 *
 * <p>Not for: counters with several writers; use {@link java.util.concurrent.atomic.LongAdder} there.
 */
@NullMarked
package io.tidegate.metrics;

import org.jspecify.annotations.NullMarked;
