package io.tidegate.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.testkit.Frame;
import io.tidegate.testkit.MetricSnapshot;
import io.tidegate.testkit.Script;
import io.tidegate.testkit.ScriptedClient;
import io.tidegate.testkit.ScriptedUpstream;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The form of {@code GET /metrics}, and how many series strangers can make it have. */
@Timeout(60)
class MetricsPageTest {

    private static final String OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";
    private static final String ROUTES = """
            - {path: /close, upstream: only}
            - {path: /all, upstream: only, continuity: reconnect, confirm: ping, requests: {id: /id}}
            """;

    @RegisterExtension
    final GatewayFixture fixture = new GatewayFixture();

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "*/* | " + TEXT,
                "text/plain | " + TEXT,
                "text/plain;version=0.0.4;q=0.5,*/*;q=0.1 | " + TEXT,
                "application/openmetrics-text | " + OPEN_METRICS,
                "application/openmetrics-text;version=1.0.0;q=0.8,text/plain;q=0.5 | " + OPEN_METRICS,
            })
    void theFormIsWhatTheScraperAccepts(String accept, String type) {
        fixture.startRoutes(ROUTES, fixture.upstream(Script.ECHO));
        HttpResponse<String> page = admin().get("/metrics", "Accept", accept);
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.headers().firstValue("Content-Type")).contains(type);
        assertThat(page.headers().firstValue("Cache-Control")).contains("no-store");
        assertThat(page.body().endsWith("# EOF\n")).isEqualTo(type.equals(OPEN_METRICS));
        assertThat(page.body().lines().filter("# EOF"::equals)).hasSize(type.equals(OPEN_METRICS) ? 1 : 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/plain", "application/openmetrics-text"})
    void everyFamilyHasOneHelpAndOneTypeInFrontOfItsSeries(String accept) {
        fixture.startRoutes(ROUTES, fixture.upstream(Script.ECHO));
        traffic();
        String text = admin().get("/metrics", "Accept", accept).body();
        Set<String> helped = new HashSet<>();
        Set<String> typed = new HashSet<>();
        String family = "";
        String type = "";
        for (String line : text.lines().toList()) {
            String[] words = line.split(" ", 4);
            if (line.startsWith("# HELP ")) {
                assertThat(words[3]).as(line).isNotBlank();
                assertThat(helped.add(words[2])).as("once: " + line).isTrue();
            } else if (line.startsWith("# TYPE ")) {
                assertThat(typed.add(words[2])).as("once: " + line).isTrue();
                family = words[2];
                type = words[3];
            } else if (!line.startsWith("#")) {
                String name = line.split("[{ ]", 2)[0];
                assertThat(name).as("in the family above it").isIn(namesOf(family, type));
            }
        }
        Set<String> own =
                typed.stream().filter(name -> name.startsWith("tidegate_")).collect(Collectors.toSet());
        assertThat(helped).containsAll(own).hasSizeGreaterThan(40);
        assertThat(typed).containsAll(helped);
    }

    private static List<String> namesOf(String family, String type) {
        return switch (type) {
            case "histogram" -> List.of(family + "_bucket", family + "_count", family + "_sum", family + "_created");
            case "summary" -> List.of(family, family + "_count", family + "_sum", family + "_created");
            case "counter" -> List.of(family, family + "_total", family + "_created");
            case "info" -> List.of(family + "_info");
            default -> List.of(family);
        };
    }

    @Test
    void bothFormsHaveTheSameSeries() {
        fixture.startRoutes(ROUTES, fixture.upstream(Script.ECHO));
        traffic();
        assertThat(own(admin().get("/metrics", "Accept", "application/openmetrics-text")
                        .body()))
                .isEqualTo(own(admin().get("/metrics").body()));
    }

    private static Set<String> own(String text) {
        return MetricSnapshot.parse(text).samples().keySet().stream()
                .filter(series -> series.startsWith("tidegate_"))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void theDesignsMetricsAreAllThere() {
        fixture.startRoutes(ROUTES, fixture.upstream(Script.ECHO));
        traffic();
        MetricSnapshot now = fixture.metrics();
        for (String name : List.of(
                "tidegate_ready",
                "tidegate_build_info",
                "tidegate_connections",
                "tidegate_connections_total",
                "tidegate_handshake_seconds_bucket",
                "tidegate_messages_total",
                "tidegate_message_bytes_total",
                "tidegate_message_size_bytes_bucket",
                "tidegate_relay_seconds_bucket",
                "tidegate_request_seconds_bucket",
                "tidegate_ping_rtt_seconds_bucket",
                "tidegate_closes_total",
                "tidegate_queue_messages",
                "tidegate_queue_bytes",
                "tidegate_queue_wait_seconds_bucket",
                "tidegate_queue_dropped_total",
                "tidegate_breaker_state",
                "tidegate_breaker_transitions_total",
                "tidegate_retries_total",
                "tidegate_reconnects_total",
                "tidegate_reconnect_seconds_bucket",
                "tidegate_dedup_total",
                "tidegate_buffered_bytes",
                "tidegate_drain_sessions_remaining")) {
            assertThat(now.has(name)).as(name).isTrue();
        }
    }

    @Test
    void theJvmAndTheProcessAreThere() {
        fixture.startRoutes(ROUTES, fixture.upstream(Script.ECHO));
        MetricSnapshot now = fixture.metrics();
        assertThat(now.value("jvm_memory_used_bytes", "area", "heap")).isPositive();
        assertThat(now.value("process_cpu_seconds_total")).isPositive();
        assertThat(now.value("process_open_fds")).isPositive();
        assertThat(now.value("process_start_time_seconds")).isPositive();
        assertThat(now.value("jvm_threads_current")).isPositive();
        assertThat(now.has("jvm_gc_collection_seconds_count")).isTrue();
        assertThat(now.has("jvm_runtime_info")).isTrue();
    }

    @Test
    void bucketsAreCumulativeAndEndWithAll() {
        fixture.startRoutes(ROUTES, fixture.upstream(Script.ECHO));
        traffic();
        String text = admin().get("/metrics").body();
        List<String> histograms = new ArrayList<>();
        String series = "";
        double before = 0;
        for (String line : text.lines().toList()) {
            if (line.startsWith("tidegate_") && line.contains("_bucket{")) {
                String of = line.replaceFirst(",?le=\"[^\"]*\"", "").replaceFirst(" .*", "");
                double value = Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
                before = of.equals(series) ? before : 0;
                assertThat(value).as(line).isGreaterThanOrEqualTo(before);
                before = value;
                series = of;
                if (line.contains("le=\"+Inf\"")) {
                    String count = of.replace("_bucket", "_count");
                    assertThat(text).contains(count + ' ' + line.substring(line.lastIndexOf(' ') + 1));
                    histograms.add(of);
                }
            }
        }
        assertThat(histograms).hasSizeGreaterThan(10).doesNotHaveDuplicates();
    }

    @Test
    void strangersMakeNoSeries() {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        fixture.startRoutes(ROUTES, upstream);
        traffic();
        Set<String> before = own(admin().get("/metrics").body());
        for (int i = 0; i < 30; i++) {
            try (ScriptedClient client = ScriptedClient.connect(
                    fixture.address(),
                    "/close/stranger-" + i + "?token=stranger-" + i,
                    "Origin: https://stranger-" + i + ".example",
                    "User-Agent: stranger-" + i)) {
                client.send(Frame.text("stranger-" + i));
                client.awaitFrame();
                client.sendClose(1000, "stranger-" + i);
                client.awaitEnd();
            }
            fixture.request("/stranger-" + i).awaitResponse();
        }
        fixture.awaitNoSession();
        String text = admin().get("/metrics").body();
        assertThat(text).doesNotContain("stranger");
        Set<String> added = own(text);
        added.removeAll(before);
        assertThat(added)
                .as("the first result and the first code of their kind")
                .allMatch(series -> series.startsWith("tidegate_connections_total{result=\"rejected\"")
                        || series.startsWith("tidegate_closes_total"))
                .hasSizeLessThanOrEqualTo(2);
    }

    @Test
    void labelsHaveValuesOfAKnownKindOnly() {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        fixture.startRoutes(ROUTES, upstream);
        traffic();
        for (String series : own(admin().get("/metrics").body())) {
            assertThat(values(series, "route")).as(series).isSubsetOf("/close", "/all", "none");
            assertThat(values(series, "direction")).as(series).isSubsetOf("to_upstream", "to_client");
            assertThat(values(series, "initiator")).as(series).isSubsetOf("client", "upstream", "gateway");
            assertThat(values(series, "leg")).as(series).isSubsetOf("client", "upstream");
            assertThat(values(series, "upstream")).as(series).isSubsetOf("only");
            assertThat(values(series, "endpoint"))
                    .as(series)
                    .isSubsetOf(upstream.uri().toString());
        }
    }

    private static List<String> values(String series, String label) {
        String begin = label + "=\"";
        int at = series.indexOf("{" + begin);
        at = at < 0 ? series.indexOf("," + begin) : at;
        if (at < 0) {
            return List.of();
        }
        int from = at + 1 + begin.length();
        return List.of(series.substring(from, series.indexOf('"', from)));
    }

    /** A little of everything. */
    private void traffic() {
        for (String path : List.of("/close", "/all")) {
            try (ScriptedClient client = ScriptedClient.connect(fixture.address(), path)) {
                client.send(Frame.text("{\"id\":1}"));
                client.awaitFrame();
                client.sendClose(1000, "");
                client.awaitEnd();
            }
        }
        fixture.awaitNoSession();
    }

    private AdminClient admin() {
        return new AdminClient(fixture.admin());
    }
}
