package io.tidegate.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidegate.queue.MessageQueue.Offer;
import io.tidegate.testkit.ManualTicker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MessageQueueTest {

    private final ManualTicker ticker = new ManualTicker();
    private final ByteBudget budget = new ByteBudget(1000);
    private final List<String> log = new ArrayList<>();
    private Consumer<String> onDisposed = message -> {};

    private MessageQueue<String> queue(int maxMessages, long maxBytes, Duration ttl, Overflow overflow) {
        return BoundedQueue.builder(new QueueConfig(maxMessages, maxBytes, ttl, overflow), String::length)
                .budget(budget)
                .disposal((message, why) -> {
                    log.add(message + ' ' + why.label());
                    onDisposed.accept(message);
                })
                .ticker(ticker)
                .build()
                .newQueue();
    }

    private MessageQueue<String> queue(Overflow overflow) {
        return queue(3, 100, Duration.ofSeconds(10), overflow);
    }

    private static Offer offer(MessageQueue<String> queue, String message) {
        return queue.offer(message, message.length());
    }

    private static void fill(MessageQueue<String> queue, String... messages) {
        for (String message : messages) {
            assertThat(offer(queue, message)).isEqualTo(Offer.QUEUED);
        }
    }

    private static List<String> pollAll(MessageQueue<String> queue) {
        List<String> all = new ArrayList<>();
        for (String message = queue.poll(); message != null; message = queue.poll()) {
            all.add(message);
        }
        return all;
    }

    @Test
    void handsOutInOrder() {
        MessageQueue<String> queue = queue(Overflow.PAUSE);
        fill(queue, "a", "b", "c");

        assertThat(pollAll(queue)).containsExactly("a", "b", "c");
        assertThat(log).isEmpty();
        assertThat(queue.take()).isNull();
    }

    @Test
    void aFullOneRefusesWhenItPauses() {
        MessageQueue<String> queue = queue(Overflow.PAUSE);
        fill(queue, "a", "b", "c");

        assertThat(queue.hasRoom()).isFalse();
        assertThat(offer(queue, "d")).isEqualTo(Offer.REFUSED);
        assertThat(queue.accounting().accepted()).isEqualTo(3);
        queue.poll();
        assertThat(queue.hasRoom()).isTrue();
        assertThat(offer(queue, "d")).isEqualTo(Offer.QUEUED);
    }

    @Test
    void theMessageInHandMayOvershootTheBytesOnce() {
        MessageQueue<String> queue = queue(10, 4, Duration.ZERO, Overflow.PAUSE);
        fill(queue, "123", "456789");

        assertThat(queue.bytes()).isEqualTo(9);
        assertThat(offer(queue, "")).isEqualTo(Offer.REFUSED);
    }

    @Test
    void aMessageLargerThanAllGetsIntoAnEmptyOneThatPauses() {
        MessageQueue<String> queue = queue(10, 4, Duration.ZERO, Overflow.PAUSE);

        fill(queue, "x".repeat(2000));

        assertThat(budget.used()).isEqualTo(2000);
        queue.poll();
        assertThat(budget.used()).isZero();
    }

    @Test
    void takesInWhatWasAskedForWithRoomOrWithout() {
        MessageQueue<String> queue = queue(Overflow.PAUSE);
        fill(queue, "a", "b", "c");

        assertThat(queue.offerForced("d", 1)).isEqualTo(Offer.QUEUED);
        assertThat(queue.messages()).isEqualTo(4);
    }

    @Test
    void pausesForTheSharedBudget() {
        MessageQueue<String> queue = queue(Overflow.PAUSE);
        budget.tryReserve(1000);

        assertThat(queue.hasOwnRoom()).isTrue();
        assertThat(queue.hasRoom()).isFalse();
        assertThat(offer(queue, "a")).isEqualTo(Offer.REFUSED);
        budget.release(1);
        assertThat(offer(queue, "abc")).isEqualTo(Offer.QUEUED);
        assertThat(budget.used()).isEqualTo(1002);
    }

    @Test
    void takenMessagesKeepTheirRoom() {
        MessageQueue<String> queue = queue(Overflow.PAUSE);
        fill(queue, "a", "b", "c");

        Delivery<String> taken = queue.take();

        assertThat(offer(queue, "d")).isEqualTo(Offer.REFUSED);
        assertThat(queue.confirm(taken)).isTrue();
        assertThat(offer(queue, "d")).isEqualTo(Offer.QUEUED);
        assertThat(log).containsExactly("a delivered");
    }

    @Test
    void dropsTheOldestThatWait() {
        MessageQueue<String> queue = queue(3, 10, Duration.ZERO, Overflow.DROP_OLDEST);
        fill(queue, "taken", "b", "c");
        queue.take();

        assertThat(offer(queue, "dddd")).isEqualTo(Offer.QUEUED);
        assertThat(log).containsExactly("b overflow");
        assertThat(offer(queue, "eeeee")).isEqualTo(Offer.QUEUED);
        assertThat(log).containsExactly("b overflow", "c overflow", "dddd overflow");
        assertThat(queue.bytes()).isEqualTo(10);
    }

    @Test
    void dropsNoOldOneInVain() {
        MessageQueue<String> queue = queue(3, 10, Duration.ZERO, Overflow.DROP_OLDEST);
        fill(queue, "taken", "b");
        queue.take();

        assertThat(offer(queue, "eeeeee")).isEqualTo(Offer.DROPPED);

        assertThat(log).containsExactly("eeeeee overflow");
        assertThat(queue.waiting()).isEqualTo(1);
    }

    @Test
    void dropsNoOldOneInVainForTheCount() {
        MessageQueue<String> queue = queue(1, 10, Duration.ZERO, Overflow.DROP_OLDEST);
        fill(queue, "a");
        queue.take();

        assertThat(offer(queue, "b")).isEqualTo(Offer.DROPPED);
    }

    @Test
    void dropsOldOnesForTheBudgetOnlyIfThatHelps() {
        MessageQueue<String> queue = queue(3, 10, Duration.ZERO, Overflow.DROP_OLDEST);
        fill(queue, "aa", "b");
        budget.tryReserve(997);

        assertThat(offer(queue, "cccc")).isEqualTo(Offer.DROPPED);
        assertThat(offer(queue, "dd")).isEqualTo(Offer.QUEUED);

        assertThat(log).containsExactly("cccc budget", "aa budget");
        assertThat(budget.used()).isEqualTo(1000);
    }

    @Test
    void dropsTheNewest() {
        MessageQueue<String> queue = queue(Overflow.DROP_NEWEST);
        fill(queue, "a", "b", "c");

        assertThat(offer(queue, "d")).isEqualTo(Offer.DROPPED);

        assertThat(log).containsExactly("d overflow");
        assertThat(pollAll(queue)).containsExactly("a", "b", "c");
    }

    @Test
    void fillsUpToTheBoundsExactly() {
        MessageQueue<String> queue = queue(2, 3, Duration.ZERO, Overflow.DROP_NEWEST);

        assertThat(offer(queue, "12")).isEqualTo(Offer.QUEUED);
        assertThat(offer(queue, "34")).isEqualTo(Offer.DROPPED);
        assertThat(offer(queue, "3")).isEqualTo(Offer.QUEUED);
        assertThat(offer(queue, "")).isEqualTo(Offer.DROPPED);
    }

    @ParameterizedTest
    @EnumSource(names = {"DROP_OLDEST", "DROP_NEWEST"})
    void dropsWhatNeverFitsWithAReasonOfItsOwn(Overflow overflow) {
        MessageQueue<String> queue = queue(3, 4, Duration.ZERO, overflow);
        fill(queue, "1234");

        assertThat(offer(queue, "12345")).isEqualTo(Offer.DROPPED);

        assertThat(log).containsExactly("12345 too-large");
    }

    @Test
    void whatNoBudgetEverHoldsIsTooLarge() {
        MessageQueue<String> queue = queue(3, 10_000, Duration.ZERO, Overflow.DROP_OLDEST);

        assertThat(offer(queue, "x".repeat(1000))).isEqualTo(Offer.QUEUED);
        log.clear();
        assertThat(offer(queue, "y".repeat(1001))).isEqualTo(Offer.DROPPED);
        assertThat(queue.accounting().dropped(Departure.TOO_LARGE)).isEqualTo(1);
        assertThat(queue.waiting()).isEqualTo(1);
    }

    @Test
    void closesItselfOnOverflow() {
        MessageQueue<String> queue = queue(2, 100, Duration.ZERO, Overflow.CLOSE);
        fill(queue, "a", "bb");
        Delivery<String> taken = queue.take();

        assertThat(offer(queue, "ccc")).isEqualTo(Offer.CLOSED);

        assertThat(log).containsExactly("bb overflow", "ccc overflow");
        assertThat(queue.isClosed()).isTrue();
        assertThat(queue.overflow())
                .hasMessage("no room for a message of 3 bytes in a queue of 2 messages and 3 bytes"
                        + " (limits: 2 messages, 100 bytes; left in the budget: 997 bytes)")
                .hasNoCause();
        assertThat(queue.overflow().getStackTrace()).isEmpty();
        assertThat(offer(queue, "d")).isEqualTo(Offer.CLOSED);
        assertThat(log).containsExactly("bb overflow", "ccc overflow", "d overflow");
        queue.requeue(taken);
        assertThat(log).last().isEqualTo("a overflow");
        assertThat(budget.used()).isZero();
        assertThat(queue.accounting().balanced()).isTrue();
    }

    @Test
    void keepsWhatClosedItFirst() {
        MessageQueue<String> queue = queue(1, 100, Duration.ZERO, Overflow.CLOSE);
        queue.close(Departure.CANCELLED);
        fillClosed(queue);

        queue.close(Departure.UNDELIVERABLE);
        fillClosed(queue);

        assertThat(queue.overflow()).isNull();
        assertThat(log).containsOnly("x cancelled");
    }

    private static void fillClosed(MessageQueue<String> queue) {
        assertThat(offer(queue, "x")).isEqualTo(Offer.CLOSED);
        assertThat(offer(queue, "x")).isEqualTo(Offer.CLOSED);
    }

    @Test
    void aTakenMessageCanBeConfirmedAfterTheClose() {
        MessageQueue<String> queue = queue(Overflow.PAUSE);
        fill(queue, "a", "b");
        Delivery<String> taken = queue.take();
        queue.close(Departure.UNDELIVERABLE);

        assertThat(queue.confirm(taken)).isTrue();

        assertThat(log).containsExactly("b undeliverable", "a delivered");
        assertThat(queue.hasRoom()).isFalse();
        assertThat(queue.messages()).isZero();
    }

    @Test
    void expiresAtTheMomentOfTheDeadline() {
        MessageQueue<String> queue = queue(Overflow.PAUSE);
        fill(queue, "a");
        ticker.advance(Duration.ofSeconds(4));
        fill(queue, "b");

        assertThat(queue.nanosUntilExpiry()).isEqualTo(Duration.ofSeconds(6).toNanos());
        ticker.advance(Duration.ofSeconds(6).minusNanos(1));
        assertThat(queue.expire()).isZero();
        assertThat(queue.nanosUntilExpiry()).isEqualTo(1);
        ticker.advanceNanos(1);
        assertThat(queue.nanosUntilExpiry()).isZero();
        assertThat(queue.expire()).isEqualTo(1);
        assertThat(log).containsExactly("a expired");
        assertThat(queue.nanosUntilExpiry()).isEqualTo(Duration.ofSeconds(4).toNanos());
    }

    @Test
    void handsOutNothingThatExpired() {
        MessageQueue<String> queue = queue(Overflow.PAUSE);
        fill(queue, "a");
        ticker.advance(Duration.ofSeconds(11));

        assertThat(queue.nanosUntilExpiry()).isZero();
        assertThat(queue.take()).isNull();
        assertThat(queue.accounting().expired()).isEqualTo(1);
    }

    @Test
    void expiredMessagesMakeRoom() {
        MessageQueue<String> queue = queue(Overflow.DROP_NEWEST);
        fill(queue, "a", "b", "c");
        ticker.advance(Duration.ofSeconds(10));

        assertThat(offer(queue, "d")).isEqualTo(Offer.QUEUED);
        assertThat(log).containsExactly("a expired", "b expired", "c expired");
    }

    @Test
    void withoutTtlNothingExpires() {
        MessageQueue<String> queue = queue(3, 100, Duration.ZERO, Overflow.PAUSE);
        fill(queue, "a");
        ticker.advance(Duration.ofDays(1000));

        assertThat(queue.expire()).isZero();
        assertThat(queue.nanosUntilExpiry()).isEqualTo(-1);
        assertThat(queue.poll()).isEqualTo("a");
    }

    @Test
    void aTakenMessageDoesNotExpireUntilItIsRequeued() {
        MessageQueue<String> queue = queue(Overflow.PAUSE);
        fill(queue, "a");
        Delivery<String> taken = queue.take();
        ticker.advance(Duration.ofSeconds(20));
        assertThat(queue.expire()).isZero();
        assertThat(queue.nanosUntilExpiry()).isEqualTo(-1);

        assertThat(queue.requeue(taken)).isTrue();

        assertThat(log).containsExactly("a expired");
        assertThat(queue.messages()).isZero();
    }

    @Test
    void aMessageThatOutlastsItsDeadlineKeepsNoOtherOneFromExpiring() {
        MessageQueue<String> queue = queue(Overflow.PAUSE);
        fill(queue, "a", "b");
        Delivery<String> taken = queue.take();
        taken.outlast();
        queue.requeue(taken);
        assertThat(queue.nanosUntilExpiry()).isEqualTo(Duration.ofSeconds(10).toNanos());
        ticker.advance(Duration.ofSeconds(20));

        assertThat(queue.expire()).isEqualTo(1);

        assertThat(log).containsExactly("b expired");
        assertThat(queue.nanosUntilExpiry()).isEqualTo(-1);
        assertThat(queue.poll()).isEqualTo("a");
    }

    @Test
    void aRequeuedMessageKeepsItsDeadline() {
        MessageQueue<String> queue = queue(Overflow.PAUSE);
        fill(queue, "a");
        Delivery<String> taken = queue.take();
        ticker.advance(Duration.ofSeconds(7));

        queue.requeue(taken);

        assertThat(queue.nanosUntilExpiry()).isEqualTo(Duration.ofSeconds(3).toNanos());
    }

    @Test
    void requeuedMessagesComeInTheirOldOrderBeforeAnythingNewer() {
        MessageQueue<String> queue = queue(10, 100, Duration.ZERO, Overflow.PAUSE);
        fill(queue, "a", "b", "c", "d", "e");
        Delivery<String> a = queue.take();
        Delivery<String> b = queue.take();
        Delivery<String> c = queue.take();
        Delivery<String> d = queue.take();

        queue.requeue(b);
        queue.requeue(d);
        queue.requeue(a);
        queue.requeue(c);

        assertThat(pollAll(queue)).containsExactly("a", "b", "c", "d", "e");
    }

    @Test
    void allThatAreTakenCanBeRequeuedAtOnce() {
        MessageQueue<String> queue = queue(10, 100, Duration.ZERO, Overflow.PAUSE);
        fill(queue, "a", "b", "c", "d", "e");
        Delivery<String> a = queue.take();
        queue.take();
        queue.take();
        queue.requeue(a);

        assertThat(queue.requeueAll()).isEqualTo(2);

        assertThat(queue.unconfirmed()).isZero();
        assertThat(pollAll(queue)).containsExactly("a", "b", "c", "d", "e");
    }

    @Test
    void countsAttempts() {
        MessageQueue<String> queue = queue(Overflow.PAUSE);
        fill(queue, "a");
        Delivery<String> first = queue.take();
        queue.requeueAll();
        Delivery<String> second = queue.take();

        assertThat(first.attempt()).isEqualTo(1);
        assertThat(second.attempt()).isEqualTo(2);
        assertThat(second.sequence()).isEqualTo(first.sequence()).isEqualTo(1);
        assertThat(second).hasToString("Delivery{sequence=1, attempt=2, bytes=1}");
    }

    @Test
    void aLateConfirmationOfAnEarlierAttemptConfirmsNothing() {
        MessageQueue<String> queue = queue(Overflow.PAUSE);
        fill(queue, "a");
        Delivery<String> first = queue.take();
        queue.requeueAll();
        queue.take();

        assertThat(queue.confirm(first)).isFalse();
        assertThat(queue.confirmThrough(first)).isZero();
        assertThat(queue.handOver(first)).isFalse();
        assertThat(queue.requeue(first)).isFalse();
        assertThat(queue.unconfirmed()).isEqualTo(1);
    }

    @Test
    void aDeliveryOfAnotherQueueMeansNothing() {
        MessageQueue<String> one = queue(Overflow.PAUSE);
        MessageQueue<String> other = queue(Overflow.PAUSE);
        fill(one, "a");
        fill(other, "b");
        other.take();

        assertThat(other.confirm(one.take())).isFalse();
        assertThat(other.unconfirmed()).isEqualTo(1);
    }

    @Test
    void confirmsAllThatWereTakenBefore() {
        MessageQueue<String> queue = queue(10, 100, Duration.ZERO, Overflow.PAUSE);
        fill(queue, "a", "b", "c");
        Delivery<String> a = queue.take();
        queue.requeue(a);
        queue.take();
        Delivery<String> b = queue.take();
        queue.take();

        assertThat(queue.confirmThrough(b)).isEqualTo(2);

        assertThat(log).containsExactly("a delivered", "b delivered");
        assertThat(queue.unconfirmed()).isEqualTo(1);
    }

    @Test
    void confirmsInTheOrderOfTakingNotOfOffering() {
        MessageQueue<String> queue = queue(10, 100, Duration.ZERO, Overflow.PAUSE);
        fill(queue, "a", "b");
        Delivery<String> a = queue.take();
        Delivery<String> b = queue.take();
        queue.requeue(a);
        queue.take();

        assertThat(queue.confirmThrough(b)).isEqualTo(1);
        assertThat(log).containsExactly("b delivered");
    }

    @Test
    void whatIsHandedOverIsTheTakers() {
        MessageQueue<String> queue = queue(Overflow.PAUSE);
        fill(queue, "a");
        Delivery<String> taken = queue.take();

        assertThat(queue.handOver(taken)).isTrue();
        assertThat(queue.handOver(taken)).isFalse();

        assertThat(log).isEmpty();
        assertThat(queue.accounting().delivered()).isEqualTo(1);
    }

    @Test
    void accountsForDuplicates() {
        MessageQueue<String> queue = queue(Overflow.PAUSE);

        queue.duplicate(5);

        assertThat(queue.accounting().accepted()).isEqualTo(1);
        assertThat(queue.accounting().duplicate()).isEqualTo(1);
        assertThat(queue.accounting().balanced()).isTrue();
        assertThat(queue.messages()).isZero();
    }

    @Test
    void canBeClearedAndGoesOn() {
        MessageQueue<String> queue = queue(Overflow.PAUSE);
        fill(queue, "a", "b");

        assertThat(queue.clear(Departure.UNDELIVERABLE)).isEqualTo(2);

        assertThat(log).containsExactly("a undeliverable", "b undeliverable");
        fill(queue, "c");
        assertThatThrownBy(() -> queue.clear(Departure.DELIVERED))
                .hasMessageStartingWith("why: DELIVERED (expected: one of [OVERFLOW,");
        assertThatThrownBy(() -> queue.close(Departure.EXPIRED)).isInstanceOf(IllegalArgumentException.class);
        assertThat(queue.isClosed()).isFalse();
    }

    @Test
    void canBeUsedFromWithinItsDisposal() {
        MessageQueue<String> queue = queue(3, 100, Duration.ofSeconds(1), Overflow.PAUSE);
        fill(queue, "a", "b", "c");
        onDisposed = message -> {
            if (message.length() == 1) {
                offer(queue, message + message);
            }
        };
        ticker.advance(Duration.ofSeconds(1));

        assertThat(queue.expire()).isEqualTo(3);

        onDisposed = message -> {};
        assertThat(pollAll(queue)).containsExactly("aa", "bb", "cc");
        assertThat(queue.accounting().balanced()).isTrue();
    }

    @Test
    void canBeClosedFromWithinItsDisposal() {
        MessageQueue<String> queue = queue(2, 100, Duration.ZERO, Overflow.DROP_OLDEST);
        fill(queue, "a", "b");
        onDisposed = message -> queue.close(Departure.CLOSED);

        assertThat(offer(queue, "c")).isEqualTo(Offer.CLOSED);

        assertThat(log).containsExactly("a overflow", "b closed", "c closed");
        assertThat(queue.messages()).isZero();
        assertThat(budget.used()).isZero();
    }

    @Test
    void canBeConfirmedFromWithinAConfirmation() {
        MessageQueue<String> queue = queue(3, 100, Duration.ZERO, Overflow.PAUSE);
        fill(queue, "a", "b", "c");
        queue.take();
        Delivery<String> b = queue.take();
        queue.take();
        onDisposed = message -> queue.confirm(b);

        queue.confirmThrough(b);

        assertThat(log).containsExactly("a delivered", "b delivered");
        assertThat(queue.unconfirmed()).isEqualTo(1);
    }

    @Test
    void survivesAListenerAndADisposalThatThrow() {
        QueueListener broken = new QueueListener() {
            @Override
            public void onAccepted(long bytes) {
                throw new IllegalStateException("listener");
            }

            @Override
            public void onPassed(int count, long bytes) {
                throw new IllegalStateException("passed");
            }

            @Override
            public void onLeft(Departure why, long bytes, long waitedNanos, int attempts) {
                throw new IllegalStateException("listener");
            }
        };
        MessageQueue<String> queue = BoundedQueue.<String>builder(QueueConfig.DEFAULTS, String::length)
                .listener(broken)
                .disposal((message, why) -> {
                    throw new IllegalStateException("disposal");
                })
                .build()
                .newQueue();

        assertThatCode(() -> {
                    fill(queue, "a", "b");
                    queue.confirm(queue.take());
                    queue.clear(Departure.CLOSED);
                    queue.pass(1, 1);
                })
                .doesNotThrowAnyException();
        assertThat(queue.accounting().delivered()).isEqualTo(2);
        assertThat(queue.messages()).isZero();
    }

    @Test
    void messagesThatPassAreAcceptedAndDelivered() {
        MessageQueue<String> queue = queue(Overflow.PAUSE);

        queue.pass(5, 10_000);
        queue.pass(0, 0);

        assertThat(queue.accounting()).isEqualTo(new Accounting(5, 5, 0, 0, 0, 0, Map.of()));
        assertThat(queue.messages()).isZero();
        assertThat(budget.used()).isZero();
        assertThat(log).isEmpty();
    }

    @Test
    void messagesPassThoseThatAreTaken() {
        MessageQueue<String> queue = queue(Overflow.PAUSE);
        fill(queue, "a");
        Delivery<String> taken = queue.take();

        queue.pass(1, 1);

        assertThat(queue.accounting()).isEqualTo(new Accounting(2, 1, 0, 1, 0, 0, Map.of()));
        queue.requeue(taken);
        assertThatThrownBy(() -> queue.pass(1, 1)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void noMessagePassesThoseThatWait() {
        MessageQueue<String> queue = queue(Overflow.PAUSE);
        fill(queue, "a", "b");

        assertThatThrownBy(() -> queue.pass(1, 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("waiting: 2 (expected: 0 where messages pass)");
        pollAll(queue);
        queue.pass(1, 1);
        assertThat(queue.accounting().delivered()).isEqualTo(3);
    }

    @Test
    void noMessagePassesAClosedOne() {
        MessageQueue<String> queue = queue(Overflow.PAUSE);
        queue.close(Departure.CLOSED);

        assertThatThrownBy(() -> queue.pass(1, 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("the queue is closed");
        assertThat(queue.accounting()).isEqualTo(Accounting.NOTHING);
    }

    @Test
    void aTakenMessageCanEndAsADrop() {
        MessageQueue<String> queue = queue(Overflow.PAUSE);
        fill(queue, "aa", "b", "c");
        Delivery<String> first = queue.take();
        Delivery<String> second = queue.take();

        assertThat(queue.drop(second, Departure.UNANSWERED)).isTrue();
        assertThat(queue.drop(first, Departure.NOT_REPLAYED)).isTrue();

        assertThat(log).containsExactly("b unanswered", "aa not-replayed");
        assertThat(queue.accounting())
                .isEqualTo(
                        new Accounting(3, 0, 1, 0, 0, 0, Map.of(Departure.UNANSWERED, 1L, Departure.NOT_REPLAYED, 1L)));
        assertThat(budget.used()).isEqualTo(1);
        assertThat(queue.confirm(first)).isFalse();
    }

    @Test
    void aDeliveryThatIsOverCanNotBeDropped() {
        MessageQueue<String> queue = queue(Overflow.PAUSE);
        fill(queue, "a", "b");
        Delivery<String> requeued = queue.take();
        queue.requeue(requeued);
        Delivery<String> confirmed = queue.take();
        queue.confirm(confirmed);

        assertThat(queue.drop(requeued, Departure.UNANSWERED)).isFalse();
        assertThat(queue.drop(confirmed, Departure.UNANSWERED)).isFalse();
        assertThat(log).containsExactly("a delivered");
        assertThatThrownBy(() -> queue.drop(queue.take(), Departure.DELIVERED))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("why: DELIVERED (expected: one of [OVERFLOW");
    }

    @Test
    void refusesNegativeSizes() {
        MessageQueue<String> queue = queue(Overflow.PAUSE);

        assertThatThrownBy(() -> queue.offer("a", -1)).hasMessage("bytes: -1 (expected: >= 0)");
        assertThatThrownBy(() -> queue.pass(1, -1)).hasMessage("bytes: -1 (expected: >= 0)");
        assertThatThrownBy(() -> queue.pass(-1, 1)).hasMessage("count: -1 (expected: >= 0)");
        assertThat(queue.accounting()).isEqualTo(Accounting.NOTHING);
    }

    @Test
    void saysWhatItHolds() {
        MessageQueue<String> queue = queue(Overflow.PAUSE);
        fill(queue, "a", "bb");
        queue.take();

        assertThat(queue).hasToString("MessageQueue{waiting=1, unconfirmed=1, bytes=3}");
    }

    @Test
    void tellsItsListenerHowLongAndHowOften() {
        List<String> told = new ArrayList<>();
        QueueListener listener = new QueueListener() {
            @Override
            public void onAccepted(long bytes) {
                told.add("accepted " + bytes);
            }

            @Override
            public void onPassed(int count, long bytes) {
                told.add("passed " + count + ' ' + bytes);
            }

            @Override
            public void onLeft(Departure why, long bytes, long waitedNanos, int attempts) {
                told.add(why.label() + ' ' + bytes + ' ' + waitedNanos + ' ' + attempts);
            }
        };
        MessageQueue<String> queue = BoundedQueue.<String>builder(
                        new QueueConfig(2, 100, Duration.ofNanos(50), Overflow.DROP_NEWEST), String::length)
                .listener(listener)
                .ticker(ticker)
                .build()
                .newQueue();

        fill(queue, "a", "bb");
        offer(queue, "ccc");
        queue.duplicate(4);
        assertThat(told)
                .containsExactly(
                        "accepted 1", "accepted 2", "accepted 3", "overflow 3 0 0", "accepted 4", "duplicate 4 0 0");
        told.clear();
        ticker.advanceNanos(10);
        queue.take();
        queue.requeueAll();
        ticker.advanceNanos(10);
        Delivery<String> taken = queue.take();
        ticker.advanceNanos(10);
        queue.confirm(taken);
        ticker.advanceNanos(25);
        queue.expire();

        queue.pass(3, 70);
        queue.pass(0, 0);

        assertThat(told).containsExactly("delivered 1 20 2", "expired 2 55 0", "passed 3 70");
    }

    @Test
    void theBooksTellWaitingFromTaken() {
        MessageQueue<String> queue = queue(Overflow.PAUSE);
        long start = ticker.nanos();
        fill(queue, "a", "bb");
        Delivery<String> taken = queue.take();

        assertThat(taken.message()).isEqualTo("a");
        assertThat(taken.bytes()).isEqualTo(1);
        assertThat(taken.offeredNanos()).isEqualTo(start);
        assertThat(queue.accounting().queued()).isEqualTo(1);
        assertThat(queue.accounting().unconfirmed()).isEqualTo(1);
        queue.requeue(taken);
        assertThat(queue.accounting().queued()).isEqualTo(2);
        assertThat(queue.accounting().unconfirmed()).isZero();
    }

    @Test
    void hasNoRoomWhenTheBytesAreReachedExactly() {
        MessageQueue<String> queue = queue(10, 3, Duration.ZERO, Overflow.PAUSE);
        fill(queue, "12");
        assertThat(queue.hasRoom()).isTrue();

        fill(queue, "3");

        assertThat(queue.hasRoom()).isFalse();
        assertThat(queue.hasOwnRoom()).isFalse();
    }

    @Test
    void dropsOldOnesWhenTheNewOneThenFitsExactly() {
        MessageQueue<String> queue = queue(3, 10, Duration.ZERO, Overflow.DROP_OLDEST);
        fill(queue, "aa", "b");
        budget.tryReserve(997);

        assertThat(offer(queue, "ccc")).isEqualTo(Offer.QUEUED);
        assertThat(log).containsExactly("aa budget", "b budget");
    }
}
