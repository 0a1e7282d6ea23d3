package io.tidegate.breaker;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.testkit.ManualTicker;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;

/** Whatever happens in whatever order, a breaker does what a naive model of one does. */
class CircuitPropertyTest {

    private static final int STEPS = 400;

    @Property(tries = 300)
    void doesWhatTheModelDoes(@ForAll("configs") BreakerConfig config, @ForAll long seed) {
        ManualTicker ticker = new ManualTicker();
        Random random = new Random(seed);
        Model model = new Model(config);
        int[] transitions = {0};
        BreakerListener listener = new BreakerListener() {
            @Override
            public void onTransition(BreakerState from, BreakerState to, long generation) {
                transitions[0]++;
            }
        };
        Circuit circuit = new Circuit("test", config, ticker, IOException.class::isInstance, listener, () -> {});
        List<Call> calls = new ArrayList<>();

        for (int step = 0; step < STEPS; step++) {
            switch (random.nextInt(12)) {
                case 0, 1, 2, 3 -> {
                    Permit permit = circuit.tryAcquire();
                    Model.@Nullable Call expected = model.tryAcquire();
                    assertThat(permit != null).as("let in at step %s", step).isEqualTo(expected != null);
                    if (permit != null && expected != null) {
                        calls.add(new Call(permit, expected));
                    }
                }
                case 4, 5, 6, 7, 8 -> {
                    if (!calls.isEmpty()) {
                        Call call = calls.get(random.nextInt(calls.size()));
                        if (random.nextInt(4) > 0) {
                            calls.remove(call);
                        }
                        call.end(model, Permit.Outcome.values()[random.nextInt(3)]);
                    }
                }
                case 9, 10 -> {
                    Duration duration = Duration.ofMillis(random.nextInt(1500));
                    ticker.advance(duration);
                    model.now += duration.toNanos();
                }
                default -> force(circuit, model, random.nextInt(12));
            }
            if (random.nextBoolean()) {
                assertThat(circuit.snapshot()).as("step %s", step).isEqualTo(model.snapshot());
            }
        }
        model.snapshot();
        circuit.snapshot();
        assertThat(transitions[0]).isEqualTo(model.transitions);
    }

    @Provide
    Arbitrary<BreakerConfig> configs() {
        Arbitrary<Double> rates = Arbitraries.of(0.25, 0.5, 0.75, 1.0);
        Arbitrary<Duration> durations = Arbitraries.of(Duration.ZERO, Duration.ofMillis(500), Duration.ofSeconds(3));
        Arbitrary<int[]> windows = Arbitraries.integers()
                .between(1, 8)
                .flatMap(window -> Arbitraries.integers().between(1, window).map(min -> new int[] {window, min}));
        return Combinators.combine(
                        rates, rates, durations, windows, Arbitraries.integers().between(1, 4), durations)
                .as((failures, slow, slowDuration, window, halfOpenCalls, halfOpenFor) -> new BreakerConfig(
                        failures,
                        slow,
                        slowDuration,
                        window[0],
                        window[1],
                        Duration.ofSeconds(2),
                        halfOpenCalls,
                        halfOpenFor));
    }

    private static void force(Circuit circuit, Model model, int how) {
        switch (how) {
            case 0 -> {
                circuit.forceOpen();
                model.force(BreakerState.OPEN);
            }
            case 1 -> {
                circuit.forceClosed();
                model.force(BreakerState.CLOSED);
            }
            default -> {
                circuit.automatic();
                model.automatic();
            }
        }
    }

    private record Call(Permit permit, Model.Call expected) {

        void end(Model model, Permit.Outcome outcome) {
            switch (outcome) {
                case SUCCESS -> permit.success();
                case FAILURE -> permit.failure(new IOException());
                case RELEASE -> permit.release();
            }
            model.end(expected, outcome);
        }
    }

    /** All by counting. */
    private static final class Model {

        final BreakerConfig config;
        long now;
        int transitions;

        private BreakerState state = BreakerState.CLOSED;
        private boolean forced;
        private long generation;
        private long since;
        private int probes;
        private long lastProbe;
        private Deque<boolean[]> window = new ArrayDeque<>();
        private long rejected;
        private long late;

        Model(BreakerConfig config) {
            this.config = config;
        }

        static final class Call {
            final long generation;
            final long start;
            boolean ended;

            Call(long generation, long start) {
                this.generation = generation;
                this.start = start;
            }
        }

        @Nullable
        Call tryAcquire() {
            look();
            if (state == BreakerState.CLOSED) {
                return new Call(generation, now);
            }
            if (state == BreakerState.HALF_OPEN && probes < config.halfOpenCalls()) {
                probes++;
                lastProbe = now;
                return new Call(generation, now);
            }
            rejected++;
            long patience = config.halfOpenFor().toNanos();
            if (state == BreakerState.HALF_OPEN && patience > 0 && now - lastProbe >= patience) {
                move(BreakerState.OPEN, false, window);
            }
            return null;
        }

        void end(Call call, Permit.Outcome outcome) {
            if (call.ended) {
                return;
            }
            call.ended = true;
            if (call.generation != generation) {
                late += outcome == Permit.Outcome.RELEASE ? 0 : 1;
            } else if (outcome == Permit.Outcome.RELEASE) {
                probes--;
            } else {
                long slow = config.slowCallDuration().toNanos();
                window.add(new boolean[] {outcome == Permit.Outcome.FAILURE, slow > 0 && now - call.start > slow});
                judge();
            }
        }

        private void judge() {
            boolean closed = state == BreakerState.CLOSED;
            if (window.size() > (closed ? config.window() : config.halfOpenCalls())) {
                window.remove();
            }
            if (forced || window.size() < (closed ? config.minimumCalls() : config.halfOpenCalls())) {
                return;
            }
            if (count(0) >= config.failureRate() * window.size() || count(1) >= config.slowCallRate() * window.size()) {
                move(BreakerState.OPEN, false, window);
            } else if (!closed) {
                move(BreakerState.CLOSED, false, new ArrayDeque<>());
            }
        }

        private long count(int what) {
            return window.stream().filter(call -> call[what]).count();
        }

        void force(BreakerState to) {
            if (!forced || state != to) {
                move(to, true, to == BreakerState.OPEN ? window : new ArrayDeque<>());
            }
        }

        void automatic() {
            if (forced) {
                move(BreakerState.CLOSED, false, new ArrayDeque<>());
            }
        }

        private void look() {
            if (state == BreakerState.OPEN && !forced && left(now) <= 0) {
                move(BreakerState.HALF_OPEN, false, new ArrayDeque<>());
            }
        }

        private long left(long now) {
            return since + config.openFor().toNanos() - now;
        }

        private void move(BreakerState to, boolean force, Deque<boolean[]> counted) {
            transitions += state == to ? 0 : 1;
            state = to;
            forced = force;
            generation++;
            since = now;
            lastProbe = now;
            probes = 0;
            window = counted;
        }

        BreakerSnapshot snapshot() {
            look();
            int calls = window.size();
            long untilProbe =
                    state != BreakerState.OPEN ? 0 : forced ? config.openFor().toNanos() : left(now);
            return new BreakerSnapshot(
                    state,
                    forced,
                    generation,
                    calls == 0 ? 0 : (double) count(0) / calls,
                    calls == 0 ? 0 : (double) count(1) / calls,
                    calls,
                    rejected,
                    late,
                    Duration.ofNanos(now - since),
                    Duration.ofNanos(untilProbe));
        }
    }
}
