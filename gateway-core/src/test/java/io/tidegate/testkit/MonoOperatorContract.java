package io.tidegate.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.test.util.RaceTestUtils;

/** As {@link OperatorContract}, for the overload that takes and gives a {@link Mono}. */
public abstract class MonoOperatorContract {

    private static final int RACES = 500;

    private final SourceProbe source = new SourceProbe();
    private final Mono<ByteBuf> mono = Mono.fromDirect(source);
    private final List<Throwable> droppedErrors = Collections.synchronizedList(new ArrayList<>());

    /** The operator, with the state that its subscriptions share, such that every value and signal passes. */
    protected abstract Mono<ByteBuf> apply(Mono<ByteBuf> upstream);

    /** Fails if a permit, a byte, a ticket, a timer is still held. */
    protected abstract void assertHoldsNothing();

    /** What a subscriber gets for an error of the source. */
    protected Throwable passed(Throwable error) {
        return error;
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

    @Test
    void passesTheValueOnceAndCompletesOnce() {
        SinkProbe sink = subscribe();

        source.run().next(7).complete();

        assertThat(sink.values()).containsExactly(7);
        assertThat(sink.terminals()).containsExactly(SinkProbe.COMPLETE);
        assertThat(source.run().isCancelled()).as("cancelled for no reason").isFalse();
    }

    @Test
    void passesAnEmptySource() {
        SinkProbe sink = subscribe();

        source.run().complete();

        assertThat(sink.values()).isEmpty();
        assertThat(sink.terminals()).containsExactly(SinkProbe.COMPLETE);
    }

    @Test
    void passesTheError() {
        Throwable error = new IllegalStateException("boom");
        SinkProbe sink = subscribe();

        source.run().error(error);

        assertThat(sink.terminals()).containsExactly(passed(error));
    }

    @Test
    void oneAssemblyServesManySubscriptions() {
        Mono<ByteBuf> transformed = mono.transform(this::apply);
        Mono<ByteBuf> deferred = mono.transformDeferred(this::apply);
        assertThat(source.runs()).isEmpty();

        for (Mono<ByteBuf> assembled : List.of(transformed, transformed, deferred, deferred)) {
            SinkProbe sink = new SinkProbe();
            assembled.subscribe(sink);
            source.run().next(1).complete();
            assertThat(sink.values()).containsExactly(1);
            assertThat(sink.terminals()).containsExactly(SinkProbe.COMPLETE);
        }
    }

    @Test
    void canBeCancelledInOnSubscribe() {
        apply(mono).subscribe(new SinkProbe(0).whenSubscribed(SinkProbe::cancel));

        assertThat(source.runs()).allMatch(SourceProbe.Run::isCancelled);
    }

    @Test
    void canBeCancelledBeforeTheValue() {
        SinkProbe sink = subscribe();

        sink.cancel();
        sink.cancel();
        source.run().next(1).complete();

        assertThat(source.run().isCancelled()).isTrue();
    }

    @Test
    void canBeCancelledFromWithinTheValue() {
        SinkProbe sink = new SinkProbe().whenNext(SinkProbe::cancel);
        apply(mono).subscribe(sink);

        source.run().next(1).complete();

        assertThat(sink.values()).containsExactly(1);
    }

    @Test
    void passesOneEndOnly() {
        Throwable late = new IllegalStateException("late");
        SinkProbe sink = subscribe();

        source.run().next(1).complete().complete().next(2).error(late);

        assertThat(sink.values()).containsExactly(1);
        assertThat(sink.terminals()).containsExactly(SinkProbe.COMPLETE);
        assertThat(droppedErrors).containsExactly(late);
    }

    @Test
    void passesOneErrorOnly() {
        Throwable first = new IllegalStateException("first");
        Throwable late = new IllegalStateException("late");
        SinkProbe sink = subscribe();

        source.run().error(first).error(late).next(1).complete();

        assertThat(sink.values()).isEmpty();
        assertThat(sink.terminals()).containsExactly(passed(first));
        assertThat(droppedErrors).containsExactly(late);
    }

    @Test
    void handsTheContextToTheSource() {
        SinkProbe sink = subscribe();

        assertThat(source.run().context().<SinkProbe>get(SinkProbe.class)).isSameAs(sink);
        sink.cancel();
    }

    @Test
    void refusesAMissingSource() {
        assertThatThrownBy(() -> apply(null)).isInstanceOf(NullPointerException.class);
    }

    @Test
    void survivesACancelThatRacesTheValue() {
        for (int i = 0; i < RACES; i++) {
            SinkProbe sink = subscribe();
            SourceProbe.Run run = source.run();

            RaceTestUtils.race(() -> run.next(0).complete(), sink::cancel);

            assertThat(sink.terminals().size()).isLessThanOrEqualTo(1);
            assertHoldsNothing();
        }
    }

    @Test
    void survivesACancelThatRacesAnError() {
        for (int i = 0; i < RACES; i++) {
            SinkProbe sink = subscribe();
            SourceProbe.Run run = source.run();

            RaceTestUtils.race(() -> run.error(new IllegalStateException("boom")), sink::cancel);
            sink.cancel();

            assertThat(sink.terminals().size()).isLessThanOrEqualTo(1);
            assertHoldsNothing();
        }
    }

    private SinkProbe subscribe() {
        SinkProbe sink = new SinkProbe();
        apply(mono).subscribe(sink);
        return sink;
    }
}
