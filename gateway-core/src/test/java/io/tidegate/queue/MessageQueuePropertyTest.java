package io.tidegate.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tidegate.queue.MessageQueue.Offer;
import io.tidegate.testkit.ManualTicker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

/**
 * A million random steps (500 runs of 2000), compared after each one with a model that keeps everything in lists and looks
 * through them.
 */
class MessageQueuePropertyTest {

    private static final int STEPS = 2000;

    @Property(tries = 500, shrinking = ShrinkingMode.OFF)
    void behavesLikeTheModel(@ForAll long seed) {
        Run run = new Run(new Random(seed));
        for (int step = 0; step < STEPS; step++) {
            run.step();
            run.compare();
        }
        run.end();
    }

    /** What the model knows of a message. */
    private static final class Known {
        final int number;
        final ByteBuf buffer;
        final long bytes;
        final long offered;
        int attempts;
        boolean lasts;
        long taken;
        /** The queue's handle, while taken. */
        Delivery<ByteBuf> handle;

        Known(int number, ByteBuf buffer, long offered) {
            this.number = number;
            this.buffer = buffer;
            this.bytes = buffer.readableBytes();
            this.offered = offered;
        }
    }

    private record Left(Departure why, long bytes, long waited, int attempts) {}

    private static final class Run implements QueueListener {

        private final Random random;
        private final ManualTicker ticker = new ManualTicker();
        private final QueueConfig config;
        private final long budgetLimit;
        private final ByteBudget total;
        private final ByteBudget budget;
        private final Ledger route = new Ledger();
        private final MessageQueue<ByteBuf> queue;
        private final MessageQueue<ByteBuf> neighbour;
        private final List<ByteBuf> made = new ArrayList<>();
        private final List<Delivery<ByteBuf>> over = new ArrayList<>();

        // What the queue told.
        private final List<Left> told = new ArrayList<>();
        private final List<ByteBuf> disposed = new ArrayList<>();
        private long toldAccepted;
        private long toldPassed;

        // The model.
        private final List<Known> waiting = new ArrayList<>();
        private final List<Known> taken = new ArrayList<>();
        private final List<Left> left = new ArrayList<>();
        private final List<ByteBuf> released = new ArrayList<>();
        private final Map<Departure, Long> departures = new EnumMap<>(Departure.class);
        private long accepted;
        private long passed;
        private Departure closed;

        Run(Random random) {
            this.random = random;
            Overflow[] policies = Overflow.values();
            Overflow overflow = policies[random.nextInt(policies.length)];
            Duration ttl = random.nextInt(4) == 0 ? Duration.ZERO : Duration.ofNanos(1 + random.nextInt(500));
            config = new QueueConfig(1 + random.nextInt(12), 1 + random.nextInt(120), ttl, overflow);
            budgetLimit = random.nextInt(3) == 0 ? 10_000 : 20 + random.nextInt(150);
            total = new ByteBudget(budgetLimit);
            budget = new ByteBudget(10_000, total);
            BoundedQueue<ByteBuf> spec = BoundedQueue.builder(config, ByteBuf::readableBytes)
                    .budget(budget)
                    .listener(this)
                    .disposal((buffer, why) -> {
                        disposed.add(buffer);
                        buffer.release();
                    })
                    .ledgers(() -> new Ledger(route))
                    .ticker(ticker)
                    .build();
            queue = spec.newQueue();
            neighbour = BoundedQueue.builder(
                            new QueueConfig(10, 100, Duration.ZERO, Overflow.DROP_NEWEST), ByteBuf::readableBytes)
                    .budget(total)
                    .build()
                    .newQueue();
        }

        @Override
        public void onAccepted(long bytes) {
            toldAccepted++;
        }

        @Override
        public void onPassed(int count, long bytes) {
            toldPassed += count;
        }

        @Override
        public void onLeft(Departure why, long bytes, long waitedNanos, int attempts) {
            told.add(new Left(why, bytes, waitedNanos, attempts));
        }

