package io.tidegate.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.testkit.Frame;
import io.tidegate.testkit.MetricSnapshot;
import io.tidegate.testkit.NameServer;
import io.tidegate.testkit.Patience;
import io.tidegate.testkit.ReservedPort;
import io.tidegate.testkit.Script;
import io.tidegate.testkit.ScriptedClient;
import io.tidegate.testkit.ScriptedUpstream;
import io.tidegate.testkit.process.GatewayProcess;
import io.tidegate.testkit.process.Processes;
import io.tidegate.testkit.process.Stats;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a gateway process says of itself is exact, and costs the same however many have come and gone. */
@Timeout(300)
class MetricsCollectionIT {

    private static final String IN_ALL = "tidegate_connections_total";
    private static final String MESSAGES = "tidegate_messages_total";
    private static final String BYTES = "tidegate_message_bytes_total";
    private static final Set<String> TRAFFIC = Set.of("tidegate_connections", IN_ALL, MESSAGES, BYTES);

    private static final int FEW = 10_000;
    private static final int MANY = 100_000;
    private static final int AT_A_TIME = 32;

    /** Less than a reference a connection would add up to 360 kB, less than a small object to 1.4 MB. */
    private static final long FLAT_BYTES = 1 << 20;

    @RegisterExtension
    private final Processes processes = new Processes();

    @Test
    void countsAreExact() {
        ScriptedUpstream echo = processes.track(ScriptedUpstream.start());
        ScriptedUpstream refusing = processes.track(ScriptedUpstream.start(Script.refuse(403, "no")));
        GatewayProcess gateway = processes.gateway("""
                upstreams:
                  echo: {endpoints: ["%s"]}
                  refusing: {endpoints: ["%s"]}
                  nobody: {endpoints: ["%s"], retry: {maxAttempts: 1}}
                routes:
                  - {path: /close, upstream: echo}
                  - {path: /reconnect, upstream: echo, continuity: reconnect}
                  - {path: /confirm, upstream: echo, continuity: reconnect, confirm: ping}
                  - {path: /refused, upstream: refusing}
                  - {path: /failed, upstream: nobody}
                """.formatted(echo.uri(), refusing.uri(), ReservedPort.nobody()));

        int[] sent = {10, 1, 25, 14};
        for (int messages : sent) {
            talk(gateway, "/close", messages);
            talk(gateway, "/reconnect", 2 * messages);
            talk(gateway, "/confirm", 3 * messages);
        }
        for (int i = 0; i < 3; i++) {
            assertThat(answer(gateway, "/refused")).isEqualTo(403);
        }
        assertThat(answer(gateway, "/failed")).isEqualTo(502);
        assertThat(answer(gateway, "/nowhere")).isEqualTo(404);
        MetricSnapshot metrics = gateway.awaitMetrics(now -> now.value("tidegate_connections") == 0);
        Stats stats = gateway.awaitStats(books -> books.settled());

        int times = 1;
        for (String route : new String[] {"/close", "/reconnect", "/confirm"}) {
            long messages = 0;
            long bytes = 0;
            for (int count : sent) {
                messages += (long) times * count;
                bytes += bytesOf(times * count);
            }
            times++;
            for (String direction : new String[] {"to_upstream", "to_client"}) {
                assertThat(metrics.value(MESSAGES, "route", route, "direction", direction))
                        .as(route + " " + direction)
                        .isEqualTo(messages);
                assertThat(metrics.value(BYTES, "route", route, "direction", direction))
                        .as(route + " " + direction)
                        .isEqualTo(bytes);
            }
            assertThat(metrics.value(IN_ALL, "route", route, "result", "opened"))
                    .isEqualTo(sent.length);
            assertThat(metrics.value(IN_ALL, "route", route)).isEqualTo(sent.length);
            assertThat(stats.route(route).accepted()).isEqualTo(messages);
            assertThat(stats.route(route).delivered()).isEqualTo(messages);
        }
        assertThat(metrics.value(IN_ALL, "route", "/refused", "result", "refused"))
                .isEqualTo(3);
        assertThat(metrics.value(IN_ALL, "route", "/failed", "result", "failed"))
                .isEqualTo(1);
        assertThat(metrics.value(IN_ALL, "route", "none", "result", "rejected")).isEqualTo(1);
        assertThat(metrics.value(IN_ALL)).isEqualTo(3 * sent.length + 3 + 1 + 1);
        stats.assertAccounted();
    }

