package io.tidegate.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.server.session.SessionState;
import io.tidegate.testkit.Frame;
import io.tidegate.testkit.MetricSnapshot;
import io.tidegate.testkit.Script;
import io.tidegate.testkit.ScriptedClient;
import java.io.ByteArrayInputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.HdrHistogram.EncodableHistogram;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogReader;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code GET /api/histograms/NAME.hlog}, as HdrHistogram's own reader understands it. */
@Timeout(60)
class HistogramLogsTest {

    private static final String ROUTES = """
            - {path: /close, upstream: only}
            - {path: /confirm, upstream: only, continuity: reconnect, confirm: ping}
            """;
    private static final List<String> NAMES =
            List.of("relay", "message-size", "handshake", "ping-rtt", "reconnect", "request", "queue-wait");

    @RegisterExtension
    final GatewayFixture fixture = new GatewayFixture();

    @Test
    void eachThatIsListedIsALogFromTheStart() {
        fixture.startRoutes(ROUTES, fixture.upstream(Script.ECHO));
        HttpResponse<String> listed = admin().get("/api/histograms");
        assertThat(listed.statusCode()).isEqualTo(200);
        assertThat(listed.body().lines()).containsExactlyInAnyOrderElementsOf(NAMES);
        for (String name : NAMES) {
            HttpResponse<String> log = admin().get("/api/histograms/" + name + ".hlog");
            assertThat(log.statusCode()).isEqualTo(200);
            assertThat(log.headers().firstValue("Content-Type")).contains("text/plain; charset=utf-8");
            assertThat(log.body()).contains("[Histogram log format version 1.3]", "[StartTime: ", name);
            assertThat(read(name)).as(name).isEmpty();
            assertThat(admin().send("HEAD", "/api/histograms/" + name + ".hlog", "")
                            .statusCode())
                    .isEqualTo(200);
        }
    }

    @Test
    void whatTheIntervalsHaveTogetherIsAllThereWas() {
        fixture.startRoutes(ROUTES, fixture.upstream(Script.ECHO));
        talk("/close", 10, 20, 70_000);
        talk("/confirm", 10, 20, 30, 40);
        awaitRelayed(7);
        assertThat(counts(read("relay")))
                .isEqualTo(Map.of(
                        "/close|to_upstream", 3L,
                        "/close|to_client", 3L,
                        "/confirm|to_upstream", 4L,
                        "/confirm|to_client", 4L));
        assertThat(counts(read("message-size"))).isEqualTo(counts(read("relay")));
        assertThat(counts(read("handshake"))).isEqualTo(Map.of("/close", 1L, "/confirm", 1L));
        assertThat(counts(read("queue-wait"))).isEqualTo(Map.of("/confirm", 4L));
        assertThat(counts(read("request"))).isEmpty();

        // A performance event that is measured, and that is when those who watch get one behind the first, ends an
        // interval.
        try (EventStream events = EventStream.open(fixture.admin())) {
            events.next("aggregates");
            events.next("performance");
            talk("/close", 1, 2);
            awaitRelayed(9);
            assertThat(counts(read("relay"))).containsEntry("/close|to_client", 5L);
            events.next("performance");
        }
        Map<String, Histogram> relay = read("relay");
        assertThat(counts(relay))
                .containsEntry("/close|to_upstream", 5L)
                .containsEntry("/close|to_client", 5L)
                .containsEntry("/confirm|to_client", 4L);
        assertThat(lines("relay").filter(line -> line.startsWith("Tag=/close|to_client,")))
                .as("an interval each")
                .hasSize(2);
    }

    @Test
    void theLastMessageIsThereThoughNobodyScrapes() {
        fixture.startRoutes(ROUTES, fixture.upstream(Script.ECHO));
        for (int i = 1; i <= 5; i++) {
            talk("/close", 1, 2, 3);
            fixture.awaitState(SessionState.CLOSED, i);
            assertThat(counts(read("relay")))
                    .containsEntry("/close|to_upstream", 3L * i)
                    .containsEntry("/close|to_client", 3L * i);
        }
    }