        void step() {
            int dice = random.nextInt(200);
            if (dice < 3) {
                pass();
            } else if (dice < 15) {
                reserve();
            } else if (dice < 70) {
                offer(random.nextInt(10) == 0);
            } else if (dice < 110) {
                take();
            } else if (dice < 125) {
                confirm(random.nextBoolean());
            } else if (dice < 132) {
                confirmThrough();
            } else if (dice < 136) {
                drop();
            } else if (dice < 150) {
                requeue();
            } else if (dice < 156) {
                requeueAll();
            } else if (dice < 170) {
                ticker.advanceNanos(random.nextInt(random.nextInt(10) == 0 ? 1000 : 60));
            } else if (dice < 176) {
                assertThat(queue.expire()).isEqualTo(expire());
            } else if (dice < 180) {
                queue.duplicate(7);
                accepted++;
                leave(Departure.DUPLICATE, 7, 0, 0);
            } else if (dice < 195) {
                pressure();
            } else if (dice < 197) {
                assertThat(queue.clear(Departure.UNDELIVERABLE)).isEqualTo(waiting.size());
                dropWaiting(Departure.UNDELIVERABLE);
            } else if (dice < 199) {
                late();
            } else if (random.nextInt(10) == 0) {
                queue.close(Departure.CANCELLED);
                close(Departure.CANCELLED);
            }
        }

        void compare() {
            assertThat(queue.waiting()).isEqualTo(waiting.size());
            assertThat(queue.unconfirmed()).isEqualTo(taken.size());
            assertThat(queue.messages()).isEqualTo(waiting.size() + taken.size());
            assertThat(queue.bytes()).isEqualTo(bytes(waiting) + bytes(taken));
            assertThat(queue.isClosed()).isEqualTo(closed != null);
            assertThat(queue.hasRoom()).isEqualTo(hasRoom());
            assertThat(budget.used()).isEqualTo(queue.bytes());
            assertThat(total.used()).isEqualTo(queue.bytes() + neighbour.bytes());
            assertThat(told).isEqualTo(left);
            assertThat(disposed).usingElementComparator(BY_IDENTITY).isEqualTo(released);
            told.clear();
            left.clear();
            disposed.clear();
            released.clear();
            assertThat(toldAccepted).isEqualTo(accepted);
            assertThat(toldPassed).isEqualTo(passed);
            Known oldest = oldestToExpire();
            assertThat(queue.nanosUntilExpiry())
                    .isEqualTo(
                            oldest == null
                                    ? -1
                                    : Math.max(0, config.ttl().toNanos() - (ticker.nanos() - oldest.offered)));

            Accounting books = queue.accounting();
            assertThat(books.balanced()).as("%s", books).isTrue();
            assertThat(books.accepted()).isEqualTo(accepted + passed);
            assertThat(books.queued()).isEqualTo(waiting.size());
            assertThat(books.unconfirmed()).isEqualTo(taken.size());
            assertThat(books.delivered()).isEqualTo(count(Departure.DELIVERED) + passed);
            assertThat(books.expired()).isEqualTo(count(Departure.EXPIRED));
            assertThat(books.duplicate()).isEqualTo(count(Departure.DUPLICATE));
            for (Departure reason : Departure.DROPS) {
                assertThat(books.dropped(reason)).as("%s", reason).isEqualTo(count(reason));
            }
            assertThat(route.snapshot()).isEqualTo(books);
        }

        void end() {
            queue.close(Departure.CLOSED);
            close(Departure.CLOSED);
            requeueAll();
            neighbour.close(Departure.CLOSED);
            compare();
            assertThat(total.used()).isZero();
            assertThat(made).allMatch(buffer -> buffer.refCnt() == 0);
        }

        private void offer(boolean forced) {
            ByteBuf buffer = buffer(random.nextInt(20) == 0 ? 150 : random.nextInt(40));
            Known message = new Known(made.size(), buffer, ticker.nanos());
            Offer expected = expectedOffer(message, forced);
            Offer actual = forced ? queue.offerForced(buffer, message.bytes) : queue.offer(buffer, message.bytes);
            assertThat(actual).isEqualTo(expected);
            if (expected == Offer.REFUSED) {
                buffer.release();
            } else {
                accepted++;
            }
        }

        private void reserve() {
            ByteBuf buffer = buffer(random.nextInt(20) == 0 ? 250 : random.nextInt(40));
            Known message = new Known(made.size(), buffer, ticker.nanos());
            long others = bytes(waiting) + bytes(taken) + neighbour.bytes();
            boolean alone = message.bytes > budgetLimit && others == 0;
            boolean ownRoom = closed == null
                    && waiting.size() + taken.size() < config.maxMessages()
                    && bytes(waiting) + bytes(taken) < config.maxBytes();
            boolean expected = ownRoom && (alone || others + message.bytes <= budgetLimit);
            assertThat(queue.reserve(message.bytes)).isEqualTo(expected);
            if (!expected) {
                buffer.release();
                return;
            }
            assertThat(total.used()).isEqualTo(others + message.bytes);
            if (random.nextInt(4) == 0) {
                budget.release(message.bytes);
                buffer.release();
                return;
            }
            boolean closes = random.nextInt(50) == 0;
            if (closes) {
                queue.close(Departure.CLOSED);
                close(Departure.CLOSED);
            }
            expire();
            accepted++;
            if (closes) {
                leave(message, Departure.CLOSED, 0);
            } else {
                waiting.add(message);
            }
            assertThat(queue.offerReserved(buffer, message.bytes)).isEqualTo(closes ? Offer.CLOSED : Offer.QUEUED);
        }