    @Test
    void aSnapshotLessAnEarlierOneIsWhatHappenedInBetween() {
        ScriptedUpstream echo = processes.track(ScriptedUpstream.start());
        GatewayProcess gateway = processes.gateway("""
                upstreams: {echo: {endpoints: ["%s"]}}
                routes:
                  - {path: /a, upstream: echo}
                  - {path: /b, upstream: echo, continuity: reconnect}
                """.formatted(echo.uri()));
        talk(gateway, "/a", 5);
        talk(gateway, "/b", 6);
        gateway.awaitNoSession();
        MetricSnapshot before = gateway.metrics();

        talk(gateway, "/b", 9);
        ScriptedClient staying = processes.track(ScriptedClient.connect(gateway.address(), "/a"));
        staying.send(Frame.text("12345"));
        staying.awaitFrame();
        MetricSnapshot after = gateway.awaitMetrics(now -> now.value("tidegate_connections", "route", "/b") == 0);

        double bytes = bytesOf(9);
        Map<String, Double> expected = new TreeMap<>();
        expected.put("tidegate_connections{route=\"/a\"}", 1.0);
        expected.put(IN_ALL + "{result=\"opened\",route=\"/a\"}", 1.0);
        expected.put(IN_ALL + "{result=\"opened\",route=\"/b\"}", 1.0);
        for (String direction : new String[] {"to_upstream", "to_client"}) {
            expected.put(MESSAGES + "{direction=\"" + direction + "\",route=\"/a\"}", 1.0);
            expected.put(MESSAGES + "{direction=\"" + direction + "\",route=\"/b\"}", 9.0);
            expected.put(BYTES + "{direction=\"" + direction + "\",route=\"/a\"}", 5.0);
            expected.put(BYTES + "{direction=\"" + direction + "\",route=\"/b\"}", bytes);
        }
        assertThat(traffic(after.minus(before))).isEqualTo(expected);
        assertThat(traffic(gateway.metrics().minus(after))).isEmpty();
    }

    @Test
    void endpointsThatVanishedLeaveNoSeries() throws Exception {
        ScriptedUpstream echo = processes.track(ScriptedUpstream.start());
        NameServer names = processes.track(new NameServer());
        names.answer("127.0.0.1", "127.0.0.2");
        GatewayProcess gateway =
                processes.gateway("""
                upstreams:
                  chat: {endpoints: ["ws://chat.test:%d"], dns: {interval: 50ms, servers: ["127.0.0.1:%d"]}}
                routes: [{upstream: chat}]
                """.formatted(echo.port(), names.address().getPort()));
        awaitEndpoints(gateway, "127.0.0.1", "127.0.0.2");

        // Nobody is connected to the second one: it goes at once.
        names.answer("127.0.0.1", "127.0.0.3");
        awaitEndpoints(gateway, "127.0.0.1", "127.0.0.3");

        // Somebody is connected to the first one: it stays for as long as that.
        ScriptedClient client = processes.track(ScriptedClient.connect(gateway.address(), "/"));
        names.answer("127.0.0.3", "127.0.0.4");
        Patience.await(
                "127.0.0.1 has vanished",
                gateway::stats,
                stats -> stats.json().at("/upstreams/chat/endpoints").properties().stream()
                        .anyMatch(endpoint -> endpoint.getKey().endsWith("(127.0.0.1)")
                                && endpoint.getValue().path("vanished").asBoolean()));
        awaitEndpoints(gateway, "127.0.0.1", "127.0.0.3", "127.0.0.4");
        client.send(Frame.text("still here"));
        assertThat(client.awaitFrame()).isEqualTo(Frame.text("still here"));
        client.close();
        awaitEndpoints(gateway, "127.0.0.3", "127.0.0.4");
    }

