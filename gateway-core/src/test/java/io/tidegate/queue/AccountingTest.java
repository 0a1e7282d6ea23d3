package io.tidegate.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class AccountingTest {

    private final Accounting some = new Accounting(
            21, 1, 2, 3, 4, 5, Map.of(Departure.OVERFLOW, 4L, Departure.CLOSED, 2L, Departure.BUDGET, 0L));

    @Test
    void balancesWhenEveryMessageIsSomewhere() {
        assertThat(some.balanced()).isTrue();
        assertThat(some.allDropped()).isEqualTo(6);
        assertThat(Accounting.NOTHING.balanced()).isTrue();
        assertThat(new Accounting(20, 1, 2, 3, 4, 5, some.dropped()).balanced()).isFalse();
        assertThat(new Accounting(21, 1, 2, 3, 4, 5, Map.of()).balanced()).isFalse();
    }

    @Test
    void leavesOutWhatNeverHappened() {
        assertThat(some.dropped()).containsOnlyKeys(Departure.OVERFLOW, Departure.CLOSED);
        assertThat(some.dropped(Departure.BUDGET)).isZero();
        assertThat(some.dropped(Departure.OVERFLOW)).isEqualTo(4);
    }

    @Test
    void addsAndSubtracts() {
        Accounting twice = some.plus(some);

        assertThat(twice)
                .isEqualTo(new Accounting(42, 2, 4, 6, 8, 10, Map.of(Departure.OVERFLOW, 8L, Departure.CLOSED, 4L)));
        assertThat(twice.minus(some)).isEqualTo(some);
        assertThat(some.minus(some)).isEqualTo(Accounting.NOTHING);
    }

    @Test
    void countsNothingAsDroppedThatIsNot() {
        assertThatThrownBy(() -> new Accounting(0, 0, 0, 0, 0, 0, Map.of(Departure.EXPIRED, 1L)))
                .hasMessageStartingWith("dropped: EXPIRED (expected: one of [OVERFLOW, TOO_LARGE,");
    }

    @Test
    void aLedgerCountsInTheOneItBelongsTo() {
        Ledger route = new Ledger();
        Ledger one = new Ledger(route);
        Ledger other = new Ledger(route);

        one.queued();
        one.taken();
        one.requeued();
        one.taken();
        one.left(true, Departure.DELIVERED);
        other.queued();
        other.left(false, Departure.EXPIRED);
        other.queued();
        other.turnedAway(Departure.TOO_LARGE);
        other.turnedAway(Departure.DUPLICATE);
        other.passed(5);

        assertThat(one.snapshot()).isEqualTo(new Accounting(1, 1, 0, 0, 0, 0, Map.of()));
        assertThat(other.snapshot()).isEqualTo(new Accounting(9, 5, 1, 0, 1, 1, Map.of(Departure.TOO_LARGE, 1L)));
        assertThat(route.snapshot()).isEqualTo(one.snapshot().plus(other.snapshot()));
    }

    @Test
    void onlyDropsAreDrops() {
        assertThat(Departure.DROPS)
                .containsExactly(
                        Departure.OVERFLOW,
                        Departure.TOO_LARGE,
                        Departure.BUDGET,
                        Departure.CANCELLED,
                        Departure.UNDELIVERABLE,
                        Departure.UNANSWERED,
                        Departure.NOT_REPLAYED,
                        Departure.CLOSED);
        assertThat(Departure.NOT_REPLAYED.label()).isEqualTo("not-replayed");
        assertThat(Departure.TOO_LARGE.label()).isEqualTo("too-large");
    }
}