        private Offer expectedOffer(Known message, boolean forced) {
            expire();
            if (closed != null) {
                leave(message, closed, 0);
                return Offer.CLOSED;
            }
            if (config.overflow() == Overflow.PAUSE) {
                if (!forced && !hasRoom()) {
                    return Offer.REFUSED;
                }
                waiting.add(message);
                return Offer.QUEUED;
            }
            Departure obstacle = obstacle(message, bytes(waiting), waiting.size());
            if (config.overflow() == Overflow.DROP_OLDEST && obstacle != Departure.TOO_LARGE) {
                while (obstacle != null && !waiting.isEmpty() && obstacle(message, 0, 0) == null) {
                    Known oldest = waiting.remove(0);
                    leave(oldest, obstacle, ticker.nanos() - oldest.offered);
                    obstacle = obstacle(message, bytes(waiting), waiting.size());
                }
            }
            if (obstacle == null) {
                waiting.add(message);
                return Offer.QUEUED;
            }
            if (config.overflow() == Overflow.CLOSE) {
                close(obstacle);
                leave(message, obstacle, 0);
                assertThat(queue.overflow()).isNull();
                return Offer.CLOSED;
            }
            leave(message, obstacle, 0);
            return Offer.DROPPED;
        }

        /** What would stand against a message if so much waited. */
        private Departure obstacle(Known message, long waitingBytes, int waitingCount) {
            if (message.bytes > config.maxBytes() || message.bytes > budgetLimit) {
                return Departure.TOO_LARGE;
            }
            if (taken.size() + waitingCount >= config.maxMessages()
                    || bytes(taken) + waitingBytes + message.bytes > config.maxBytes()) {
                return Departure.OVERFLOW;
            }
            return bytes(taken) + waitingBytes + neighbour.bytes() + message.bytes > budgetLimit
                    ? Departure.BUDGET
                    : null;
        }

        private void take() {
            expire();
            if (random.nextInt(5) == 0) {
                ByteBuf polled = queue.poll();
                if (waiting.isEmpty()) {
                    assertThat(polled).isNull();
                } else {
                    Known first = waiting.remove(0);
                    assertThat(polled).isSameAs(first.buffer);
                    leave(Departure.DELIVERED, first.bytes, ticker.nanos() - first.offered, first.attempts + 1);
                    polled.release();
                }
                return;
            }
            Delivery<ByteBuf> delivery = queue.take();
            if (waiting.isEmpty()) {
                assertThat(delivery).isNull();
                return;
            }
            Known first = waiting.remove(0);
            first.attempts++;
            first.taken = ticker.nanos();
            first.handle = delivery;
            taken.add(first);
            assertThat(delivery.message()).isSameAs(first.buffer);
            assertThat(delivery.bytes()).isEqualTo(first.bytes);
            assertThat(delivery.attempt()).isEqualTo(first.attempts);
            assertThat(delivery.offeredNanos()).isEqualTo(first.offered);
            if (random.nextInt(4) == 0) {
                delivery.outlast();
                first.lasts = true;
            }
        }

        private void confirm(boolean handOver) {
            if (taken.isEmpty()) {
                return;
            }
            Known message = taken.remove(random.nextInt(taken.size()));
            if (handOver) {
                assertThat(queue.handOver(message.handle)).isTrue();
                leave(Departure.DELIVERED, message.bytes, message.taken - message.offered, message.attempts);
                message.buffer.release();
            } else {
                assertThat(queue.confirm(message.handle)).isTrue();
                leave(message, Departure.DELIVERED, message.taken - message.offered);
            }
            over.add(message.handle);
        }

        private void confirmThrough() {
            if (taken.isEmpty()) {
                return;
            }
            int last = random.nextInt(taken.size());
            assertThat(queue.confirmThrough(taken.get(last).handle)).isEqualTo(last + 1);
            for (int i = 0; i <= last; i++) {
                Known message = taken.remove(0);
                leave(message, Departure.DELIVERED, message.taken - message.offered);
            }
        }

