package io.tidegate.server.admin.stats;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.DefaultEventLoop;
import io.tidegate.metrics.WriterBarrier;
import io.tidegate.queue.Accounting;
import io.tidegate.queue.ByteBudget;
import io.tidegate.server.admin.Subject;
import io.tidegate.server.config.DrainConfig;
import io.tidegate.server.drain.Drain;
import io.tidegate.server.session.Session;
import io.tidegate.server.traffic.RouteTraffic;
import io.tidegate.server.upstream.Upstream;
import io.tidegate.time.Ticker;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import reactor.test.StepVerifier;
import reactor.test.subscriber.TestSubscriber;

/** Which events there are at which ticks, of a gateway that has no routes. */
class EventTicksTest {

    private static final class Idle implements Subject {

        private @Nullable Drain drain;

        @Override
        public List<RouteTraffic> traffic() {
            return List.of();
        }

        @Override
        public List<Upstream> upstreams() {
            return List.of();
        }

        @Override
        public WriterBarrier writers() {
            return WriterBarrier.SAME_THREAD;
        }

        @Override
        public ByteBudget queues() {
            return new ByteBudget(1 << 20);
        }

        @Override
        public Collection<Session> sessions() {
            return List.of();
        }

        @Override
        public @Nullable Drain drain() {
            return drain;
        }

        @Override
        public Drain startDraining() {
            Drain begun = new Drain(
                    DrainConfig.DEFAULTS,
                    true,
                    List::of,
                    () -> true,
                    () -> Accounting.NOTHING,
                    () -> 0,
                    Ticker.system(),
                    new DefaultEventLoop());
            drain = begun;
            return begun;
        }

        @Override
        public String configuration() {
            return "";
        }

        @Override
        public Instant configuredAt() {
            return Instant.EPOCH;
        }

        @Override
        public String version() {
            return "1";
        }

        @Override
        public String transport() {
            return "none";
        }
    }

    private final Idle subject = new Idle();
    private final Clock clock = Clock.systemUTC();
    private final Journal journal = new Journal(clock);
    private final Events events = new Events(
            new Stats(subject, journal, Ticker.system(), clock),
            subject,
            journal,
            new HistogramLogs(List.of(), clock),
            Ticker.system());

    @Test
    void stateIsToldAtEachTickPerformanceAtEachFifthAndAggregatesAtEachThirtieth() {
        List<String> told = new ArrayList<>();
        events.later().subscribe(event -> told.add(nameOf(event)));
        List<String> expected = new ArrayList<>();
        for (int tick = 1; tick <= 60; tick++) {
            events.tick();
            expected.add("state");
            if (tick % 5 == 0) {
                expected.add("performance");
            }
            if (tick % 30 == 0) {
                expected.add("aggregates");
            }
        }
        assertThat(told).isEqualTo(expected);
    }

    @Test
    void whoComesGetsAllThreeWhateverTheTick() {
        for (int tick = 0; tick < 7; tick++) {
            assertThat(events.first())
                    .extracting(EventTicksTest::nameOf)
                    .containsExactly("state", "performance", "aggregates");
            events.tick();
        }
    }

    @Test
    void whoAsksForNothingMissesItAndOthersDoNot() {
        TestSubscriber<byte[]> never =
                TestSubscriber.builder().initialRequest(0).build();
        List<byte[]> told = new ArrayList<>();
        events.later().subscribe(never);
        events.later().subscribe(told::add);
        for (int tick = 0; tick < 4; tick++) {
            events.tick();
        }
        assertThat(told).hasSize(4);
        never.request(1);
        assertThat(never.getReceivedOnNext()).as("nothing is kept for it").isEmpty();
        events.tick();
        assertThat(never.getReceivedOnNext()).hasSize(1);
    }

    @Test
    void theEndIsToldToThoseWhoWatchAndToThoseWhoComeLate() {
        StepVerifier.create(events.later()).then(events::end).verifyComplete();
        StepVerifier.create(events.later()).verifyComplete();
        events.tick();
    }

    @Test
    void whatHappensWhileNobodyWatchesIsToldToWhoComes() {
        subject.startDraining();
        events.tick();
        events.tick();
        String state = new String(events.first().get(0), StandardCharsets.UTF_8);
        assertThat(state).contains("started, version 1", "\"draining\"").contains("\nid: 2\n");
    }

    private static String nameOf(byte[] event) {
        String text = new String(event, StandardCharsets.UTF_8);
        assertThat(text).startsWith("event: ").endsWith("\n\n");
        return text.substring("event: ".length(), text.indexOf('\n'));
    }
}
