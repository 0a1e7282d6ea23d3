package io.tidegate.breaker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tidegate.testkit.ManualTicker;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CircuitTest {

    private static final Duration OPEN_FOR = Duration.ofSeconds(10);
    private static final Duration HALF_OPEN_FOR = Duration.ofMinutes(1);
    private static final BreakerConfig CONFIG =
            BreakerConfig.DEFAULTS.withWindow(4, 2).withOpenFor(OPEN_FOR).withHalfOpen(3, HALF_OPEN_FOR);

    private final ManualTicker ticker = new ManualTicker();
    private final List<String> told = new ArrayList<>();
    private final AtomicInteger opened = new AtomicInteger();
    private final Circuit circuit = circuit(CONFIG);

    private Circuit circuit(BreakerConfig config) {
        BreakerListener listener = new BreakerListener() {
            @Override
            public void onTransition(BreakerState from, BreakerState to, long generation) {
                told.add(from + " " + to + " " + generation);
            }

            @Override
            public void onRejected() {
                told.add("rejected");
            }

            @Override
            public void onLateResult(boolean success, long generation) {
                told.add((success ? "late success " : "late failure ") + generation);
            }
        };
        return circuit(config, listener);
    }

    private Circuit circuit(BreakerConfig config, BreakerListener listener) {
        return new Circuit("test", config, ticker, IOException.class::isInstance, listener, opened::incrementAndGet);
    }

    // Closed

    @Test
    void startsClosedWithNothingCounted() {
        assertThat(circuit.snapshot())
                .isEqualTo(new BreakerSnapshot(
                        BreakerState.CLOSED, false, 0, 0, 0, 0, 0, 0, Duration.ZERO, Duration.ZERO));
    }

    @Test
    void staysClosedBelowTheMinimumOfCalls() {
        fail(circuit);

        assertThat(circuit.state()).isEqualTo(BreakerState.CLOSED);
    }

    @Test
    void staysClosedBelowTheRate() {
        succeed(circuit, 2);
        fail(circuit);
        succeed(circuit, 1);
        fail(circuit);

        assertThat(circuit.state())
                .as("1 of 3, 1 of 4, 2 of 4, which is the rate")
                .isEqualTo(BreakerState.OPEN);
        Circuit other = circuit(CONFIG);
        succeed(other, 3);
        fail(other);
        assertThat(other.state()).as("1 of 4").isEqualTo(BreakerState.CLOSED);
    }

    @Test
    void opensWhenTheRateIsReached() {
        succeed(circuit, 1);
        fail(circuit);

        assertThat(circuit.state()).isEqualTo(BreakerState.OPEN);
        assertThat(told).containsExactly("CLOSED OPEN 1");
        assertThat(opened).hasValue(1);
    }

    @Test
    void forgetsWhatLeftTheWindow() {
        succeed(circuit, 3);
        fail(circuit);
        succeed(circuit, 4);
        fail(circuit);

        assertThat(circuit.state()).isEqualTo(BreakerState.CLOSED);
        assertThat(circuit.snapshot().calls()).isEqualTo(4);
        assertThat(circuit.snapshot().failureRate()).isEqualTo(0.25);
    }

    @Test
    void leavesAFailureToItsCallerThatWouldOpenItNowOrAtTheMinimumOfCalls() {
        Permit first = acquire(circuit);
        assertThat(first.failureUnlessDecisive(new IOException()))
                .as("1 of 2, whatever the second is")
                .isFalse();
        first.release();
        succeed(circuit, 4);
        assertThat(acquire(circuit).failureUnlessDecisive(new IOException()))
                .as("1 of 4")
                .isTrue();
        Permit second = acquire(circuit);
        assertThat(second.failureUnlessDecisive(new IOException())).as("2 of 4").isFalse();
        assertThat(circuit.snapshot().calls()).isEqualTo(4);
        assertThat(circuit.state()).isEqualTo(BreakerState.CLOSED);

        second.failure(new IOException());
        assertThat(circuit.state()).isEqualTo(BreakerState.OPEN);
    }

    @Test
    void leavesTheFailureOfAProbeToItsCaller() {
        open(circuit);
        ticker.advance(OPEN_FOR);
        Permit probe = acquire(circuit);
        assertThat(probe.failureUnlessDecisive(new IOException())).isFalse();
        probe.release();
        assertThat(acquire(circuit)).as("there is room again").isNotNull();
    }

    @Test
    void countsWhatIsNotDecisiveAndIsLateOrNoFailureAsEver() {
        Permit late = acquire(circuit);
        open(circuit);
        assertThat(late.failureUnlessDecisive(new IOException())).isTrue();
        assertThat(told).contains("late failure 0");
        Circuit other = circuit(CONFIG);
        assertThat(acquire(other).failureUnlessDecisive(new IllegalStateException()))
                .isTrue();
        assertThat(other.snapshot().calls()).isZero();
        other.forceClosed();
        for (int i = 0; i < 10; i++) {
            assertThat(acquire(other).failureUnlessDecisive(new IOException())).isTrue();
        }
        assertThat(other.state()).isEqualTo(BreakerState.CLOSED);
    }

    /** Also where a rate in per cent is none that can be written in binary. */
    @Test
    void neverOpensByFailuresThatAreNotDecisive() {
        Random random = new Random(1);
        for (int percent = 1; percent <= 100; percent++) {
            int window = 1 + random.nextInt(100);
            Circuit each =
                    circuit(CONFIG.withFailureRate(percent / 100.0).withWindow(window, 1 + random.nextInt(window)));
            for (int call = 0; call < 1000; call++) {
                Permit permit = acquire(each);
                if (random.nextInt(3) == 0) {
                    permit.success();
                } else if (!permit.failureUnlessDecisive(new IOException())) {
                    permit.release();
                }
            }
            assertThat(each.state()).as("%s per cent of %s", percent, window).isEqualTo(BreakerState.CLOSED);
        }
    }

    @Test
    void opensWhenTooManyCallsAreSlow() {
        Circuit timed = circuit(CONFIG.withSlowCalls(0.5, Duration.ofSeconds(2)));

        Permit first = acquire(timed);
        ticker.advance(Duration.ofSeconds(2));
        first.success();
        Permit second = acquire(timed);
        ticker.advance(Duration.ofSeconds(2));
        second.success();
        assertThat(timed.snapshot().slowCallRate())
                .as("as long as the limit is not longer")
                .isZero();

        Permit third = acquire(timed);
        ticker.advance(Duration.ofSeconds(2).plusNanos(1));
        third.success();
        assertThat(timed.snapshot().slowCallRate()).isEqualTo(1 / 3.0, within(1e-9));
        Permit fourth = acquire(timed);
        ticker.advance(Duration.ofSeconds(3));
        fourth.success();
        assertThat(timed.state()).isEqualTo(BreakerState.OPEN);
    }

    @Test
    void noCallIsSlowWithoutALimit() {
        for (int i = 0; i < 4; i++) {
            Permit permit = acquire(circuit);
            ticker.advance(Duration.ofDays(300));
            permit.success();
        }

        assertThat(circuit.snapshot().slowCallRate()).isZero();
        assertThat(circuit.state()).isEqualTo(BreakerState.CLOSED);
    }

    @Test
    void countsNoErrorThatIsNoFailure() {
        for (int i = 0; i < 4; i++) {
            acquire(circuit).failure(new IllegalArgumentException("the caller's fault"));
        }

        assertThat(circuit.snapshot().calls()).isZero();
    }

    @Test
    void countsAnErrorThatCannotBeJudged() {
        Circuit broken = new Circuit(
                "test",
                CONFIG,
                ticker,
                cause -> {
                    throw new AssertionError("broken");
                },
                BreakerListener.NONE,
                () -> {});

        acquire(broken).failure(new IllegalArgumentException());

        assertThat(broken.snapshot().failureRate()).isEqualTo(1);
    }

    @Test
    void countsNoReleasedCall() {
        for (int i = 0; i < 4; i++) {
            acquire(circuit).release();
        }

        assertThat(circuit.snapshot().calls()).isZero();
    }

    @Test
    void showsTheRatesOfTooFewCalls() {
        fail(circuit);

        assertThat(circuit.snapshot().failureRate()).isEqualTo(1);
        assertThat(circuit.snapshot().calls()).isEqualTo(1);
    }

    // Open

    @Test
    void rejectsWhileOpen() {
        open(circuit);

        assertThat(circuit.tryAcquire()).isNull();
        assertThat(circuit.tryAcquire()).isNull();

        assertThat(circuit.snapshot().rejected()).isEqualTo(2);
        assertThat(told).containsExactly("CLOSED OPEN 1", "rejected", "rejected");
    }

    @Test
    void showsWhileOpenWhatOpenedIt() {
        succeed(circuit, 1);
        fail(circuit);

        assertThat(circuit.snapshot().failureRate()).isEqualTo(0.5);
        assertThat(circuit.snapshot().calls()).isEqualTo(2);
    }

    @Test
    void staysOpenUntilTheWaitIsOver() {
        open(circuit);

        ticker.advance(OPEN_FOR.minusNanos(1));
        assertThat(circuit.tryAcquire()).isNull();
        assertThat(circuit.isWaiting()).isTrue();
        assertThat(circuit.untilProbeNanos()).isEqualTo(1);

        ticker.advanceNanos(1);
        assertThat(circuit.tryAcquire()).isNotNull();
        assertThat(circuit.isWaiting()).isFalse();
        assertThat(told).containsExactly("CLOSED OPEN 1", "rejected", "OPEN HALF_OPEN 2");
    }

    @Test
    void leavesOpenForWhoeverLooks() {
        open(circuit);
        Circuit other = circuit(CONFIG);
        open(other);
        Circuit third = circuit(CONFIG);
        open(third);
        ticker.advance(OPEN_FOR);

        assertThat(circuit.state()).isEqualTo(BreakerState.HALF_OPEN);
        assertThat(other.snapshot().state()).isEqualTo(BreakerState.HALF_OPEN);
        assertThat(third.isWaiting()).isFalse();
        assertThat(third.state()).isEqualTo(BreakerState.HALF_OPEN);
    }

    @Test
    void saysHowLongUntilTheNextProbe() {
        assertThat(circuit.untilProbeNanos()).isZero();
        open(circuit);
        ticker.advance(Duration.ofSeconds(4));

        assertThat(circuit.untilProbeNanos()).isEqualTo(Duration.ofSeconds(6).toNanos());
        assertThat(circuit.snapshot().untilProbe()).isEqualTo(Duration.ofSeconds(6));
        assertThat(circuit.snapshot().sinceTransition()).isEqualTo(Duration.ofSeconds(4));

        ticker.advance(Duration.ofSeconds(60));
        assertThat(circuit.untilProbeNanos()).isZero();
    }

    @Test
    void goesHalfOpenAtOnceWhenToldTo() {
        open(circuit);

        circuit.probeNow();

        assertThat(circuit.state()).isEqualTo(BreakerState.HALF_OPEN);
        assertThat(circuit.untilProbeNanos()).isZero();
        assertThat(circuit.tryAcquire()).isNotNull();
        assertThat(told).containsExactly("CLOSED OPEN 1", "OPEN HALF_OPEN 2");
    }

    @Test
    void isToldToProbeInVainUnlessItWaits() {
        circuit.probeNow();
        assertThat(circuit.state()).isEqualTo(BreakerState.CLOSED);

        halfOpen(circuit);
        acquire(circuit);
        circuit.probeNow();
        assertThat(circuit.snapshot().generation())
                .as("the same probes are out")
                .isEqualTo(2);

        circuit.forceOpen();
        circuit.probeNow();
        assertThat(circuit.state()).isEqualTo(BreakerState.OPEN);
    }

    // Half-open

    @Test
    void letsInOnlyAsManyProbesAsItShould() {
        halfOpen(circuit);

        acquire(circuit);
        acquire(circuit);
        acquire(circuit);

        assertThat(circuit.tryAcquire()).isNull();
        assertThat(circuit.snapshot().rejected()).isEqualTo(1);
    }

    @Test
    void makesRoomForAnotherProbeWhenOneIsReleased() {
        halfOpen(circuit);
        Permit probe = acquire(circuit);
        acquire(circuit);
        acquire(circuit);

        probe.release();
        probe.release();

        assertThat(circuit.tryAcquire()).isNotNull();
        assertThat(circuit.tryAcquire()).isNull();
    }

    @Test
    void makesNoRoomWhenAProbeSucceeds() {
        halfOpen(circuit);
        acquire(circuit).success();
        acquire(circuit);
        acquire(circuit);

        assertThat(circuit.tryAcquire()).isNull();
    }

    @Test
    void closesWhenTheProbesSucceed() {
        halfOpen(circuit);
        told.clear();

        acquire(circuit).success();
        acquire(circuit).failure(new IOException());
        assertThat(circuit.state())
                .as("judges all probes together, although two results are enough when closed")
                .isEqualTo(BreakerState.HALF_OPEN);
        acquire(circuit).success();

        assertThat(circuit.state()).isEqualTo(BreakerState.CLOSED);
        assertThat(circuit.snapshot().calls()).isZero();
        assertThat(told).containsExactly("HALF_OPEN CLOSED 3");
    }

    @Test
    void opensAgainWhenTheProbesFail() {
        halfOpen(circuit);

        acquire(circuit).failure(new IOException());
        acquire(circuit).success();
        ticker.advance(Duration.ofSeconds(5));
        acquire(circuit).failure(new IOException());

        assertThat(circuit.state()).isEqualTo(BreakerState.OPEN);
        assertThat(circuit.untilProbeNanos()).isEqualTo(OPEN_FOR.toNanos());
        assertThat(circuit.snapshot().calls()).isEqualTo(3);
        assertThat(opened).hasValue(2);
    }

    @Test
    void showsTheRatesOfTheProbes() {
        halfOpen(circuit);
        acquire(circuit).failure(new IOException());
        acquire(circuit).success();

        assertThat(circuit.snapshot().calls()).isEqualTo(2);
        assertThat(circuit.snapshot().failureRate()).isEqualTo(0.5);
    }

    @Test
    void opensAgainWhenAllProbesAreLost() {
        halfOpen(circuit);
        Permit lost = acquire(circuit);
        acquire(circuit);
        ticker.advance(HALF_OPEN_FOR);
        acquire(circuit);

        ticker.advance(HALF_OPEN_FOR.minusNanos(1));
        assertThat(circuit.tryAcquire()).isNull();
        assertThat(circuit.state()).isEqualTo(BreakerState.HALF_OPEN);
        ticker.advanceNanos(1);
        assertThat(circuit.state()).as("until somebody is turned away").isEqualTo(BreakerState.HALF_OPEN);
        assertThat(circuit.tryAcquire()).isNull();
        assertThat(circuit.state()).isEqualTo(BreakerState.OPEN);

        lost.success();
        assertThat(circuit.snapshot().late()).isEqualTo(1);
    }

    @Test
    void waitsForProbesWithoutAnEndIfItIsTold() {
        Circuit patient = circuit(CONFIG.withHalfOpen(1, Duration.ZERO));
        halfOpen(patient);
        acquire(patient);

        ticker.advance(Duration.ofDays(365));

        assertThat(patient.tryAcquire()).isNull();
        assertThat(patient.state()).isEqualTo(BreakerState.HALF_OPEN);
    }

    @Test
    void staysHalfOpenWhenNobodyCalls() {
        halfOpen(circuit);

        ticker.advance(HALF_OPEN_FOR.multipliedBy(3));

        assertThat(circuit.state()).isEqualTo(BreakerState.HALF_OPEN);
        assertThat(circuit.tryAcquire()).isNotNull();
    }

    // Permits

    @ParameterizedTest
    @EnumSource
    void aPermitCountsOnce(Permit.Outcome first) {
        Permit permit = acquire(circuit);
        end(permit, first);
        int calls = circuit.snapshot().calls();
        double failureRate = circuit.snapshot().failureRate();

        for (Permit.Outcome again : Permit.Outcome.values()) {
            end(permit, again);
        }

        assertThat(calls).isEqualTo(first == Permit.Outcome.RELEASE ? 0 : 1);
        assertThat(failureRate).isEqualTo(first == Permit.Outcome.FAILURE ? 1 : 0);
        assertThat(circuit.snapshot().calls()).isEqualTo(calls);
        assertThat(circuit.snapshot().failureRate()).isEqualTo(failureRate);
    }

    @Test
    void aTimeoutIsAFailureWhateverIsTakenForOne() {
        acquire(circuit).timeout();

        assertThat(circuit.snapshot().failureRate()).isEqualTo(1);
    }

    @Test
    void aPermitNamesItsGeneration() {
        Permit before = acquire(circuit);
        halfOpen(circuit);

        assertThat(before.generation()).isZero();
        assertThat(acquire(circuit).generation()).isEqualTo(2);
    }

    @Test
    void aSuccessFromBeforeItOpenedDoesNotCloseIt() {
        List<Permit> before =
                IntStream.range(0, 10).mapToObj(i -> acquire(circuit)).toList();
        halfOpen(circuit);
        told.clear();

        before.subList(0, 5).forEach(Permit::success);
        before.subList(5, 10).forEach(Permit::success);

        assertThat(circuit.state()).isEqualTo(BreakerState.HALF_OPEN);
        assertThat(circuit.snapshot().calls()).isZero();
        assertThat(circuit.snapshot().late()).isEqualTo(10);
        assertThat(told).hasSize(10).containsOnly("late success 0");
    }

    @Test
    void aFailureFromBeforeItOpenedDoesNotOpenItAgain() {
        List<Permit> before =
                IntStream.range(0, 10).mapToObj(i -> acquire(circuit)).toList();
        halfOpen(circuit);
        told.clear();

        before.forEach(permit -> permit.failure(new IOException()));

        assertThat(circuit.state()).isEqualTo(BreakerState.HALF_OPEN);
        assertThat(told).hasSize(10).containsOnly("late failure 0");
    }

    @Test
    void aReleaseFromBeforeItOpenedMakesNoRoomForProbes() {
        Permit before = acquire(circuit);
        halfOpen(circuit);
        IntStream.range(0, 3).forEach(i -> acquire(circuit));

        before.release();

        assertThat(circuit.tryAcquire()).isNull();
        assertThat(circuit.snapshot().late()).isZero();
    }

    @Test
    void aProbeFromAnEarlierTryDoesNotCountForTheNext() {
        halfOpen(circuit);
        Permit early = acquire(circuit);
        circuit.forceOpen();
        circuit.automatic();
        halfOpen(circuit);

        early.success();
        early.success();

        assertThat(circuit.snapshot().calls()).isZero();
        assertThat(circuit.snapshot().late()).isEqualTo(1);
    }

    // Who finds the gate taken

    @Test
    void resultsThatMeetAnotherOneAreCountedByIt() {
        Permit slow = acquire(circuit);
        Permit failed = acquire(circuit);
        Permit succeeded = acquire(circuit);
        Generation generation = slow.generation;

        assertThat(generation.enter()).isTrue();
        assertThat(generation.enter()).isFalse();
        succeeded.success();
        succeeded.failure(new IOException());
        assertThat(circuit.snapshot().calls()).as("not yet").isZero();
        assertThat(circuit.state()).isEqualTo(BreakerState.CLOSED);
        generation.leave();

        assertThat(circuit.snapshot().calls()).isEqualTo(1);
        failed.failure(new IOException());
        assertThat(circuit.state()).isEqualTo(BreakerState.OPEN);
        assertThat(generation.enter()).as("the gate is free").isTrue();
    }

    @Test
    void aSlowCallIsSlowByTheTimeItEndedNotByWhenItIsCounted() {
        Circuit timed = circuit(CONFIG.withSlowCalls(1, Duration.ofSeconds(1)));
        Permit quick = acquire(timed);

        quick.generation.enter();
        quick.success();
        ticker.advance(Duration.ofSeconds(5));
        quick.generation.leave();

        assertThat(timed.snapshot().calls()).isEqualTo(1);
        assertThat(timed.snapshot().slowCallRate()).isZero();
    }

    // Forced

    @Test
    void forcedOpenSendsNoProbes() {
        circuit.forceOpen();
        ticker.advance(OPEN_FOR.multipliedBy(3));

        assertThat(circuit.tryAcquire()).isNull();
        assertThat(circuit.state()).isEqualTo(BreakerState.OPEN);
        assertThat(circuit.snapshot().forced()).isTrue();
        assertThat(circuit.untilProbeNanos()).isEqualTo(OPEN_FOR.toNanos());
        assertThat(circuit.isWaiting()).isFalse();
        assertThat(opened).as("nothing to look for in time").hasValue(0);
        assertThat(told).containsExactly("CLOSED OPEN 1", "rejected");
    }

    @Test
    void forcedOpenShowsWhatWasCountedBefore() {
        fail(circuit);
        circuit.forceOpen();

        assertThat(circuit.snapshot().calls()).isEqualTo(1);
    }

    @Test
    void forcedClosedNeverOpensAndStillCounts() {
        open(circuit);
        circuit.forceClosed();

        for (int i = 0; i < 10; i++) {
            fail(circuit);
        }

        assertThat(circuit.state()).isEqualTo(BreakerState.CLOSED);
        assertThat(circuit.snapshot().forced()).isTrue();
        assertThat(circuit.snapshot().failureRate()).isEqualTo(1);
        assertThat(circuit.snapshot().calls()).isEqualTo(4);
    }

    @Test
    void decidesAgainWhenItIsLetTo() {
        circuit.forceClosed();
        fail(circuit);

        circuit.automatic();

        assertThat(circuit.snapshot().forced()).isFalse();
        assertThat(circuit.snapshot().calls()).isZero();
        open(circuit);
        assertThat(circuit.state()).isEqualTo(BreakerState.OPEN);
    }

    @Test
    void closesWhenItIsNoLongerForcedOpen() {
        circuit.forceOpen();
        circuit.automatic();

        assertThat(circuit.state()).isEqualTo(BreakerState.CLOSED);
        assertThat(told).containsExactly("CLOSED OPEN 1", "OPEN CLOSED 2");
    }

    @Test
    void changesNothingWhenItIsNotForced() {
        open(circuit);

        circuit.automatic();

        assertThat(circuit.state()).isEqualTo(BreakerState.OPEN);
        assertThat(circuit.snapshot().generation()).isEqualTo(1);
    }

    @Test
    void changesNothingWhenItIsForcedAgain() {
        circuit.forceOpen();
        circuit.forceOpen();
        assertThat(circuit.snapshot().generation()).isEqualTo(1);

        circuit.forceClosed();
        circuit.forceClosed();
        assertThat(circuit.snapshot().generation()).isEqualTo(2);
    }

    @Test
    void canBeForcedIntoTheStateItIsInAnyway() {
        Permit before = acquire(circuit);
        circuit.forceClosed();
        before.success();
        assertThat(circuit.snapshot().forced()).isTrue();
        assertThat(circuit.snapshot().late()).isEqualTo(1);

        Circuit other = circuit(CONFIG);
        open(other);
        other.forceOpen();
        ticker.advance(OPEN_FOR);
        assertThat(other.state()).isEqualTo(BreakerState.OPEN);
        assertThat(told).containsExactly("late success 0", "CLOSED OPEN 1");
    }

    // Listener

    @Test
    void aListenerThatThrowsChangesNothing() {
        Circuit circuit = circuit(CONFIG, new BreakerListener() {
            @Override
            public void onTransition(BreakerState from, BreakerState to, long generation) {
                throw new AssertionError("not to be seen");
            }

            @Override
            public void onRejected() {
                throw new AssertionError("not to be seen");
            }

            @Override
            public void onLateResult(boolean success, long generation) {
                throw new AssertionError("not to be seen");
            }
        });
        Permit before = acquire(circuit);

        open(circuit);
        assertThat(circuit.tryAcquire()).isNull();
        before.success();

        assertThat(circuit.snapshot().rejected()).isEqualTo(1);
        assertThat(circuit.snapshot().late()).isEqualTo(1);
        assertThat(opened).hasValue(1);
    }

    @Test
    void aListenerMayUseTheBreaker() {
        List<Consumer<BreakerState>> actions = new ArrayList<>();
        Circuit circuit = circuit(CONFIG, new BreakerListener() {
            @Override
            public void onTransition(BreakerState from, BreakerState to, long generation) {
                actions.forEach(action -> action.accept(to));
            }
        });
        Permit other = acquire(circuit);
        actions.add(to -> {
            other.success();
            assertThat(circuit.tryAcquire()).isNull();
            assertThat(circuit.snapshot().state()).isEqualTo(BreakerState.OPEN);
        });

        open(circuit);

        assertThat(circuit.snapshot().late()).isEqualTo(1);
    }

    private static Permit acquire(Circuit circuit) {
        return Objects.requireNonNull(circuit.tryAcquire(), "not let in");
    }

    private static void succeed(Circuit circuit, int calls) {
        for (int i = 0; i < calls; i++) {
            acquire(circuit).success();
        }
    }

    private static void fail(Circuit circuit) {
        acquire(circuit).failure(new IOException("reset"));
    }

    private static void open(Circuit circuit) {
        fail(circuit);
        fail(circuit);
    }

    private void halfOpen(Circuit circuit) {
        open(circuit);
        ticker.advance(OPEN_FOR);
        assertThat(circuit.state()).isEqualTo(BreakerState.HALF_OPEN);
    }

    private static void end(Permit permit, Permit.Outcome outcome) {
        switch (outcome) {
            case SUCCESS -> permit.success();
            case FAILURE -> permit.failure(new IOException());
            case RELEASE -> permit.release();
        }
    }
}
