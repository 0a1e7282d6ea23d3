/**
 * {@code fault}: breaks upstreams behind a gateway, under load, and judges what became of each message.
 *
 * <pre>{@code
 * FaultReport report = new FaultRun(config, line -> System.err.println(line)).run();
 * report.broken().forEach(System.out::println);
 * }</pre>
 *
 * <p>Gateway and upstreams are processes of their own, so that they can be killed for real; clients live in this one.
 * Upstreams write down what they read ({@link io.tidegate.bench.fault.upstream}), clients what they sent and what came
 * back ({@link io.tidegate.bench.fault.client}); when all is over, the two books are compared
 * ({@link io.tidegate.bench.fault.judge}).
 *
 * <p>Not for: measuring speed. Messages are paced so that faults always find some on their way.
 */
@NullMarked
package io.tidegate.bench.fault;

import org.jspecify.annotations.NullMarked;
