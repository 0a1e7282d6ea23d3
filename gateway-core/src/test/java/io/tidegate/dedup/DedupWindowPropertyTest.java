package io.tidegate.dedup;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.testkit.ManualTicker;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;

/** The window against a model that scans all it remembers, over random steps. */
class DedupWindowPropertyTest {

    private static final Duration WINDOW = Duration.ofNanos(100);
    private static final int STEPS = 2_000;

    @Property(tries = 200, shrinking = ShrinkingMode.OFF)
    void agreesWithTheModel(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 200) int maxEntries,
            @ForAll @IntRange(max = 2) int kind) {
        walk(new Random(seed), maxEntries, 2 * maxEntries + 2, kind == 0);
    }

    /** All keys in one segment, where they differ in nothing that the index looks at: each look-up compares keys. */
    @Property(tries = 100, shrinking = ShrinkingMode.OFF)
    void agreesWithTheModelWhenAllHashesCollide(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 40) int maxEntries) {
        ManualTicker ticker = new ManualTicker();
        Walk walk =
                new Walk(new Random(seed), new LocalWindow(WINDOW.toNanos(), maxEntries, ticker), maxEntries, ticker) {
                    @Override
                    long high(long key) {
                        return -key * 0x9E3779B97F4A7C15L;
                    }
                };
        assertThat(KeyIndex.hash(walk.high(3), 3)).isEqualTo(KeyIndex.hash(walk.high(9), 9));
        walk.run(2 * maxEntries + 2);
    }

    private static void walk(Random random, int maxEntries, int keys, boolean shared) {
        ManualTicker ticker = new ManualTicker();
        DedupConfig config = new DedupConfig(WINDOW, maxEntries);
        DedupWindow window =
                shared ? DedupWindow.shared(config, ticker) : new LocalWindow(WINDOW.toNanos(), maxEntries, ticker);
        new Walk(random, window, maxEntries, ticker).run(keys);
    }

    private static class Walk {

        private final Random random;
        private final DedupWindow window;
        private final ManualTicker ticker;
        private final Model model;
        private final List<Long> tickets = new ArrayList<>();

        Walk(Random random, DedupWindow window, int maxEntries, ManualTicker ticker) {
            this.random = random;
            this.window = window;
            this.ticker = ticker;
            this.model = new Model(maxEntries, ticker);
        }

        long high(long key) {
            return key;
        }

        void run(int keys) {
            int haste = 1 + random.nextInt(20);
            for (int step = 0; step < STEPS; step++) {
                long key = random.nextInt(keys);
                switch (random.nextInt(12)) {
                    case 0, 1, 2, 3, 4, 5 -> reserve(key);
                    case 6, 7, 8 -> end(true);
                    case 9 -> end(false);
                    case 10 -> ticker.advanceNanos(random.nextInt(haste) == 0 ? 100 : random.nextInt(haste));
                    default -> {
                        if (random.nextInt(50) == 0) {
                            window.clear();
                            model.clear();
                        } else {
                            assertThat(window.forget(high(key), key)).isEqualTo(model.forget(key));
                        }
                    }
                }
                assertThat(window.pending()).isEqualTo(model.underWay.size());
                assertThat(window.pending() + window.remembered()).isLessThanOrEqualTo(model.maxEntries);
            }
        }

        private void reserve(long key) {
            long result = window.reserve(high(key), key);
            long expected = model.reserve(key);
            assertThat(Math.min(result, 1)).isEqualTo(expected);
            if (result > 0) {
                assertThat(model.underWay.put(result, key)).isNull();
                tickets.add(result);
            }
        }

        private void end(boolean commit) {
            if (tickets.isEmpty()) {
                return;
            }
            // Used ones stay in the list now and then: they must be void.
            int index = random.nextInt(tickets.size());
            long ticket = random.nextInt(10) == 0 ? tickets.get(index) : tickets.remove(index);
            assertThat(commit ? window.commit(ticket) : window.release(ticket)).isEqualTo(model.end(ticket, commit));
        }
    }

    private static final class Model {

        private record Entry(long key, long since, boolean forgotten) {}

        private final int maxEntries;
        private final ManualTicker ticker;
        private final Map<Long, Long> underWay = new HashMap<>();
        private Deque<Entry> remembered = new ArrayDeque<>();

        Model(int maxEntries, ManualTicker ticker) {
            this.maxEntries = maxEntries;
            this.ticker = ticker;
        }

        /** 1 for a ticket. */
        long reserve(long key) {
            remembered.removeIf(entry -> ticker.nanos() - entry.since >= WINDOW.toNanos());
            if (underWay.containsValue(key)) {
                return DedupWindow.PENDING;
            }
            if (remembered.stream().anyMatch(entry -> entry.key == key && !entry.forgotten)) {
                return DedupWindow.DUPLICATE;
            }
            if (remembered.size() + underWay.size() == maxEntries && remembered.poll() == null) {
                return DedupWindow.FULL;
            }
            return 1;
        }

        boolean end(long ticket, boolean commit) {
            Long key = underWay.remove(ticket);
            if (key != null && commit) {
                remembered.add(new Entry(key, ticker.nanos(), false));
            }
            return key != null;
        }

        boolean forget(long key) {
            boolean[] found = {false};
            Deque<Entry> left = new ArrayDeque<>();
            for (Entry entry : remembered) {
                boolean now = entry.key == key && !entry.forgotten && ticker.nanos() - entry.since < WINDOW.toNanos();
                found[0] |= now;
                left.add(now ? new Entry(key, entry.since, true) : entry);
            }
            remembered = left;
            return found[0];
        }

        void clear() {
            underWay.clear();
            remembered.clear();
        }
    }
}
