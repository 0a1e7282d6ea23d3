package io.tidegate.bench.fault.judge;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.bench.fault.message.Numbered;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeliveriesTest {

    private static final int CLIENTS = 5;
    private static final int MESSAGES = 400;

    private final Deliveries deliveries = new Deliveries();

    @Test
    void findsNothingInAFlawlessRun() {
        flawless().forEach(deliveries::read);

        assertThat(deliveries.distinct()).isEqualTo(CLIENTS * MESSAGES);
        assertThat(deliveries.repeated() + deliveries.reordered() + missing() + invented())
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void countsWhatIsMissing(long seed) {
        Random random = new Random(seed);
        List<Numbered> read = flawless();
        int lost = 1 + random.nextInt(100);
        for (int i = 0; i < lost; i++) {
            read.remove(random.nextInt(read.size()));
        }
        read.forEach(deliveries::read);

        assertThat(missing()).isEqualTo(lost);
        assertThat(deliveries.repeated() + deliveries.reordered()).isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void aReplayIsReadAgainAndNotOutOfOrder(long seed) {
        Random random = new Random(seed);
        int repeated = 0;
        for (int i = 0; i < MESSAGES; i++) {
            deliveries.read(new Numbered(3, i));
            if (random.nextInt(20) == 0) {
                int from = random.nextInt(i + 1);
                for (int again = from; again <= i; again++) {
                    deliveries.read(new Numbered(3, again));
                    repeated++;
                }
            }
        }

        assertThat(deliveries.repeated()).isEqualTo(repeated).isPositive();
        assertThat(deliveries.reordered()).isZero();
        assertThat(deliveries.missing(3, MESSAGES)).isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void countsFirstDeliveriesThatComeAfterALaterOne(long seed) {
        Random random = new Random(seed);
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < MESSAGES; i++) {
            order.add(i);
        }
        TreeSet<Integer> swapped = new TreeSet<>();
        for (int i = 0; i < 30; i++) {
            swapped.add(random.nextInt(MESSAGES / 2) * 2); // pairs that don't overlap
        }
        swapped.forEach(i -> Collections.swap(order, i, i + 1));
        order.forEach(i -> deliveries.read(new Numbered(0, i)));

        assertThat(deliveries.reordered()).isEqualTo(swapped.size());
        assertThat(deliveries.repeated()).isZero();
        assertThat(deliveries.missing(0, MESSAGES)).isZero();
    }

    @Test
    void clientsHaveOrdersOfTheirOwn() {
        deliveries.read(new Numbered(1, 7));
        deliveries.read(new Numbered(0, 3));

        assertThat(deliveries.reordered()).isZero();
        assertThat(deliveries.missing(0, 4)).isEqualTo(3);
        assertThat(deliveries.missing(2, 4)).as("a client that nobody heard of").isEqualTo(4);
    }

    @Test
    void countsWhatWasNeverSent() {
        deliveries.read(new Numbered(0, 0));
        deliveries.read(new Numbered(0, 9));
        deliveries.read(new Numbered(4, 0));

        assertThat(deliveries.invented(0, 5)).isEqualTo(1);
        assertThat(deliveries.missing(0, 5))
                .as("an invented message stands for no other")
                .isEqualTo(4);
        assertThat(deliveries.inventedBeyond(4)).isEqualTo(1);
        assertThat(deliveries.inventedBeyond(5)).isZero();
    }

    private static List<Numbered> flawless() {
        List<Numbered> all = new ArrayList<>();
        for (int i = 0; i < MESSAGES; i++) {
            for (int client = 0; client < CLIENTS; client++) {
                all.add(new Numbered(client, i));
            }
        }
        return all;
    }

    private int missing() {
        int missing = 0;
        for (int client = 0; client < CLIENTS; client++) {
            missing += deliveries.missing(client, MESSAGES);
        }
        return missing;
    }

    private int invented() {
        int invented = deliveries.inventedBeyond(CLIENTS);
        for (int client = 0; client < CLIENTS; client++) {
            invented += deliveries.invented(client, MESSAGES);
        }
        return invented;
    }
}