    @Test
    void memoryAndSeriesAreTheSameAfter100000ConnectionsAsAfter10000() throws Exception {
        Crowd crowd = processes.track(new Crowd());
        GatewayProcess gateway = processes.gateway("""
                upstreams: {crowd: {endpoints: ["%s"], breaker: {window: 1000, minimumCalls: 1000}}}
                routes:
                  - {path: /close, upstream: crowd}
                  - {path: /reconnect, upstream: crowd, continuity: reconnect}
                  - path: /all
                    upstream: crowd
                    continuity: reconnect
                    confirm: ping
                    dedup: {key: content}
                    requests: {protocol: json-rpc}
                    prologue: {first: 1}
                """.formatted(crowd.uri()), "-Xmx128m");
        String[] paths = {"/close", "/reconnect", "/all"};

        crowd.pass(gateway.address(), FEW, AT_A_TIME, paths);
        gateway.awaitMetrics(Duration.ofSeconds(30), now -> now.value("tidegate_connections") == 0);
        Set<String> series = gateway.metrics().samples().keySet();
        Heap few = Heap.of(gateway.process().pid());

        crowd.pass(gateway.address(), MANY - FEW, AT_A_TIME, paths);
        MetricSnapshot metrics =
                gateway.awaitMetrics(Duration.ofSeconds(30), now -> now.value("tidegate_connections") == 0);
        Heap many = Heap.of(gateway.process().pid());

        assertThat(metrics.value(IN_ALL, "result", "opened")).isEqualTo(MANY);
        assertThat(metrics.value(MESSAGES, "direction", "to_upstream")).isEqualTo(MANY);
        assertThat(metrics.samples().keySet()).isEqualTo(series);
        assertThat(many.usedBytes() - few.usedBytes())
                .as(() -> "growth of the heap from\n" + few + "\nto\n" + many)
                .isLessThan(FLAT_BYTES);
    }

    // clients

    /** Sends messages of 0, 1, 2, … bytes, waits for each to come back, and goes. */
    private static void talk(GatewayProcess gateway, String path, int messages) {
        try (ScriptedClient client = ScriptedClient.connect(gateway.address(), path)) {
            for (int i = 0; i < messages; i++) {
                client.send(Frame.text("m".repeat(i)));
            }
            client.awaitFrames(messages);
            client.sendClose(1000, "");
            client.awaitClose();
            client.awaitEnd();
        }
    }

    private static long bytesOf(int messages) {
        return (long) messages * (messages - 1) / 2;
    }

    private static int answer(GatewayProcess gateway, String path) {
        try (ScriptedClient client = ScriptedClient.request(gateway.address(), path)) {
            return client.awaitResponse().status();
        }
    }

    // series

    private static Map<String, Double> traffic(MetricSnapshot metrics) {
        return metrics.samples().entrySet().stream()
                .filter(sample -> TRAFFIC.contains(sample.getKey().replaceFirst("\\{.*", "")))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, (a, b) -> a, TreeMap::new));
    }

    /** Waits until endpoints at these addresses, and no others, have series of each kind. */
    private static void awaitEndpoints(GatewayProcess gateway, String... addresses) {
        Set<String> expected = Set.of(addresses);
        Patience.await(
                "series for the endpoints " + expected + " and no others",
                () -> endpoints(gateway.metrics()),
                byName -> byName.values().stream().allMatch(expected::equals));
    }

    /** The addresses of the endpoints in each kind of series that tells endpoints apart. */
    private static Map<String, Set<String>> endpoints(MetricSnapshot metrics) {
        Map<String, Set<String>> found = new TreeMap<>();
        found.put("tidegate_breaker_state", new TreeSet<>());
        for (String series : metrics.samples().keySet()) {
            if (series.contains("endpoint=\"")) {
                String address = series.replaceFirst(".*endpoint=\"[^\"]*\\((.*?)\\)\".*", "$1");
                found.computeIfAbsent(series.replaceFirst("\\{.*", ""), name -> new TreeSet<>())
                        .add(address);
            }
        }
        return found;
    }
}
