package io.tidegate.dedup;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.testkit.ManualTicker;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class DedupWindowTest {

    private static final Duration WINDOW = Duration.ofSeconds(10);

    private final ManualTicker ticker = new ManualTicker();

    enum Kind {
        LOCAL {
            @Override
            DedupWindow window(DedupConfig config, ManualTicker ticker) {
                return DedupWindow.create(config, ticker);
            }
        },
        SHARED {
            @Override
            DedupWindow window(DedupConfig config, ManualTicker ticker) {
                return DedupWindow.shared(config, ticker);
            }
        };

        abstract DedupWindow window(DedupConfig config, ManualTicker ticker);
    }

    private DedupWindow window(Kind kind, int maxEntries) {
        return kind.window(new DedupConfig(WINDOW, maxEntries), ticker);
    }

    private DedupWindow window(int maxEntries) {
        return window(Kind.LOCAL, maxEntries);
    }

    @ParameterizedTest
    @EnumSource
    void aKeyIsUnderWayUntilCommittedAndADuplicateFromThenOn(Kind kind) {
        DedupWindow window = window(kind, 10);

        long ticket = window.reserve(1, 2);
        assertThat(ticket).isPositive();
        assertThat(window.reserve(1, 2)).isEqualTo(DedupWindow.PENDING);
        assertThat(window.pending()).isEqualTo(1);
        assertThat(window.remembered()).isZero();

        assertThat(window.commit(ticket)).isTrue();
        assertThat(window.reserve(1, 2)).isEqualTo(DedupWindow.DUPLICATE);
        assertThat(window.pending()).isZero();
        assertThat(window.remembered()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void aReleasedKeyIsUnknownAgain(Kind kind) {
        DedupWindow window = window(kind, 10);

        assertThat(window.release(window.reserve(1, 2))).isTrue();

        assertThat(window.pending()).isZero();
        assertThat(window.reserve(1, 2)).isPositive();
    }

    @Test
    void bothHalvesTellKeysApart() {
        DedupWindow window = window(10);

        remember(window, 1, 2);

        assertThat(window.reserve(1, 3)).isPositive();
        assertThat(window.reserve(3, 2)).isPositive();
        assertThat(window.reserve(2, 1)).isPositive();
        assertThat(window.reserve(1, 2)).isEqualTo(DedupWindow.DUPLICATE);
    }

    @Test
    void rememberingLastsForTheWindowFromTheCommitOn() {
        DedupWindow window = window(10);
        long ticket = window.reserve(1, 2);
        ticker.advance(Duration.ofSeconds(7));
        window.commit(ticket);

        ticker.advance(WINDOW.minusNanos(1));
        assertThat(window.reserve(1, 2)).isEqualTo(DedupWindow.DUPLICATE);
        ticker.advanceNanos(1);
        assertThat(window.reserve(1, 2)).isPositive();
    }

    @Test
    void aDuplicateDoesNotProlongTheWindow() {
        DedupWindow window = window(10);
        remember(window, 1, 2);

        for (int i = 0; i < 9; i++) {
            ticker.advance(Duration.ofSeconds(1));
            assertThat(window.reserve(1, 2)).isEqualTo(DedupWindow.DUPLICATE);
        }
        ticker.advance(Duration.ofSeconds(1));

        assertThat(window.reserve(1, 2)).isPositive();
    }

    @Test
    void whatIsUnderWayDoesNotGrowOld() {
        DedupWindow window = window(10);
        long ticket = window.reserve(1, 2);

        ticker.advance(WINDOW.multipliedBy(3));

        assertThat(window.reserve(1, 2)).isEqualTo(DedupWindow.PENDING);
        assertThat(window.commit(ticket)).isTrue();
        assertThat(window.reserve(1, 2)).isEqualTo(DedupWindow.DUPLICATE);
    }

    @Test
    void aFullWindowPushesOutTheOldestCommit() {
        DedupWindow window = window(3);
        long first = window.reserve(0, 1);
        remember(window, 0, 2);
        window.commit(first);
        remember(window, 0, 3);

        remember(window, 0, 4);

        assertThat(window.remembered()).isEqualTo(3);
        assertThat(window.reserve(0, 1)).isEqualTo(DedupWindow.DUPLICATE);
        assertThat(window.reserve(0, 3)).isEqualTo(DedupWindow.DUPLICATE);
        assertThat(window.reserve(0, 4)).isEqualTo(DedupWindow.DUPLICATE);
        assertThat(window.reserve(0, 2)).isPositive();
    }

    @ParameterizedTest
    @EnumSource
    void aWindowFullOfKeysUnderWayTakesNoMore(Kind kind) {
        DedupWindow window = window(kind, 2);
        long first = window.reserve(0, 1);
        window.reserve(0, 2);

        assertThat(window.reserve(0, 3)).isEqualTo(DedupWindow.FULL);
        assertThat(window.reserve(0, 2)).isEqualTo(DedupWindow.PENDING);

        window.release(first);
        assertThat(window.reserve(0, 3)).isPositive();
    }

    @Test
    void keysUnderWayTakeTheRoomOfRememberedOnes() {
        DedupWindow window = window(3);
        remember(window, 0, 1);
        remember(window, 0, 2);
        window.reserve(0, 3);
        window.reserve(0, 4);

        assertThat(window.pending()).isEqualTo(2);
        assertThat(window.remembered()).isEqualTo(1);
        assertThat(window.reserve(0, 2)).isEqualTo(DedupWindow.DUPLICATE);
    }

    @ParameterizedTest
    @EnumSource
    void aTicketEndsOnce(Kind kind) {
        DedupWindow window = window(kind, 10);
        long committed = window.reserve(0, 1);
        long released = window.reserve(0, 2);
        window.commit(committed);
        window.release(released);

        assertThat(window.commit(committed)).isFalse();
        assertThat(window.release(committed)).isFalse();
        assertThat(window.commit(released)).isFalse();
        assertThat(window.release(released)).isFalse();
        assertThat(window.reserve(0, 1)).isEqualTo(DedupWindow.DUPLICATE);
        assertThat(window.reserve(0, 2)).isPositive();
    }

    @ParameterizedTest
    @EnumSource
    void anOldTicketDoesNotEndTheNextOneInItsPlace(Kind kind) {
        DedupWindow window = window(kind, 10);
        long old = window.reserve(0, 1);
        window.release(old);
        long later = window.reserve(0, 1);

        assertThat(later).isNotEqualTo(old);
        assertThat(window.commit(old)).isFalse();
        assertThat(window.release(old)).isFalse();
        assertThat(window.reserve(0, 1)).isEqualTo(DedupWindow.PENDING);
        assertThat(window.commit(later)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, -2, 1, 64, 2L << 24, Long.MAX_VALUE, Long.MIN_VALUE})
    void whatIsNoTicketEndsNothing(long ticket) {
        for (Kind kind : Kind.values()) {
            DedupWindow window = window(kind, 5_000);
            window.reserve(0, 1);

            assertThat(window.commit(ticket)).isFalse();
            assertThat(window.release(ticket)).isFalse();
            assertThat(window.pending()).isEqualTo(1);
        }
    }

    @Test
    void ticketsOfAllPlacesAreDifferent() {
        DedupWindow window = DedupWindow.shared(new DedupConfig(WINDOW, 100_000), ticker);
        Set<Long> tickets = new HashSet<>();

        for (int i = 0; i < 5_000; i++) {
            assertThat(tickets.add(window.reserve(i, i))).isTrue();
        }

        assertThat(window.pending()).isEqualTo(5_000);
        assertThat(tickets).allMatch(window::commit);
        assertThat(window.remembered()).isEqualTo(5_000);
        for (int i = 0; i < 5_000; i++) {
            assertThat(window.reserve(i, i)).isEqualTo(DedupWindow.DUPLICATE);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aForgottenKeyIsUnknown(Kind kind) {
        DedupWindow window = window(kind, 10);
        remember(window, 0, 1);
        remember(window, 0, 2);
        long underWay = window.reserve(0, 3);

        assertThat(window.forget(0, 1)).isTrue();
        assertThat(window.forget(0, 1)).isFalse();
        assertThat(window.forget(0, 3)).as("under way").isFalse();
        assertThat(window.forget(0, 4)).as("never seen").isFalse();

        assertThat(window.reserve(0, 1)).isPositive();
        assertThat(window.reserve(0, 2)).isEqualTo(DedupWindow.DUPLICATE);
        assertThat(window.commit(underWay)).isTrue();
    }

    @Test
    void whatIsOverCannotBeForgotten() {
        DedupWindow window = window(10);
        remember(window, 0, 1);
        ticker.advance(WINDOW);

        assertThat(window.forget(0, 1)).isFalse();
        assertThat(window.reserve(0, 1)).isPositive();
    }

    @Test
    void aKeyThatCameAnewOutlivesItsEarlierEntry() {
        DedupWindow window = window(3);
        remember(window, 0, 1);
        window.forget(0, 1);
        remember(window, 0, 1);
        remember(window, 0, 2);

        remember(window, 0, 3);

        assertThat(window.reserve(0, 1)).isEqualTo(DedupWindow.DUPLICATE);
    }

    @ParameterizedTest
    @EnumSource
    void clearForgetsAllAndVoidsTickets(Kind kind) {
        DedupWindow window = window(kind, 10);
        remember(window, 0, 1);
        long ticket = window.reserve(0, 2);

        window.clear();

        assertThat(window.commit(ticket)).isFalse();
        assertThat(window.pending()).isZero();
        assertThat(window.remembered()).isZero();
        long again = window.reserve(0, 2);
        assertThat(window.release(ticket)).isFalse();
        assertThat(window.commit(again)).isTrue();
        assertThat(window.reserve(0, 1)).isPositive();
    }

    @Test
    void manyThatAreOverAreClearedAwayFasterThanNewOnesCome() {
        DedupWindow window = window(1_000);
        for (int i = 0; i < 500; i++) {
            remember(window, 1, i);
        }
        ticker.advance(WINDOW);

        for (int i = 0; i < 250; i++) {
            remember(window, 2, i);
        }
        assertThat(window.remembered()).isEqualTo(250);

        for (int i = 0; i < 500; i++) {
            assertThat(window.reserve(1, i)).isPositive();
        }
    }

    @Test
    void whatIsOverAndNotClearedAwayYetComesAnew() {
        DedupWindow window = window(1_000);
        for (int i = 0; i < 100; i++) {
            remember(window, 1, i);
        }
        ticker.advance(WINDOW);

        remember(window, 1, 99);
        for (int i = 0; i < 100; i++) {
            assertThat(window.reserve(1, 99)).isEqualTo(DedupWindow.DUPLICATE);
        }

        assertThat(window.remembered()).isEqualTo(1);
    }

    @Test
    void tellsKeysApartWhoseHashesAreTheSame() {
        DedupWindow window = window(1_000);
        long ticket = window.reserve(colliding(0), 0);
        remember(window, colliding(1), 1);
        assertThat(KeyIndex.hash(colliding(0), 0)).isEqualTo(KeyIndex.hash(colliding(500), 500));

        for (int i = 2; i < 500; i++) {
            assertThat(window.reserve(colliding(i), i)).isPositive();
        }

        assertThat(window.commit(ticket)).isTrue();
        assertThat(window.reserve(colliding(0), 0)).isEqualTo(DedupWindow.DUPLICATE);
        assertThat(window.reserve(colliding(1), 1)).isEqualTo(DedupWindow.DUPLICATE);
        assertThat(window.reserve(colliding(2), 2)).isEqualTo(DedupWindow.PENDING);
    }

    @Test
    void losesNothingWhileItGrows() {
        DedupWindow window = window(50_000);
        long ticket = window.reserve(0, -1);

        for (int i = 0; i < 20_000; i++) {
            remember(window, 0, i);
            assertThat(window.reserve(0, i / 2)).isEqualTo(DedupWindow.DUPLICATE);
        }

        assertThat(window.reserve(0, -1)).isEqualTo(DedupWindow.PENDING);
        assertThat(window.release(ticket)).isTrue();
        assertThat(window.reserve(0, -1)).isPositive();
    }

    @Test
    void holdsAHundredThousandKeysThroughSeveralTurnovers() {
        int entries = 100_000;
        DedupWindow window = window(entries);

        for (int i = 0; i < 3 * entries; i++) {
            remember(window, i, 0);
        }

        assertThat(window.remembered()).isEqualTo(entries);
        for (int i = 2 * entries; i < 3 * entries; i++) {
            assertThat(window.reserve(i, 0)).isEqualTo(DedupWindow.DUPLICATE);
        }
        for (int i = 2 * entries - 1; i > entries; i -= 1_000) {
            assertThat(window.reserve(i, 0)).isPositive();
        }
    }

    @Test
    void aSharedWindowSharesItsRoomOutToItsStripes() {
        int entries = 100_000;
        DedupWindow window = DedupWindow.shared(new DedupConfig(WINDOW, entries), ticker);

        for (int i = 0; i < 3 * entries; i++) {
            remember(window, i, 0);
        }

        assertThat(window.remembered()).isEqualTo(entries);
        for (int i = 2 * entries + entries / 8; i < 3 * entries; i++) {
            assertThat(window.reserve(i, 0)).isEqualTo(DedupWindow.DUPLICATE);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1_000, 10_000, 100_000, 1_000_000})
    void aRememberedKeyTakesBetween36And51Bytes(int entries) {
        LocalWindow window = new LocalWindow(WINDOW.toNanos(), entries, ticker);
        for (int i = 0; i < entries + entries / 2; i++) {
            remember(window, i, -i);
        }

        assertThat(window.remembered()).isEqualTo(entries);
        assertThat(window.bytes() / (double) entries).isBetween(36.0, 51.0);
    }

    @Test
    void anUnusedWindowTakesNextToNothing() {
        LocalWindow window = new LocalWindow(WINDOW.toNanos(), 1_000_000, ticker);
        assertThat(window.bytes()).isLessThan(4_096);

        remember(window, 1, 1);

        assertThat(new LocalWindow(WINDOW.toNanos(), 100_000, ticker).bytes()).isLessThan(512);
    }

    /** A half of a key with which the hash is always the same. */
    private static long colliding(long low) {
        return -low * 0x9E3779B97F4A7C15L;
    }

    private static void remember(DedupWindow window, long high, long low) {
        assertThat(window.commit(window.reserve(high, low))).isTrue();
    }
}
