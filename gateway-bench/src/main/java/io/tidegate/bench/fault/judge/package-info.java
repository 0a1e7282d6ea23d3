/**
 * Judges a fault scenario from what was sent, what came back and what upstreams read. No I/O, no clock: all of it can be
 * tested with faults made up for the purpose.
 *
 * <pre>{@code
 * int sequence = replies.sent(now);
 * replies.arrived(sequence, later);
 * deliveries.read(new Numbered(client, sequence));
 * List<String> broken = Promise.EXACTLY_ONE_REPLY.broken(findings);
 * }</pre>
 */
@NullMarked
package io.tidegate.bench.fault.judge;

import org.jspecify.annotations.NullMarked;
