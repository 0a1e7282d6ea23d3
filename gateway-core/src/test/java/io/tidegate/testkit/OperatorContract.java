package io.tidegate.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Operators;
import reactor.test.util.RaceTestUtils;

/**
 * What every operator of the core keeps, whatever else it does: a subclass names the operator, and how to see that it holds
 * nothing any more.
 *
 * <p>The sources hand out buffers. After each test every one of them was released exactly once, by the subscriber or as a
 * discarded or dropped value, and {@link #assertHoldsNothing()} holds.
 */
public abstract class OperatorContract {

    private static final int VALUES = 4;
    private static final int RACES = 500;

    private final SourceProbe source = new SourceProbe();
    private final List<Throwable> droppedErrors = Collections.synchronizedList(new ArrayList<>());

    /** The operator, with the state that its subscriptions share, such that every value and signal passes. */
    protected abstract Flux<ByteBuf> apply(Flux<ByteBuf> upstream);

    /** Fails if a permit, a byte, a ticket, a timer is still held. */
    protected abstract void assertHoldsNothing();

    /** What a subscriber gets for an error of the source. */
    protected Throwable passed(Throwable error) {
        return error;
    }

    /** Whether the subscriber is done with a failed source when the source has failed (and not, say, some delay later). */
    protected boolean failsAtOnce() {
        return true;
    }

    /** How the operator comes into a chain. */
    enum Assembly {
        TRANSFORM {
            @Override
            Flux<ByteBuf> of(Flux<ByteBuf> source, Function<Flux<ByteBuf>, Flux<ByteBuf>> operator) {
                return source.transform(operator);
            }
        },
        TRANSFORM_DEFERRED {
            @Override
            Flux<ByteBuf> of(Flux<ByteBuf> source, Function<Flux<ByteBuf>, Flux<ByteBuf>> operator) {
                return source.transformDeferred(operator);
            }
        };

        abstract Flux<ByteBuf> of(Flux<ByteBuf> source, Function<Flux<ByteBuf>, Flux<ByteBuf>> operator);
    }

    @BeforeEach
    final void catchDropped() {
        Hooks.onNextDropped(ReferenceCountUtil::release);
        Hooks.onErrorDropped(droppedErrors::add);
    }

    @AfterEach
    final void nothingIsLeft() {
        Hooks.resetOnNextDropped();
        Hooks.resetOnErrorDropped();
        assertThat(source.unreleased()).as("unreleased buffers").isEmpty();
        assertHoldsNothing();
    }

    @ParameterizedTest
    @EnumSource
    void passesValuesInOrderAndCompletes(Assembly assembly) {
        SinkProbe sink = subscribe(assembly.of(source, this::apply));

        emitAll(source.run());

        assertThat(sink.values()).isEqualTo(numbers());
        assertThat(sink.terminals()).containsExactly(SinkProbe.COMPLETE);
        assertThat(source.run().isCancelled()).isFalse();
    }

    @Test
    void passesAnEmptySource() {
        SinkProbe sink = subscribe(apply(source));

        source.run().complete();

        assertThat(sink.values()).isEmpty();
        assertThat(sink.terminals()).containsExactly(SinkProbe.COMPLETE);
    }

    @ParameterizedTest
    @EnumSource
    void oneAssemblyServesSubscriptionsOneAfterAnother(Assembly assembly) {
        Flux<ByteBuf> assembled = assembly.of(source, this::apply);

        for (int i = 0; i < 3; i++) {
            SinkProbe sink = subscribe(assembled);
            emitAll(source.run());
            assertThat(sink.values()).as("subscription %s", i).isEqualTo(numbers());
            assertThat(sink.terminals()).as("subscription %s", i).containsExactly(SinkProbe.COMPLETE);
        }
    }

    @ParameterizedTest
    @EnumSource
    void oneAssemblyServesSubscriptionsAtTheSameTime(Assembly assembly) {
        Flux<ByteBuf> assembled = assembly.of(source, this::apply);
        SinkProbe first = subscribe(assembled);
        SinkProbe second = subscribe(assembled);
        SourceProbe.Run firstRun = source.runs().get(0);
        SourceProbe.Run secondRun = source.runs().get(1);

        firstRun.next(0);
        secondRun.next(0).next(1).complete();
        firstRun.next(1).complete();

        assertThat(first.values()).containsExactly(0, 1);
        assertThat(second.values()).containsExactly(0, 1);
        assertThat(first.terminals()).containsExactly(SinkProbe.COMPLETE);
        assertThat(second.terminals()).containsExactly(SinkProbe.COMPLETE);
    }

    @ParameterizedTest
    @EnumSource
    void doesNothingUntilItIsSubscribedTo(Assembly assembly) {
        assembly.of(source, this::apply);

        assertThat(source.runs()).isEmpty();
        assertHoldsNothing();
    }