        private void drop() {
            if (taken.isEmpty()) {
                return;
            }
            Known message = taken.remove(random.nextInt(taken.size()));
            assertThat(queue.drop(message.handle, Departure.UNANSWERED)).isTrue();
            leave(message, Departure.UNANSWERED, message.taken - message.offered);
            over.add(message.handle);
        }

        private void pass() {
            int count = random.nextInt(4);
            if (closed != null || !waiting.isEmpty()) {
                assertThatThrownBy(() -> queue.pass(count, 5)).isInstanceOf(IllegalStateException.class);
                return;
            }
            queue.pass(count, 5);
            passed += count;
        }

        private void requeue() {
            if (taken.isEmpty()) {
                return;
            }
            Known message = taken.remove(random.nextInt(taken.size()));
            assertThat(queue.requeue(message.handle)).isTrue();
            putBack(List.of(message));
        }

        private void requeueAll() {
            assertThat(queue.requeueAll()).isEqualTo(taken.size());
            List<Known> all = new ArrayList<>(taken);
            taken.clear();
            putBack(all);
        }

        private void putBack(List<Known> messages) {
            for (int i = messages.size() - 1; i >= 0; i--) {
                Known message = messages.get(i);
                over.add(message.handle);
                if (closed == null) {
                    waiting.add(message);
                } else {
                    leave(message, closed, message.taken - message.offered);
                }
            }
            waiting.sort(Comparator.comparingInt(message -> message.number));
            expire();
        }

        /** Handles that are over do nothing any more. */
        private void late() {
            if (!over.isEmpty()) {
                Delivery<ByteBuf> late = over.get(random.nextInt(over.size()));
                assertThat(queue.confirm(late)).isFalse();
                assertThat(queue.handOver(late)).isFalse();
                assertThat(queue.requeue(late)).isFalse();
                assertThat(queue.drop(late, Departure.UNANSWERED)).isFalse();
                assertThat(queue.confirmThrough(late)).isZero();
            }
        }

        private void pressure() {
            if (random.nextBoolean()) {
                ByteBuf buffer = buffer(random.nextInt(30));
                neighbour.offer(buffer, buffer.readableBytes());
            } else {
                ByteBuf buffer = neighbour.poll();
                if (buffer != null) {
                    buffer.release();
                }
            }
        }

        private int expire() {
            int count = 0;
            for (Known oldest = oldestToExpire();
                    oldest != null
                            && ticker.nanos() - oldest.offered >= config.ttl().toNanos();
                    oldest = oldestToExpire()) {
                waiting.remove(oldest);
                leave(oldest, Departure.EXPIRED, ticker.nanos() - oldest.offered);
                count++;
            }
            return count;
        }

        private Known oldestToExpire() {
            return config.ttl().isZero()
                    ? null
                    : waiting.stream()
                            .filter(message -> !message.lasts)
                            .findFirst()
                            .orElse(null);
        }

        private void close(Departure why) {
            if (closed == null) {
                closed = why;
                dropWaiting(why);
            }
        }

        private void dropWaiting(Departure why) {
            while (!waiting.isEmpty()) {
                Known oldest = waiting.remove(0);
                leave(oldest, why, ticker.nanos() - oldest.offered);
            }
        }

        private void leave(Known message, Departure why, long waited) {
            leave(why, message.bytes, waited, message.attempts);
            released.add(message.buffer);
        }

        private void leave(Departure why, long bytes, long waited, int attempts) {
            left.add(new Left(why, bytes, waited, attempts));
            departures.merge(why, 1L, Long::sum);
        }

        private boolean hasRoom() {
            return closed == null
                    && waiting.size() + taken.size() < config.maxMessages()
                    && bytes(waiting) + bytes(taken) < config.maxBytes()
                    && bytes(waiting) + bytes(taken) + neighbour.bytes() < budgetLimit;
        }

        private long count(Departure why) {
            return departures.getOrDefault(why, 0L);
        }

        private ByteBuf buffer(int bytes) {
            ByteBuf buffer = Unpooled.buffer(bytes).writeZero(bytes);
            made.add(buffer);
            return buffer;
        }

        private static long bytes(List<Known> messages) {
            return messages.stream().mapToLong(message -> message.bytes).sum();
        }

        private static final Comparator<ByteBuf> BY_IDENTITY = Comparator.comparingInt(System::identityHashCode);
    }
}
