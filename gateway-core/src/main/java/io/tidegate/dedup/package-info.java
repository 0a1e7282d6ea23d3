/**
 * Drops messages that came before, by an id in them or by their content.
 *
 * <pre>{@code
 * Dedup<ByteBuf> dedup = Dedup.of(DedupConfig.DEFAULTS, DedupKey.content());
 * Flux<ByteBuf> once = messages.transform(dedup::distinct);               // each subscription by itself
 *
 * Dedup<ByteBuf> route = dedup.within(DedupWindow.shared(DedupConfig.DEFAULTS));
 * Mono<Void> sent = route.deliver(messages, message -> send(message));    // one window for all; a failed send is forgotten
 * }</pre>
 *
 * <p>A key is remembered in two phases, so that a resend after a failure is never swallowed:
 *
 * <pre>
 *   message ─▶ key ─┬─ none ─────────────────────────────────▶ passes, counted as unkeyed
 *                   ├─ remembered, or under way ─────────────▶ dropped, counted as duplicate
 *                   └─ unknown ─▶ under way ─┬─ delivered ───▶ remembered for the window
 *                                            └─ not delivered ▶ unknown
 * </pre>
 *
 * <p>{@link io.tidegate.dedup.DedupWindow} is the state machine, {@link io.tidegate.dedup.DedupGate} puts key, window and listener
 * together, {@link io.tidegate.dedup.Dedup} has the operators.
 *
 * <p><b>Memory.</b> 24 bytes per remembered key, and 8 bytes per slot of an index that is between 5/16 and 5/8 full: 37 to 50
 * bytes in all, 41 MB for a million. It grows with what is remembered and not with what might be; the index doesn't shrink
 * again. While it grows, what moves at once is a segment of at most 5,120 keys, some tens of microseconds' work, or the keys under
 * way. A window of 100,000 keys that has seen none takes less than a kilobyte, one that has seen a few takes two.
 *
 * <p>Not for: exactly-once delivery. What is remembered here is lost with the process, and ends with the window.
 */
@NullMarked
package io.tidegate.dedup;

import org.jspecify.annotations.NullMarked;
