package io.tidegate.dedup;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Publisher;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;
import reactor.test.publisher.PublisherProbe;
import reactor.test.publisher.TestPublisher;

class DedupDeliverTest {

    private static final DedupConfig CONFIG = new DedupConfig(Duration.ofMinutes(1), 100);

    private final EventLog log = new EventLog();
    private final List<String> discarded = new ArrayList<>();
    private final List<String> sent = new ArrayList<>();
    private final List<Sinks.Empty<Void>> sends = new ArrayList<>();
    private final DedupWindow window = DedupWindow.shared(CONFIG);
    private final Dedup<String> session = Dedup.of(
                    CONFIG, DedupKey.content(), (String s) -> Unpooled.copiedBuffer(s.getBytes()))
            .listener(log)
            .discard(discarded::add);
    private final Dedup<String> route = session.within(window);

    @Test
    void sendsTheFirstOfEachInOrder() {
        StepVerifier.create(session.deliver(Flux.just("a", "b", "a", "c"), this::sendAtOnce))
                .verifyComplete();

        assertThat(sent).containsExactly("a", "b", "c");
        assertThat(discarded).containsExactly("a");
    }

    @Test
    void asksForTheNextWhenTheLastIsDelivered() {
        TestPublisher<String> source = TestPublisher.create();
        StepVerifier.create(route.deliver(source.flux(), this::sendLater))
                .then(() -> source.assertMinRequested(1).next("a"))
                .then(() -> assertThat(window.pending()).isEqualTo(1))
                .then(() -> assertThat(window.remembered()).isZero())
                .then(() -> sends.get(0).tryEmitEmpty())
                .then(() -> assertThat(window.pending()).isZero())
                .then(() -> assertThat(window.remembered()).isEqualTo(1))
                .then(() -> source.next("b").complete())
                .then(() -> assertThat(sent).containsExactly("a", "b"))
                .then(() -> sends.get(1).tryEmitEmpty())
                .verifyComplete();
    }

    @Test
    void aResendAfterAFailedSendIsDelivered() {
        RuntimeException lost = new IllegalStateException("lost");
        StepVerifier.create(route.deliver(Flux.just("a"), message -> Mono.error(lost)))
                .verifyErrorSatisfies(e -> assertThat(e).isSameAs(lost));
        StepVerifier.create(route.deliver(Flux.just("a"), this::sendAtOnce)).verifyComplete();
        StepVerifier.create(route.deliver(Flux.just("a"), this::sendAtOnce)).verifyComplete();

        assertThat(sent).containsExactly("a");
        assertThat(log.events()).containsExactly("first", "released", "first", "duplicate 1");
    }

    @Test
    void aSendThatThrowsIsAFailedOne() {
        RuntimeException broken = new IllegalStateException("broken");
        StepVerifier.create(route.deliver(Flux.just("a"), message -> {
                    throw broken;
                }))
                .verifyErrorSatisfies(e -> assertThat(e).isSameAs(broken));

        assertThat(window.pending()).isZero();
        assertThat(window.remembered()).isZero();
        assertThat(discarded).as("a message that was handed to send").isEmpty();
    }

    @Test
    void aResendWhileTheFirstIsUnderWayIsDropped() {
        StepVerifier.create(route.deliver(Flux.just("a"), this::sendLater))
                .then(() -> StepVerifier.create(route.deliver(Flux.just("a"), this::sendAtOnce))
                        .verifyComplete())
                .then(() -> sends.get(0).tryEmitEmpty())
                .verifyComplete();

        assertThat(sent).containsExactly("a");
        assertThat(discarded).containsExactly("a");
    }

    @Test
    void cancelForgetsWhatIsUnderWay() {
        PublisherProbe<Void> send = PublisherProbe.of(Mono.never());
        StepVerifier.create(route.deliver(Flux.just("a", "b"), message -> send.mono()))
                .then(() -> assertThat(window.pending()).isEqualTo(1))
                .thenCancel()
                .verify();

        send.assertWasCancelled();
        assertThat(window.pending()).isZero();
        assertThat(window.remembered()).isZero();
    }

    @Test
    void eachSubscriptionHasAWindowOfItsOwnWithoutASharedOne() {
        Mono<Void> delivery = session.deliver(Flux.just("a", "a"), this::sendAtOnce);

        StepVerifier.create(delivery).verifyComplete();
        StepVerifier.create(delivery).verifyComplete();

        assertThat(sent).containsExactly("a", "a");
    }

    @Test
    void anErrorOfTheSourceComesAfterWhatIsUnderWay() {
        RuntimeException gone = new IllegalStateException("gone");
        StepVerifier.create(route.deliver(Flux.just("a").concatWith(Mono.error(gone)), this::sendAtOnce))
                .verifyErrorSatisfies(e -> assertThat(e).isSameAs(gone));

        assertThat(window.remembered()).isEqualTo(1);
    }

    @Test
    void aMessageWhoseKeyCannotBeReadIsDiscarded() {
        RuntimeException broken = new IllegalStateException("broken key");
        Dedup<String> failing = Dedup.of(
                        CONFIG,
                        () -> (message, key) -> {
                            throw broken;
                        },
                        (String s) -> Unpooled.EMPTY_BUFFER)
                .discard(discarded::add);

        StepVerifier.create(failing.deliver(Flux.just("a"), this::sendAtOnce))
                .verifyErrorSatisfies(e -> assertThat(e).isSameAs(broken));

        assertThat(discarded).containsExactly("a");
        assertThat(sent).isEmpty();
    }

    @Test
    void aMessageWhoseKeyCannotBeReadIsDiscardedOnce() {
        Dedup<String> failing = Dedup.of(CONFIG, DedupKey.content(), (String s) -> {
                    throw new IllegalStateException("broken payload");
                })
                .discard(discarded::add);

        StepVerifier.create(failing.deliver(Flux.just("a").hide(), this::sendAtOnce)
                        .doOnDiscard(String.class, discarded::add))
                .verifyError(IllegalStateException.class);

        assertThat(discarded).containsExactly("a");
    }

    @Test
    void aMessageThatComesAfterACancelIsDiscardedOnce() {
        List<CoreSubscriber<? super String>> subscribers = new ArrayList<>();
        Flux<String> late = new Flux<>() {
            @Override
            public void subscribe(CoreSubscriber<? super String> actual) {
                actual.onSubscribe(Operators.emptySubscription());
                subscribers.add(actual);
            }
        };
        // Deliveries within deliveries: each takes care of its own messages only.
        Mono<Void> delivery = route.deliver(late, this::sendAtOnce);
        Mono<Void> outer = session.deliver(delivery.thenMany(Flux.just("done")), this::sendAtOnce);

        outer.subscribe().dispose();
        subscribers.get(0).onNext("a");

        assertThat(discarded).containsExactly("a");
        assertThat(sent).isEmpty();
        assertThat(window.pending()).isZero();
    }

    @Test
    void manyDuplicatesDoNotRecur() {
        StepVerifier.create(session.deliver(Flux.range(0, 100_000).map(i -> "same"), this::sendAtOnce))
                .verifyComplete();

        assertThat(sent).containsExactly("same");
    }

    private Publisher<Void> sendAtOnce(String message) {
        sent.add(message);
        return Mono.empty();
    }

    private Publisher<Void> sendLater(String message) {
        sent.add(message);
        Sinks.Empty<Void> sink = Sinks.empty();
        sends.add(sink);
        return sink.asMono();
    }
}
