/**
 * Queues that hold what cannot be delivered yet: bounded by messages, bytes and time, and accountable for every message.
 *
 * <pre>{@code
 * BoundedQueue<ByteBuf> queue = BoundedQueue.<ByteBuf>builder(QueueConfig.DEFAULTS, ByteBuf::readableBytes)
 *         .budget(new ByteBudget(64 << 20))             // shared by all that is made of it
 *         .build();
 * Flux<ByteBuf> smooth = source.transform(queue::buffer);
 * Outbox<ByteBuf> outbox = queue.newOutbox();           // outlives the connections that read it
 * outbox.deliveries().subscribe(connection);            // confirms, or leaves it to the next one
 * }</pre>
 *
 * <p>{@link io.tidegate.queue.MessageQueue} decides, without Reactor and for one thread;
 * {@link io.tidegate.queue.BoundedQueue#buffer} and {@link io.tidegate.queue.Outbox} let any thread use it. A message:
 *
 * <pre>
 *                    take                    confirm, handOver
 *   offer ──▶ WAITS ──────▶ TAKEN (unconfirmed) ──────────────▶ delivered
 *     │       │  ▲            │ │
 *     │       │  └────────────┘ └▶ dropped
 *     │       │     requeue: same place, same deadline
 *     │       └▶ expired, dropped
 *     └▶ refused (the caller's still), dropped, duplicate
 *
 *   pass ──▶ delivered, while nothing waits
 * </pre>
 *
 * <p>At any moment, {@code accepted = delivered + queued + unconfirmed + expired + duplicate + dropped}; see
 * {@link io.tidegate.queue.Accounting}.
 *
 * <p>Not for: handing work between threads as fast as can be ({@code publishOn}), durable queues, or several readers at once.
 */
@NullMarked
package io.tidegate.queue;

import org.jspecify.annotations.NullMarked;