    @Test
    void valuesAreNanosecondsAndBytes() {
        fixture.startRoutes(ROUTES, fixture.upstream(Script.ECHO));
        talk("/close", 0, 100, 100_000);
        MetricSnapshot now = awaitRelayed(3);
        Histogram relay = read("relay").get("/close|to_upstream");
        double seconds = now.value("tidegate_relay_seconds_sum", "direction", "to_upstream");
        assertThat(relay.getMean() * relay.getTotalCount() / 1e9).isCloseTo(seconds, Percentage.withPercentage(2));
        assertThat(relay.getMinValue()).isGreaterThanOrEqualTo(TimeUnit.MICROSECONDS.toNanos(1) / 2);
        assertThat(relay.getMaxValue()).isLessThan(TimeUnit.SECONDS.toNanos(60));
        Histogram sizes = read("message-size").get("/close|to_client");
        assertThat(sizes.getMinValue()).isZero();
        assertThat(sizes.getCountAtValue(100)).isEqualTo(1);
        assertThat(sizes.getMaxValue()).isCloseTo(100_000, Percentage.withPercentage(1));
        assertThat(sizes.getTotalCount()).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tidegate_relay_seconds",
                "tidegate_message_size_bytes",
                "tidegate_handshake_seconds",
                "tidegate_request_seconds",
                "tidegate_reconnect_seconds",
                "tidegate_queue_wait_seconds"
            })
    void theNameOfTheMetricWillDo(String metric) {
        fixture.startRoutes(ROUTES, fixture.upstream(Script.ECHO));
        talk("/confirm", 1, 2, 3);
        MetricSnapshot now = MetricSnapshot.await(
                fixture.admin(),
                each -> each.value("tidegate_queue_wait_seconds_count") == 3
                        && each.value("tidegate_relay_seconds_count") == 6);
        assertThat(read(metric).values().stream()
                        .mapToLong(Histogram::getTotalCount)
                        .sum())
                .isEqualTo((long) now.value(metric + "_count"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"nothing", "tidegate_nothing_seconds", "RELAY", "", "..%2frelay", "relay.hlog"})
    void whatThereIsNoneOfIs404AndNamesWhatThereIs(String name) {
        fixture.startRoutes(ROUTES, fixture.upstream(Script.ECHO));
        HttpResponse<String> refused = admin().get("/api/histograms/" + name + ".hlog");
        assertThat(refused.statusCode()).isEqualTo(404);
        assertThat(refused.body())
                .startsWith("histogram: " + name + " (expected: one of ")
                .contains(NAMES);
    }

    @Test
    void aPathWithACommaBreaksNoLine() {
        fixture.startRoutes("""
                - {path: "/a,b", upstream: only}
                - {path: "/a|b=c", upstream: only}
                """, fixture.upstream(Script.ECHO));
        talk("/a,b", 1, 2, 3);
        talk("/a|b=c", 1);
        awaitRelayed(4);
        assertThat(counts(read("relay")))
                .isEqualTo(Map.of(
                        "/a_b|to_upstream", 3L,
                        "/a_b|to_client", 3L,
                        "/a|b=c|to_upstream", 1L,
                        "/a|b=c|to_client", 1L));
    }

    private AdminClient admin() {
        return new AdminClient(fixture.admin());
    }

    private MetricSnapshot awaitRelayed(int messages) {
        return MetricSnapshot.await(
                fixture.admin(),
                now -> now.value("tidegate_relay_seconds_count", "direction", "to_client") == messages
                        && now.value("tidegate_relay_seconds_count", "direction", "to_upstream") == messages
                        && now.value("tidegate_accounting_total", "what", "delivered") == messages);
    }

    private Stream<String> lines(String name) {
        return admin().get("/api/histograms/" + name + ".hlog").body().lines();
    }

    /** All intervals of a log together, by their tags. */
    private Map<String, Histogram> read(String name) {
        HttpResponse<String> log = admin().get("/api/histograms/" + name + ".hlog");
        assertThat(log.statusCode()).as(log.body()).isEqualTo(200);
        Map<String, Histogram> all = new TreeMap<>();
        HistogramLogReader reader =
                new HistogramLogReader(new ByteArrayInputStream(log.body().getBytes(StandardCharsets.UTF_8)));
        int read = 0;
        for (EncodableHistogram next = reader.nextIntervalHistogram();
                next != null;
                next = reader.nextIntervalHistogram()) {
            assertThat(next).as(log.body()).isInstanceOf(Histogram.class);
            assertThat(next.getEndTimeStamp()).isGreaterThanOrEqualTo(next.getStartTimeStamp());
            Histogram interval = (Histogram) next;
            assertThat(interval.getTotalCount()).isPositive();
            all.merge(interval.getTag(), interval, (sum, more) -> {
                sum.add(more);
                return sum;
            });
            read++;
        }
        long lines = log.body()
                .lines()
                .filter(line -> !line.startsWith("#") && !line.startsWith("\""))
                .count();
        assertThat(read).as("lines that were understood").isEqualTo((int) lines);
        return all;
    }

    private static Map<String, Long> counts(Map<String, Histogram> log) {
        Map<String, Long> counts = new TreeMap<>();
        log.forEach((tag, histogram) -> counts.put(tag, histogram.getTotalCount()));
        return counts;
    }

    private void talk(String path, int... sizes) {
        try (ScriptedClient client = ScriptedClient.connect(fixture.address(), path)) {
            for (int size : sizes) {
                client.send(Frame.text("x".repeat(size)));
                client.awaitFrame();
            }
            client.sendClose(1000, "");
            client.awaitEnd();
        }
    }
}
