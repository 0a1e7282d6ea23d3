package io.tidegate.server.upstream.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tidegate.server.config.upstream.Balance;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BalancerTest {

    private final Server a = new Server("a", 1);
    private final Server b = new Server("b", 1);
    private final Server c = new Server("c", 1);

    // round-robin

    @Test
    void roundRobinTakesOneAfterTheOther() {
        assertThat(picks(Balancer.of(Balance.ROUND_ROBIN), 7, a, b, c)).isEqualTo("abcabca");
    }

    @Test
    void roundRobinSpreadsByWeightWithoutRows() {
        Server heavy = new Server("h", 3);
        assertThat(picks(Balancer.of(Balance.ROUND_ROBIN), 8, heavy, a)).isEqualTo("hhahhhah");
    }

    @Test
    void roundRobinGoesOnWithoutTheOneThatIsGone() {
        Balancer balancer = Balancer.of(Balance.ROUND_ROBIN);
        picks(balancer, 4, a, b, c);
        assertThat(counts(balancer, 100, a, c).values()).allMatch(count -> count >= 49 && count <= 51);
        assertThat(counts(balancer, 300, a, b, c).values()).allMatch(count -> count >= 99 && count <= 101);
    }

    // least connections

    @Test
    void leastConnectionsTakesTheLeastBusy() {
        a.connections = 3;
        b.connections = 1;
        c.connections = 2;
        assertThat(picks(Balancer.of(Balance.LEAST_CONNECTIONS), 3, a, b, c)).isEqualTo("bbb");
    }

    @Test
    void leastConnectionsTakesEquallyBusyOnesInTurn() {
        c.connections = 1;
        assertThat(counts(Balancer.of(Balance.LEAST_CONNECTIONS), 30, a, b, c))
                .containsOnlyKeys("a", "b")
                .allSatisfy((id, count) -> assertThat(count).isBetween(10, 20));
    }

    @Test
    void leastConnectionsFillsByWeight() {
        Server heavy = new Server("h", 3);
        Balancer balancer = Balancer.of(Balance.LEAST_CONNECTIONS);
        for (int i = 0; i < 40; i++) {
            balancer.pick(List.of(heavy, a), "").connections++;
        }
        assertThat(heavy.connections).isEqualTo(30);
        assertThat(a.connections).isEqualTo(10);
    }

    // two at random

    @Test
    void ofTwoDrawnTheLessBusyIsTaken() {
        b.connections = 1;
        c.connections = 2;
        // Draws the first and the last; then the last and the second, as places are counted without the first drawn.
        assertThat(picks(new RandomTwo(draws(0, 1)), 1, a, b, c)).isEqualTo("a");
        assertThat(picks(new RandomTwo(draws(2, 1)), 1, a, b, c)).isEqualTo("b");
    }

    @Test
    void neverDrawsTheSameTwice() {
        b.connections = 5;
        Map<String, Integer> counts = counts(new RandomTwo(new Random(1)::nextInt), 1000, a, b);
        assertThat(counts).containsOnlyKeys("a");
    }

    @Test
    void drawsByWeight() {
        Server heavy = new Server("h", 8);
        Balancer balancer = new RandomTwo(new Random(1)::nextInt);
        for (int i = 0; i < 1000; i++) {
            balancer.pick(List.of(a, heavy, b), "").connections++;
        }
        assertThat(heavy.connections).isCloseTo(800, within(80));
    }

    @Test
    void oneAloneNeedsNoDraw() {
        assertThat(picks(new RandomTwo(draws()), 1, a)).isEqualTo("a");
    }

    // hashes

    @Test
    void aKeyAlwaysHasTheSameHome() {
        Balancer balancer = Balancer.of(Balance.HASH_HEADER);
        Balancer elsewhere = Balancer.of(Balance.HASH_QUERY);
        for (int key = 0; key < 100; key++) {
            Server home = balancer.pick(List.of(a, b, c), "user " + key);
            assertThat(elsewhere.pick(List.of(c, a, b), "user " + key)).isSameAs(home);
        }
    }

    @Test
    void keysAreSpreadByWeight() {
        Server heavy = new Server("h", 2);
        Map<String, Integer> counts = new HashMap<>();
        Balancer balancer = Balancer.of(Balance.HASH_CLIENT_IP);
        for (int key = 0; key < 10_000; key++) {
            counts.merge(
                    balancer.pick(List.of(a, heavy, b), "10.0." + key / 256 + '.' + key % 256)
                            .id(),
                    1,
                    Integer::sum);
        }
        assertThat(counts.get("h")).isCloseTo(5000, within(250));
        assertThat(counts.get("a")).isCloseTo(2500, within(250));
        assertThat(counts.get("b")).isCloseTo(2500, within(250));
    }

    @Test
    void whenOneGoesOnlyItsOwnKeysMove() {
        Balancer balancer = Balancer.of(Balance.HASH_HEADER);
        Map<String, Integer> movedTo = new HashMap<>();
        for (int key = 0; key < 3000; key++) {
            Server before = balancer.pick(List.of(a, b, c), "key " + key);
            Server after = balancer.pick(List.of(a, c), "key " + key);
            if (before == b) {
                movedTo.merge(after.id(), 1, Integer::sum);
            } else {
                assertThat(after).isSameAs(before);
            }
        }
        assertThat(movedTo.get("a")).as("its keys are shared by the others").isCloseTo(500, within(100));
        assertThat(movedTo.get("c")).isCloseTo(500, within(100));
    }

    private static String picks(Balancer balancer, int count, Server... servers) {
        StringBuilder picked = new StringBuilder();
        IntStream.range(0, count)
                .forEach(i -> picked.append(balancer.pick(List.of(servers), "").id()));
        return picked.toString();
    }

    private static Map<String, Integer> counts(Balancer balancer, int count, Server... servers) {
        Map<String, Integer> counts = new HashMap<>();
        IntStream.range(0, count)
                .forEach(i -> counts.merge(balancer.pick(List.of(servers), "").id(), 1, Integer::sum));
        return counts;
    }

    private static IntUnaryOperator draws(Integer... values) {
        List<Integer> left = new ArrayList<>(List.of(values));
        return bound -> {
            int value = left.remove(0);
            assertThat(value).isLessThan(bound);
            return value;
        };
    }

    private static final class Server implements Candidate {

        private final String id;
        private final int weight;
        private int connections;

        Server(String id, int weight) {
            this.id = id;
            this.weight = weight;
        }

        @Override
        public String id() {
            return id;
        }

        @Override
        public int weight() {
            return weight;
        }

        @Override
        public int connections() {
            return connections;
        }
    }
}