    @ParameterizedTest
    @MethodSource("positions")
    void passesTheErrorAtEveryPosition(int position) {
        Throwable error = new IllegalStateException("boom");
        SinkProbe sink = subscribe(apply(source));

        SourceProbe.Run run = source.run();
        IntStream.range(0, position).forEach(run::next);
        run.error(error);

        if (failsAtOnce()) {
            assertThat(sink.values()).isEqualTo(numbers().subList(0, position));
            assertThat(sink.terminals()).containsExactly(passed(error));
        } else {
            sink.cancel();
        }
    }

    @Test
    void canBeCancelledInOnSubscribe() {
        SinkProbe sink = new SinkProbe(0).whenSubscribed(SinkProbe::cancel);

        apply(source).subscribe(sink);

        assertThat(source.runs()).allMatch(SourceProbe.Run::isCancelled);
        assertThat(sink.values()).isEmpty();
        assertThat(sink.terminals()).isEmpty();
    }

    @Test
    void canBeCancelledWhileTheSourceHasNotCalledOnSubscribeYet() {
        List<CoreSubscriber<? super ByteBuf>> waiting = new ArrayList<>();
        Flux<ByteBuf> late = new Flux<>() {
            @Override
            public void subscribe(CoreSubscriber<? super ByteBuf> actual) {
                waiting.add(actual);
            }
        };
        SinkProbe sink = subscribe(apply(late));
        List<Long> cancelled = new ArrayList<>();

        if (sink.isSubscribed()) {
            sink.cancel();
        } else {
            sink.whenSubscribed(SinkProbe::cancel);
        }
        waiting.get(0).onSubscribe(new Subscription() {
            @Override
            public void request(long n) {}

            @Override
            public void cancel() {
                cancelled.add(1L);
            }
        });

        assertThat(cancelled).isNotEmpty();
        assertThat(sink.terminals()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("positions")
    void canBeCancelledAtEveryPosition(int position) {
        SinkProbe sink = subscribe(apply(source));
        SourceProbe.Run run = source.run();

        IntStream.range(0, position).forEach(run::next);
        sink.cancel();

        assertThat(run.isCancelled()).isTrue();
        assertThat(sink.values()).isEqualTo(numbers().subList(0, position));
        assertThat(sink.terminals()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("positions")
    void canBeCancelledFromWithinEveryValue(int position) {
        SinkProbe sink = new SinkProbe().whenNext(self -> {
            if (self.values().size() == position) {
                self.cancel();
            }
        });
        apply(source).subscribe(sink);
        SourceProbe.Run run = source.run();

        run.nextWhileRequested(0, VALUES);
        if (position == 0) {
            sink.cancel();
        }

        assertThat(run.isCancelled()).isTrue();
        assertThat(sink.values()).hasSize(position == 0 ? VALUES : position);
        assertThat(sink.terminals()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("positions")
    void losesNoBufferOfASourceThatGoesOnAfterACancel(int position) {
        SinkProbe sink = subscribe(apply(source));
        SourceProbe.Run run = source.run();

        IntStream.range(0, position).forEach(run::next);
        sink.cancel();
        IntStream.range(position, VALUES + 1).forEach(run::next);
        run.complete();
    }

    @ParameterizedTest
    @MethodSource("positions")
    void canBeCancelledTwice(int position) {
        SinkProbe sink = subscribe(apply(source));

        IntStream.range(0, position).forEach(source.run()::next);
        sink.cancel();
        sink.cancel();
    }

    @Test
    void cancelAfterTheEndChangesNothing() {
        SinkProbe sink = subscribe(apply(source));

        source.run().next(0).complete();
        sink.cancel();

        assertThat(sink.terminals()).containsExactly(SinkProbe.COMPLETE);
    }

    @Test
    void passesOneEndOnly() {
        Throwable late = new IllegalStateException("late");
        SinkProbe sink = subscribe(apply(source));

        source.run().next(0).complete().complete().error(late).next(1);

        assertThat(sink.values()).containsExactly(0);
        assertThat(sink.terminals()).containsExactly(SinkProbe.COMPLETE);
        assertThat(droppedErrors).containsExactly(late);
    }

    @Test
    void passesOneErrorOnly() {
        Throwable first = new IllegalStateException("first");
        Throwable late = new IllegalStateException("late");
        SinkProbe sink = subscribe(apply(source));

        source.run().next(0).error(first).error(late).complete().next(1);

        if (failsAtOnce()) {
            assertThat(sink.values()).containsExactly(0);
            assertThat(sink.terminals()).containsExactly(passed(first));
            assertThat(droppedErrors).containsExactly(late);
        } else {
            sink.cancel();
        }
    }

    @Test
    void handsTheContextToTheSource() {
        SinkProbe sink = subscribe(apply(source));

        assertThat(source.run().context().<SinkProbe>get(SinkProbe.class)).isSameAs(sink);
        sink.cancel();
    }

    @Test
    void keepsToTheDemand() {
        SinkProbe sink = new SinkProbe(0);
        apply(source).subscribe(sink);
        SourceProbe.Run run = source.run();

        int next = run.nextWhileRequested(0, VALUES);
        assertThat(sink.values()).isEmpty();
        for (int asked = 1; asked <= VALUES; asked++) {
            sink.request(1);
            next = run.nextWhileRequested(next, VALUES);
            assertThat(sink.values()).isEqualTo(numbers().subList(0, asked));
        }
        run.complete();

        assertThat(sink.terminals()).containsExactly(SinkProbe.COMPLETE);
    }

    @Test
    void aSecondSubscriptionFromTheSourceIsCancelled() {
        List<String> cancelled = new ArrayList<>();
        Flux<ByteBuf> twice = new Flux<>() {
            @Override
            public void subscribe(CoreSubscriber<? super ByteBuf> actual) {
                actual.onSubscribe(Operators.emptySubscription());
                actual.onSubscribe(new Subscription() {
                    @Override
                    public void request(long n) {}

                    @Override
                    public void cancel() {
                        cancelled.add("second");
                    }
                });
            }
        };

        SinkProbe sink = subscribe(apply(twice));

        assertThat(cancelled).containsExactly("second");
        sink.cancel();
    }

    @Test
    void aSourceThatCannotBeSubscribedToLeavesNothingBehind() {
        Flux<ByteBuf> broken = new Flux<>() {
            @Override
            public void subscribe(CoreSubscriber<? super ByteBuf> actual) {
                throw new IllegalStateException("cannot be subscribed to");
            }
        };
        SinkProbe sink = new SinkProbe();

        try {
            apply(broken).subscribe(sink);
        } catch (IllegalStateException e) {
            assertThat(e).hasMessage("cannot be subscribed to");
            return;
        }
        assertThat(sink.terminals()).hasSize(1);
    }

    @Test
    void knowsItsSource() {
        Flux<ByteBuf> scannable = source.hide();

        assertThat(Scannable.from(apply(scannable)).parents().map(Scannable.class::cast))
                .contains(Scannable.from(scannable));
    }

    @Test
    void refusesAMissingSource() {
        assertThatThrownBy(() -> apply(null)).isInstanceOf(NullPointerException.class);
    }

    @Test
    void survivesACancelThatRacesValuesAndCompletion() {
        for (int i = 0; i < RACES; i++) {
            SinkProbe sink = subscribe(apply(source));
            SourceProbe.Run run = source.run();

            RaceTestUtils.race(() -> run.next(0).next(1).complete(), sink::cancel);

            assertThat(sink.values()).as("round %s", i).isSubsetOf(0, 1);
            assertThat(sink.terminals().size()).isLessThanOrEqualTo(1);
            assertHoldsNothing();
        }
    }

    @Test
    void survivesACancelThatRacesAnError() {
        for (int i = 0; i < RACES; i++) {
            SinkProbe sink = subscribe(apply(source));
            SourceProbe.Run run = source.run();

            RaceTestUtils.race(() -> run.next(0).error(new IllegalStateException("boom")), sink::cancel);
            sink.cancel();

            assertThat(sink.terminals().size()).isLessThanOrEqualTo(1);
            assertHoldsNothing();
        }
    }

    @Test
    void survivesRequestsThatRaceValues() {
        for (int i = 0; i < RACES; i++) {
            SinkProbe sink = new SinkProbe(0);
            apply(source).subscribe(sink);
            SourceProbe.Run run = source.run();
            int[] next = {0};

            RaceTestUtils.race(
                    () -> {
                        for (int n = 0; n < VALUES; n++) {
                            sink.request(1);
                        }
                    },
                    () -> next[0] = run.nextWhileRequested(0, VALUES));
            run.nextWhileRequested(next[0], VALUES);
            run.complete();

            assertThat(sink.values()).as("round %s", i).isEqualTo(numbers());
            assertThat(sink.terminals()).as("round %s", i).containsExactly(SinkProbe.COMPLETE);
        }
    }

    static Stream<Arguments> positions() {
        return IntStream.rangeClosed(0, VALUES).mapToObj(Arguments::of);
    }

    private static List<Integer> numbers() {
        return IntStream.range(0, VALUES).boxed().toList();
    }

    private static void emitAll(SourceProbe.Run run) {
        IntStream.range(0, VALUES).forEach(run::next);
        run.complete();
    }

    private static SinkProbe subscribe(Flux<ByteBuf> flux) {
        SinkProbe sink = new SinkProbe();
        flux.subscribe(sink);
        return sink;
    }
}
