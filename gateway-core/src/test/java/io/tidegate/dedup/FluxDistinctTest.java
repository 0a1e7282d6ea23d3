package io.tidegate.dedup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tidegate.testkit.ManualTicker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;

class FluxDistinctTest {

    private static final DedupConfig CONFIG = new DedupConfig(Duration.ofSeconds(10), 100);

    private final ManualTicker ticker = new ManualTicker();
    private final EventLog log = new EventLog();
    private final List<String> discarded = new ArrayList<>();
    private final DedupWindow window = DedupWindow.shared(CONFIG, ticker);
    private final Dedup<String> session = Dedup.of(
                    CONFIG, DedupKey.content(), (String s) -> Unpooled.copiedBuffer(s.getBytes()))
            .ticker(ticker)
            .listener(log)
            .discard(discarded::add);
    private final Dedup<String> route = session.within(window);

    @Test
    void passesTheFirstOfEachAndDiscardsTheOthers() {
        StepVerifier.create(Flux.just("a", "b", "a", "c", "b").transform(session::distinct))
                .expectNext("a", "b", "c")
                .verifyComplete();

        assertThat(discarded).containsExactly("a", "b");
        assertThat(log.events()).containsExactly("first", "first", "duplicate 1", "first", "duplicate 1");
    }

    @Test
    void subscriptionsKnowNothingOfEachOtherWithoutASharedWindow() {
        Flux<String> assembled = Flux.just("a", "a").transform(session::distinct);

        for (int i = 0; i < 2; i++) {
            StepVerifier.create(assembled).expectNext("a").verifyComplete();
        }
    }

    @Test
    void subscriptionsShareTheWindowThatIsGiven() {
        Flux<String> assembled = Flux.just("a", "a").transform(route::distinct);

        StepVerifier.create(assembled).expectNext("a").verifyComplete();
        StepVerifier.create(assembled).verifyComplete();
    }

    @Test
    void whatIsOverPassesAgain() {
        TestPublisher<String> source = TestPublisher.create();
        StepVerifier.create(source.flux().transform(session::distinct))
                .then(() -> source.next("a"))
                .expectNext("a")
                .then(() -> ticker.advance(Duration.ofSeconds(10).minusNanos(1)))
                .then(() -> source.next("a"))
                .then(() -> ticker.advanceNanos(1))
                .then(() -> source.next("a"))
                .expectNext("a")
                .then(source::complete)
                .verifyComplete();
    }

    @Test
    void makesUpForEachDuplicateByARequestForOneMore() {
        TestPublisher<String> source = TestPublisher.create();
        List<Long> requests = new ArrayList<>();
        StepVerifier.create(source.flux().doOnRequest(requests::add).hide().transform(session::distinct), 2)
                .then(() -> source.next("a", "a", "a", "b"))
                .expectNext("a", "b")
                .then(() -> assertThat(requests).containsExactly(2L, 1L, 1L))
                .then(source::complete)
                .verifyComplete();
    }

    @Test
    void aLongRunOfDuplicatesDoesNotRecur() {
        StepVerifier.create(Flux.range(0, 200_000)
                        .map(i -> "same")
                        .hide()
                        .transform(session::distinct)
                        .limitRate(1))
                .expectNext("same")
                .verifyComplete();
        StepVerifier.create(Flux.range(0, 200_000).map(i -> "same").transform(session::distinct), 1)
                .expectNext("same")
                .thenRequest(1)
                .verifyComplete();
    }

    @Test
    void remembersWhenTheSubscriberHasTakenIt() {
        List<Integer> underWay = new ArrayList<>();
        Flux.just("a")
                .transform(route::distinct)
                .doOnNext(next -> underWay.add(window.pending()))
                .blockLast();

        assertThat(underWay).containsExactly(1);
        assertThat(window.pending()).isZero();
        assertThat(window.remembered()).isEqualTo(1);
    }

    @Test
    void forgetsWhatTheSubscriberCancelledAt() {
        StepVerifier.create(Flux.just("a", "b").transform(route::distinct).take(1))
                .expectNext("a")
                .verifyComplete();

        assertThat(log.events()).containsExactly("first", "released");
        assertThat(window.remembered()).isZero();
    }

