package io.tidegate.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ByteBudgetTest {

    private final ByteBudget process = new ByteBudget(100);
    private final ByteBudget route = new ByteBudget(60, process);
    private final ByteBudget other = new ByteBudget(80, process);
    private final List<String> woken = new ArrayList<>();

    @Test
    void reservesUpToItsLimitExactly() {
        assertThat(process.tryReserve(100)).isTrue();
        assertThat(process.used()).isEqualTo(100);
        assertThat(process.room()).isZero();
        assertThat(process.hasRoom()).isFalse();
        assertThat(process.tryReserve(1)).isFalse();
        assertThat(process.tryReserve(0)).isTrue();
        assertThat(process.used()).isEqualTo(100);
    }

    @Test
    void reservesInAllBudgetsAroundIt() {
        assertThat(route.tryReserve(40)).isTrue();

        assertThat(route.used()).isEqualTo(40);
        assertThat(process.used()).isEqualTo(40);
        assertThat(other.used()).isZero();
        assertThat(route.room()).isEqualTo(20);
        assertThat(other.room()).isEqualTo(60);
    }

    @Test
    void reservesNothingAnywhereWhenTheOuterOneIsFull() {
        other.tryReserve(80);

        assertThat(route.tryReserve(21)).isFalse();
        assertThat(route.used()).isZero();
        assertThat(process.used()).isEqualTo(80);
        assertThat(route.tryReserve(20)).isTrue();
    }

    @Test
    void reservesNothingOutsideWhenTheInnerOneIsFull() {
        assertThat(route.tryReserve(61)).isFalse();
        assertThat(process.used()).isZero();
    }

    @Test
    void isForcedBeyondItsLimit() {
        route.reserveForced(150);

        assertThat(route.used()).isEqualTo(150);
        assertThat(process.used()).isEqualTo(150);
        assertThat(route.room()).isEqualTo(-90);
        assertThat(route.tryReserve(0)).isFalse();

        route.release(150);
        assertThat(route.used()).isZero();
        assertThat(process.used()).isZero();
    }

    @Test
    void releasesNoMoreThanIsReserved() {
        route.tryReserve(10);

        assertThatThrownBy(() -> route.release(11))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("released: 11 (expected: <= 10, the reserved)");
        assertThat(route.used()).isEqualTo(10);
        assertThat(process.used()).isEqualTo(10);
    }

    @Test
    void knowsWhatNeverFits() {
        assertThat(route.capacity()).isEqualTo(60);
        assertThat(new ByteBudget(500, process).capacity()).isEqualTo(100);
        assertThat(route.limit()).isEqualTo(60);
    }

    @Test
    void anUnlimitedOneCountsNothing() {
        assertThat(ByteBudget.UNLIMITED.tryReserve(Long.MAX_VALUE)).isTrue();
        ByteBudget.UNLIMITED.reserveForced(Long.MAX_VALUE);
        assertThat(ByteBudget.UNLIMITED.used()).isZero();
        assertThat(ByteBudget.UNLIMITED.hasRoom()).isTrue();
        ByteBudget.UNLIMITED.release(1);
        assertThat(ByteBudget.UNLIMITED.used()).isZero();
    }

    @Test
    void refusesNonsense() {
        assertThatThrownBy(() -> new ByteBudget(0)).hasMessage("limit: 0 (expected: > 0)");
        assertThatThrownBy(() -> route.tryReserve(-1)).hasMessage("bytes: -1 (expected: >= 0)");
        assertThatThrownBy(() -> route.reserveForced(-1)).hasMessage("bytes: -1 (expected: >= 0)");
        assertThatThrownBy(() -> route.release(-1)).hasMessage("bytes: -1 (expected: >= 0)");
        assertThat(route.used()).isZero();
    }

    @Test
    void wakesAtOnceWhenThereIsRoom() {
        route.awaitRoom(() -> woken.add("a"));

        assertThat(woken).containsExactly("a");
    }

    @Test
    void wakesOnePerReleaseInOrder() {
        process.reserveForced(101);
        process.awaitRoom(() -> woken.add("a"));
        process.awaitRoom(() -> woken.add("b"));
        process.awaitRoom(() -> woken.add("c"));

        process.release(1);
        assertThat(woken).isEmpty();
        process.release(1);
        assertThat(woken).containsExactly("a");
        process.release(1);
        assertThat(woken).containsExactly("a", "b");
    }

    @Test
    void theNextIsWokenWhenTheTurnIsPassedOn() {
        process.tryReserve(100);
        route.awaitRoom(() -> woken.add("a"));
        other.awaitRoom(() -> woken.add("b"));
        process.release(1);

        route.passOn();

        assertThat(woken).containsExactly("a", "b");
    }

    @Test
    void nobodyIsWokenWhenTheRoomWasUsed() {
        process.tryReserve(100);
        route.awaitRoom(() -> {
            woken.add("a");
            process.tryReserve(1);
        });
        route.awaitRoom(() -> woken.add("b"));
        process.release(1);

        route.passOn();

        assertThat(woken).containsExactly("a");
    }

    @Test
    void waitsForTheLevelThatIsFull() {
        route.tryReserve(60);
        route.awaitRoom(() -> woken.add("route"));
        other.tryReserve(40);
        other.awaitRoom(() -> woken.add("process"));

        other.release(1);
        assertThat(woken).containsExactly("process");
        route.release(1);
        assertThat(woken).containsExactly("process", "route");
    }

    @Test
    void whoNoLongerWaitsIsPassedOver() {
        process.tryReserve(100);
        ByteBudget.Wakeup first = process.awaitRoom(() -> woken.add("a"));
        process.awaitRoom(() -> woken.add("b"));
        first.cancel();

        process.release(1);

        assertThat(woken).containsExactly("b");
    }

    @Test
    void whoFailsToWakeIsPassedOver() {
        process.tryReserve(100);
        process.awaitRoom(() -> {
            throw new IllegalStateException("cannot wake");
        });
        process.awaitRoom(() -> woken.add("b"));

        process.release(1);

        assertThat(woken).containsExactly("b");
    }

    @Test
    void aReservationThatFailsOutsideWakesWhoWaitedForItsBytes() {
        other.tryReserve(80);
        route.tryReserve(20);
        assertThat(route.tryReserve(30)).isFalse();

        assertThat(route.used()).isEqualTo(20);
    }

    @Test
    void saysWhatIsUsed() {
        route.tryReserve(5);

        assertThat(route).hasToString("ByteBudget{5 of 60, within ByteBudget{5 of 100}}");
    }

    @Test
    void forgetsThoseThatNoLongerWait() {
        process.tryReserve(100);
        process.awaitRoom(() -> woken.add("first"));

        for (int i = 0; i < 10_000; i++) {
            process.awaitRoom(() -> woken.add("cancelled")).cancel();
        }
        assertThat(process.waiting()).isLessThan(100);

        process.awaitRoom(() -> woken.add("last"));
        process.release(100);
        process.passOn();
        assertThat(woken).containsExactly("first", "last");
    }

    @Test
    void whoNeedsMoreThanThereIsWaitsForItAndTheOthersBehind() {
        process.tryReserve(100);
        process.awaitRoom(30, () -> woken.add("large"));
        process.awaitRoom(() -> woken.add("small"));

        process.release(20);
        assertThat(woken).isEmpty();
        process.release(10);
        assertThat(woken).containsExactly("large");
        process.tryReserve(30);
        process.release(1);
        assertThat(woken).containsExactly("large", "small");
    }

    @Test
    void whoNeedsMoreThanThereEverIsWaitsUntilNothingIsReserved() {
        process.tryReserve(100);
        process.awaitRoom(1000, () -> woken.add("enormous"));

        process.release(99);
        assertThat(woken).isEmpty();
        process.release(1);
        assertThat(woken).containsExactly("enormous");
    }

    @Test
    void waitsForTheLevelThatHasTooLittle() {
        other.tryReserve(70);
        route.awaitRoom(40, () -> woken.add("a"));
        assertThat(woken).isEmpty();

        other.release(10);
        assertThat(woken).containsExactly("a");
    }

    @Test
    void whenTheFirstWaitsNoLongerThoseWhoNeedLessAreWoken() {
        process.tryReserve(100);
        ByteBudget.Wakeup large = process.awaitRoom(50, () -> woken.add("large"));
        process.awaitRoom(5, () -> woken.add("small"));
        process.release(10);
        assertThat(woken).isEmpty();

        large.cancel();
        assertThat(woken).containsExactly("small");
    }
}
