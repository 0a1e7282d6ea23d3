/**
 * The log: what its lines look like, and how many there may be.
 *
 * <pre>{@code
 * Lines lines = new Lines(Ticker.system(), loops, config.log().access());
 * lines.of(Kind.LEG_LOST, log)
 *         .addKeyValue("session", number)
 *         .addKeyValue("reason", why)
 *         .log("session {}: upstream leg lost: {}", number, why);
 * }</pre>
 *
 * <p>A line says all in its message, which is what people read; what it is about, and why, stands in key-values beside, which
 * {@link io.tidegate.server.log.LineEncoder} makes fields of a JSON line. A {@link io.tidegate.server.log.LineRate} for each
 * {@link io.tidegate.server.log.Kind} keeps a storm from flooding the log. What others said goes through {@link
 * io.tidegate.server.log.Printable}.
 *
 * <p>Not for: lines of which there is one for an endpoint or for a process. They need no limit, and go to a logger as they are.
 */
@NullMarked
package io.tidegate.server.log;

import org.jspecify.annotations.NullMarked;
