package io.tidegate.server.drain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TurnsTest {

    private static final long LENGTH = 10_000_000_000L;

    private final List<Integer> handedOut = new ArrayList<>();

    @ParameterizedTest
    @ValueSource(longs = {0, Long.MAX_VALUE - LENGTH / 2, -LENGTH / 2})
    void eachTenthOfTheTimeHasATenthOfThem(long from) {
        Turns<Integer> turns = turns(1000, from, LENGTH);
        for (int tenth = 1; tenth <= 10; tenth++) {
            turns.due(from + tenth * LENGTH / 10, handedOut::add);
            assertThat(handedOut).hasSize(tenth * 100);
        }
        assertThat(handedOut).containsExactlyInAnyOrderElementsOf(numbers(1000));
        assertThat(turns.left()).isZero();
    }

    @Test
    void nobodyIsEarly() {
        Turns<Integer> turns = turns(1000, 0, LENGTH);
        turns.due(-1, handedOut::add);
        assertThat(handedOut).isEmpty();
    }

    @Test
    void noTwoAreInTheSameOrderOrAtTheSameTime() {
        Turns<Integer> one = new Turns<>(numbers(1000), 0, LENGTH, new Random(1));
        Turns<Integer> other = new Turns<>(numbers(1000), 0, LENGTH, new Random(2));
        List<Integer> otherHandedOut = new ArrayList<>();
        boolean sameTimes = true;
        for (long now = 0; now <= LENGTH; now += LENGTH / 5000) {
            one.due(now, handedOut::add);
            other.due(now, otherHandedOut::add);
            sameTimes &= handedOut.size() == otherHandedOut.size();
        }
        assertThat(sameTimes).isFalse();
        assertThat(handedOut).isNotEqualTo(otherHandedOut).isNotEqualTo(numbers(1000));
    }

    @Test
    void withoutTimeAllHaveTheirTurnAtOnce() {
        turns(10, 5, 0).due(5, handedOut::add);
        assertThat(handedOut).hasSize(10);
    }

    @Test
    void nobodyIsNobodysTurn() {
        turns(0, 5, LENGTH).due(5 + LENGTH, handedOut::add);
        assertThat(handedOut).isEmpty();
    }

    private static Turns<Integer> turns(int many, long from, long length) {
        return new Turns<>(numbers(many), from, length, new Random(7));
    }

    private static List<Integer> numbers(int many) {
        return IntStream.range(0, many).boxed().toList();
    }
}
