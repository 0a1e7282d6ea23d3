/**
 * A WebSocket load generator against an echo upstream, usually with a gateway in between.
 *
 * <pre>{@code
 * LoadConfig config = new LoadConfig(target, opening, Traffic.openLoop(5_000, 128), Phases.of(Duration.ofSeconds(10)), 1);
 * LoadReport report = new LoadRun(config, sample -> {}).run();
 * report.latency().getValueAtPercentile(99);
 * }</pre>
 *
 * <p><b>Time.</b> In the open loop, message <i>k</i> of the run is due at {@code start + k / rate}, whatever became of the
 * messages before it, and its latency is the time from that moment to the arrival of its echo. A stall of the measured
 * system is thereby counted once for every message that was due during it (no coordinated omission). A message whose
 * connection can't take it waits with its due time and is sent later; one that could not be sent at all is counted as
 * unsent. In the closed loop a message is sent when an echo arrives, and its latency begins there: that mode measures
 * throughput, and its latencies leave out what would have been sent during a stall.
 *
 * <p><b>Precision.</b> Due times are computed, never accumulated. A loop sleeps until the next due time: with epoll by a
 * timer of nanosecond resolution, with NIO by one of a millisecond. What that, and a busy loop, really cost is recorded
 * for each message as its send delay (due to written) and reported next to the latencies, which include it.
 *
 * <p><b>Matching.</b> Each message bears a number that is unique in the run; each echo is compared with what was sent.
 * {@code sent = received + lost}; a corrupted echo settles nothing, so that its message counts as lost too.
 *
 * <p><b>Threads.</b> A connection, its schedule and its recorders belong to one event loop. The thread that calls
 * {@link io.tidegate.bench.load.LoadRun#run} reads recorders and counters once a second.
 *
 * <p>Not for: talking to upstreams that don't answer every message, or testing a protocol's conformance.
 */
@NullMarked
package io.tidegate.bench.load;

import org.jspecify.annotations.NullMarked;
