/**
 * The series of a metric by their labels: they come when they are needed, go when nobody uses them, and are never more
 * than a bound.
 *
 * <pre>{@code
 * var relay = new SeriesRegistry<>(SeriesConfig.DEFAULTS, ticker, Labels.OTHER, () -> new StripedHistogram(LATENCY, loops));
 * flipper.add(relay.series());
 * Disposable upkeep = new MetricsUpkeep(flipper, List.of(relay)).start(Duration.ofSeconds(1));   // flips and sweeps
 * try (var lease = relay.acquire(new Labels("chat", "to_client"))) {                              // for a session's life
 *     lease.series().on(loop).record(nanos);
 * }
 * var lastMinute = SeriesSnapshot.of(relay).minus(aMinuteAgo);                                   // a reader's own interval
 * }</pre>
 *
 * <p>A series is held by those who record in it, and free when they have all let go:
 *
 * <pre>
 *   (none) ── acquire ──▶ HELD ◀── acquire / last close ──▶ FREE ── quiet for idleFor, at a sweep ──▶ (none)
 * </pre>
 *
 * <p>Not for: what must never be forgotten, such as totals over all labels; count that apart.
 */
@NullMarked
package io.tidegate.metrics.series;

import org.jspecify.annotations.NullMarked;