    @Test
    void forgetsWhatTheSubscriberThrewAt() {
        TestPublisher<String> source = TestPublisher.createNoncompliant(TestPublisher.Violation.CLEANUP_ON_TERMINATE);
        source.flux().transform(route::distinct).subscribe(new BaseSubscriber<>() {
            @Override
            protected void hookOnNext(String value) {
                throw new LinkageError("fatal, so it isn't made a signal");
            }
        });

        assertThatThrownBy(() -> source.next("a")).isInstanceOf(LinkageError.class);

        assertThat(window.pending()).isZero();
        assertThat(window.remembered()).isZero();
    }

    @Test
    void aKeyThatCannotBeReadEndsTheStream() {
        RuntimeException broken = new IllegalStateException("broken key");
        Dedup<String> failing = Dedup.of(
                        CONFIG,
                        () -> (message, key) -> {
                            throw broken;
                        },
                        (String s) -> Unpooled.EMPTY_BUFFER)
                .discard(discarded::add);
        TestPublisher<String> source = TestPublisher.create();

        StepVerifier.create(source.flux().transform(failing::distinct))
                .then(() -> source.next("a"))
                .verifyErrorSatisfies(e -> assertThat(e).isSameAs(broken));

        source.assertCancelled();
        assertThat(discarded).containsExactly("a");
    }

    @Test
    void discardsWhatWasOnItsWayWhenAKeyCouldNotBeRead() {
        Dedup<String> failing = Dedup.of(CONFIG, DedupKey.content(), (String s) -> {
                    throw new IllegalStateException("broken payload");
                })
                .discard(discarded::add);
        TestPublisher<String> source = TestPublisher.createNoncompliant(TestPublisher.Violation.CLEANUP_ON_TERMINATE);

        StepVerifier.create(source.flux().transform(failing::distinct))
                .then(() -> source.next("a", "b"))
                .verifyError(IllegalStateException.class);

        assertThat(discarded).containsExactly("a", "b");
    }

    @Test
    void aListenerThatFailsChangesNothing() {
        Dedup<String> failing = route.listener(new DedupListener() {
            @Override
            public void onFirst() {
                throw new AssertionError("listener");
            }
        });

        StepVerifier.create(Flux.just("a").transform(failing::distinct))
                .expectNext("a")
                .verifyComplete();

        assertThat(window.pending()).isZero();
    }

    @Test
    void aDiscardHookThatFailsChangesNothing() {
        Dedup<String> failing = session.discard(message -> {
            throw new IllegalStateException("hook");
        });

        StepVerifier.create(Flux.just("a", "a", "b").transform(failing::distinct))
                .expectNext("a", "b")
                .verifyComplete();
    }

    @Test
    void releasesReferenceCountedDuplicatesByDefault() {
        Dedup<ByteBuf> buffers = Dedup.of(CONFIG, DedupKey.content());
        ByteBuf first = Unpooled.directBuffer().writeLong(1);
        ByteBuf second = Unpooled.directBuffer().writeLong(1);

        StepVerifier.create(Flux.just(first, second).transform(buffers::distinct))
                .expectNext(first)
                .verifyComplete();

        assertThat(second.refCnt()).isZero();
        assertThat(first.refCnt()).isEqualTo(1);
        first.release();
    }

    @Test
    void tellsItsState() {
        TestPublisher<String> source = TestPublisher.create();
        List<Scannable> seen = new ArrayList<>();
        Flux<String> distinct = source.flux().transform(session::distinct);
        assertThat(Scannable.from(distinct).scan(Scannable.Attr.RUN_STYLE)).isEqualTo(Scannable.Attr.RunStyle.SYNC);
        CoreSubscriber<String> sink = new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(org.reactivestreams.Subscription s) {
                seen.add(Scannable.from(s));
                s.request(1);
            }
        };
        distinct.subscribe(sink);
        Scannable state = seen.get(0);

        assertThat(state.scanUnsafe(Scannable.Attr.ACTUAL)).isSameAs(sink);
        assertThat(state.scan(Scannable.Attr.PARENT)).isNotNull();
        assertThat(state.scan(Scannable.Attr.RUN_STYLE)).isEqualTo(Scannable.Attr.RunStyle.SYNC);
        assertThat(state.scan(Scannable.Attr.TERMINATED)).isFalse();
        assertThat(state.scan(Scannable.Attr.CANCELLED)).isFalse();
        source.complete();
        assertThat(state.scan(Scannable.Attr.TERMINATED)).isTrue();
    }
}
