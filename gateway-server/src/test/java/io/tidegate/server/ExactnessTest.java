package io.tidegate.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.server.session.SessionState;
import io.tidegate.testkit.Frame;
import io.tidegate.testkit.Handshake;
import io.tidegate.testkit.MetricSnapshot;
import io.tidegate.testkit.Script;
import io.tidegate.testkit.ScriptedClient;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** After so many messages each counter and each histogram has so many, on whatever route, and whoever reads it. */
@Timeout(60)
class ExactnessTest {

    private static final String ROUTES = """
            - {path: /close, upstream: only}
            - {path: /reconnect, upstream: only, continuity: reconnect}
            - {path: /confirm, upstream: only, continuity: reconnect, confirm: ping}
            - {path: /requests, upstream: only, continuity: reconnect, requests: {id: /id}}
            - {path: /dedup, upstream: only, continuity: reconnect, dedup: {key: content}}
            """;

    private static final List<String> DIRECTIONS = List.of("to_upstream", "to_client");
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @RegisterExtension
    final GatewayFixture fixture = new GatewayFixture();

    // messages

    @ParameterizedTest
    @ValueSource(strings = {"/close", "/reconnect", "/confirm", "/requests", "/dedup"})
    void everyMessageIsInEveryFamilyOfItsRouteOnce(String path) {
        fixture.startRoutes(ROUTES, fixture.upstream(Script.ECHO));
        List<Integer> sizes = new ArrayList<>();
        sizes.addAll(talk(path, 1, 3, 10, 100, 1_000));
        sizes.addAll(talk(path, 200, 70_000, 1, 300_000));
        sizes.addAll(talkInOneWrite(path, 64, 64, 64, 500, 64, 0, 0));
        long sum = sizes.stream().mapToLong(size -> size).sum();

        MetricSnapshot now = awaitRelayed(path, sizes.size());
        for (String direction : DIRECTIONS) {
            String[] labels = {"route", path, "direction", direction};
            assertThat(now.value("tidegate_messages_total", labels))
                    .as(direction)
                    .isEqualTo(sizes.size());
            assertThat(now.value("tidegate_message_bytes_total", labels))
                    .as(direction)
                    .isEqualTo(sum);
            assertThat(now.value("tidegate_message_size_bytes_count", labels))
                    .as(direction)
                    .isEqualTo(sizes.size());
            assertThat(now.value("tidegate_message_size_bytes_sum", labels))
                    .as(direction)
                    .isEqualTo(sum);
            assertThat(now.value("tidegate_relay_seconds_count", labels))
                    .as(direction)
                    .isEqualTo(sizes.size());
            for (int bound : new int[] {64, 1024, 65_536}) {
                assertThat(now.value("tidegate_message_size_bytes_bucket", with(labels, "le", bound + ".0")))
                        .as(direction + " up to " + bound)
                        .isEqualTo(sizes.stream().filter(size -> size <= bound).count());
            }
            assertThat(now.value("tidegate_relay_seconds_bucket", with(labels, "le", "+Inf")))
                    .isEqualTo(sizes.size());
            assertThat(now.value("tidegate_relay_seconds_sum", labels)).isBetween(1e-6, 60.0);
        }
        assertThat(now.value("tidegate_accounting_total", "route", path, "what", "delivered"))
                .isEqualTo(sizes.size());
        assertNothingOf(now, path);
        JsonNode latency = stats().path("routes").path(path).path("latency");
        for (String direction : DIRECTIONS) {
            assertThat(latency.path("relay").path(direction).path("count").asLong(-1))
                    .isEqualTo(sizes.size());
            assertThat(latency.path("relay").path(direction).path("max").asDouble())
                    .isGreaterThanOrEqualTo(
                            latency.path("relay").path(direction).path("p50").asDouble())
                    .isPositive();
        }
    }

    /** On all the others. */
    private static void assertNothingOf(MetricSnapshot now, String path) {
        for (String family : List.of(
                "tidegate_messages_total",
                "tidegate_message_size_bytes_count",
                "tidegate_relay_seconds_count",
                "tidegate_handshake_seconds_count",
                "tidegate_connections_total")) {
            assertThat(now.value(family))
                    .as("of %s on other routes", family)
                    .isEqualTo(now.value(family, "route", path));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/confirm", "/requests", "/dedup"})
    void whatGoesThroughAQueueHasItsWait(String path) {
        fixture.startRoutes(ROUTES, fixture.upstream(Script.ECHO));
        List<Integer> sizes = new ArrayList<>(talk(path, 1, 2, 3));
        sizes.addAll(talkInOneWrite(path, 10, 10, 20, 70_000));
        MetricSnapshot now = MetricSnapshot.await(
                fixture.admin(),
                each -> each.value("tidegate_queue_wait_seconds_count", "route", path) >= sizes.size());
        assertThat(now.value("tidegate_queue_wait_seconds_count")).isEqualTo(sizes.size());
        assertThat(now.value("tidegate_accounting_total", "what", "delivered")).isEqualTo(sizes.size());
        assertThat(stats().path("latency").path("queueWait").path("count").asLong())
                .isEqualTo(sizes.size());
    }

    @Test
    void fragmentsAreOneMessageAndControlFramesAreNone() {
        fixture.startRoutes(ROUTES, fixture.upstream(Script.ECHO));
        for (String path : List.of("/close", "/reconnect", "/confirm")) {
            ScriptedClient client = fixture.connect(path);
            client.send(Frame.ping("not a message"));
            client.sendFragmented("12", "", "345", "6");
            client.send(Frame.pong("nor this"));
            client.sendFragmented("", "");
            client.awaitFrame("the last fragment", frame -> frame.length() == 0 && frame.fin());
            MetricSnapshot now = awaitRelayed(path, 2);
            for (String direction : DIRECTIONS) {
                String[] labels = {"route", path, "direction", direction};
                assertThat(now.value("tidegate_messages_total", labels)).isEqualTo(2);
                assertThat(now.value("tidegate_message_size_bytes_count", labels))
                        .isEqualTo(2);
                assertThat(now.value("tidegate_message_size_bytes_sum", labels)).isEqualTo(6);
                assertThat(now.value("tidegate_relay_seconds_count", labels)).isEqualTo(2);
            }
        }
    }

    @Test
    void duplicatesAreReadAndNotRelayed() {
        fixture.startRoutes(ROUTES, fixture.upstream(Script.ECHO));
        ScriptedClient client = fixture.connect("/dedup");
        client.send(Frame.text("12345"), Frame.text("12345"), Frame.text("678"), Frame.text("12345"));
        client.awaitFrames(2);
        MetricSnapshot now = MetricSnapshot.await(
                fixture.admin(),
                each -> each.value("tidegate_accounting_total", "what", "duplicate") == 2
                        && each.value("tidegate_relay_seconds_count", "direction", "to_client") == 2);
        assertThat(now.value("tidegate_message_size_bytes_count", "direction", "to_upstream"))
                .isEqualTo(4);
        assertThat(now.value("tidegate_message_size_bytes_sum", "direction", "to_upstream"))
                .isEqualTo(18);
        assertThat(now.value("tidegate_messages_total", "direction", "to_upstream"))
                .isEqualTo(2);
        assertThat(now.value("tidegate_relay_seconds_count", "direction", "to_upstream"))
                .isEqualTo(2);
        assertThat(now.value("tidegate_queue_wait_seconds_count")).isEqualTo(2);
    }

    @Test
    void aReplayIsTimedOnlyOnceButItsMessageIs() {
        var upstream = fixture.upstream(Script.ACCEPT);
        fixture.startRoutes(ROUTES, upstream);
        ScriptedClient client = fixture.connect("/confirm");
        client.send(Frame.text("1"), Frame.text("22"), Frame.text("333"));
        upstream.awaitConnection().awaitFrames(3);
        upstream.script(Script.ECHO);
        upstream.resetConnections();
        client.awaitFrames(3);
        MetricSnapshot now = MetricSnapshot.await(
                fixture.admin(),
                each -> each.value("tidegate_accounting_total", "what", "delivered") == 3
                        && each.value("tidegate_relay_seconds_count", "direction", "to_client") == 3);
        assertThat(now.value("tidegate_messages_replayed_total")).isEqualTo(3);
        assertThat(now.value("tidegate_messages_total", "direction", "to_upstream"))
                .isEqualTo(3);
        assertThat(now.value("tidegate_relay_seconds_count", "direction", "to_upstream"))
                .isEqualTo(3);
        assertThat(now.value("tidegate_message_size_bytes_count", "direction", "to_upstream"))
                .isEqualTo(3);
    }

    // sessions

    @Test
    void handshakesAreTimedOnceForEachSessionAndFailedOnesAreNot() {
        var upstream = fixture.upstream(Script.ECHO);
        fixture.startRoutes(ROUTES, upstream);
        for (int i = 0; i < 5; i++) {
            fixture.connect("/close");
        }
        fixture.connect("/confirm");
        upstream.script(Script.refuse(403, "no"));
        fixture.request("/close").awaitResponse();
        fixture.request("/nowhere").awaitResponse();
        MetricSnapshot now =
                MetricSnapshot.await(fixture.admin(), each -> each.value("tidegate_connections_total") == 8);
        for (String route : List.of("/close", "/confirm", "none")) {
            assertThat(now.value("tidegate_handshake_seconds_count", "route", route))
                    .as(route)
                    .isEqualTo(now.value("tidegate_connections_total", "route", route, "result", "opened"));
        }
        assertThat(now.value("tidegate_handshake_seconds_count")).isEqualTo(6);
        assertThat(stats().path("latency").path("handshake").path("count").asLong())
                .isEqualTo(6);
    }

    @Test
    void everySessionThatEndedHasOneClose() {
        fixture.startRoutes(ROUTES, fixture.upstream(Script.ECHO));
        for (String path : List.of("/close", "/reconnect", "/confirm", "/requests", "/dedup")) {
            for (int i = 0; i < 4; i++) {
                ScriptedClient client = fixture.connect(path);
                client.sendClose(i == 0 ? 4002 : 1000, "");
                client.awaitEnd();
            }
        }
        fixture.awaitNoSession();
        MetricSnapshot now = fixture.metrics();
        for (String path : List.of("/close", "/reconnect", "/confirm", "/requests", "/dedup")) {
            assertThat(now.value("tidegate_closes_total", "route", path, "initiator", "client", "code", "1000"))
                    .isEqualTo(3);
            assertThat(now.value("tidegate_closes_total", "route", path, "initiator", "client", "code", "4002"))
                    .isEqualTo(1);
            assertThat(now.value("tidegate_closes_total", "route", path)).isEqualTo(4);
        }
        assertThat(stats().path("closes").path("client").path("1000").asLong()).isEqualTo(15);
    }

    // readers

    @Test
    void whoeverReadsIsToldTheSame() {
        fixture.startRoutes(ROUTES, fixture.upstream(Script.ECHO));
        talk("/close", 1, 2, 3);
        talk("/confirm", 10, 2_000, 30, 70_000);
        talk("/requests", 100, 200);
        fixture.awaitNoSession();
        MetricSnapshot.await(
                fixture.admin(), now -> now.value("tidegate_accounting_total", "what", "delivered") == 3 + 4 + 2);

        for (int i = 0; i < 20; i++) {
            CompletableFuture<String> text = read("text/plain", false);
            CompletableFuture<String> zipped = read("text/plain", true);
            CompletableFuture<String> open = read("application/openmetrics-text; version=1.0.0", false);
            CompletableFuture<String> openZipped = read("application/openmetrics-text; version=1.0.0", true);
            CompletableFuture<JsonNode> stats = CompletableFuture.supplyAsync(this::stats);
            Map<String, Double> expected = traffic(text.join());
            assertThat(expected)
                    .containsEntry("tidegate_relay_seconds_count{direction=\"to_client\",route=\"/confirm\"}", 4.0);
            assertThat(traffic(zipped.join())).isEqualTo(expected);
            assertThat(traffic(open.join())).isEqualTo(expected);
            assertThat(traffic(openZipped.join())).isEqualTo(expected);
            assertSame(stats.join(), expected);
        }
    }

    @Test
    void whoBeginsToWatchIsToldOfTheLastMessage() {
        fixture.startRoutes(ROUTES, fixture.upstream(Script.ECHO));
        for (int i = 1; i <= 5; i++) {
            talk("/reconnect", 1, 2, 3);
            long messages = 3L * i;
            // Not by a scrape, which would tell the histograms that somebody wants to know.
            fixture.awaitAccounting(books -> books.delivered() == messages);
            fixture.awaitState(SessionState.CLOSED, i);
            try (EventStream events = EventStream.open(fixture.admin())) {
                JsonNode aggregates = events.next("aggregates");
                for (String direction : DIRECTIONS) {
                    assertThat(aggregates.path("messages").path(direction).asLong())
                            .isEqualTo(messages);
                    assertThat(aggregates
                                    .path("latency")
                                    .path("relay")
                                    .path(direction)
                                    .path("count")
                                    .asLong())
                            .isEqualTo(messages);
                }
                assertThat(aggregates
                                .path("latency")
                                .path("handshake")
                                .path("count")
                                .asLong())
                        .isEqualTo(i);
            }
        }
    }

    @Test
    void statsTellOfTheLastMessageThoughNobodyScrapes() {
        fixture.startRoutes(ROUTES, fixture.upstream(Script.ECHO));
        for (int i = 1; i <= 5; i++) {
            talk("/reconnect", 1, 2, 3);
            fixture.awaitState(SessionState.CLOSED, i);
            JsonNode relay = stats().path("latency").path("relay");
            assertThat(relay.path("to_upstream").path("count").asLong()).isEqualTo(3L * i);
            assertThat(relay.path("to_client").path("count").asLong()).isEqualTo(3L * i);
        }
    }

    @Test
    void eventsTellOfEachMessageOnceInTheIntervalsOfTheirOwn() {
        fixture.startRoutes(ROUTES, fixture.upstream(Script.ECHO));
        try (EventStream events = EventStream.open(fixture.admin())) {
            assertThat(relayed(events.next("performance"))).isZero();
            talk("/reconnect", 1, 2, 3, 4);
            long seen = 0;
            while (seen < 4) {
                seen += relayed(events.next("performance"));
            }
            assertThat(seen).isEqualTo(4);
            assertThat(relayed(events.next("performance")))
                    .as("in the next one")
                    .isZero();
        }
    }

    private static long relayed(JsonNode performance) {
        long count = performance
                .path("latency")
                .path("relay")
                .path("to_client")
                .path("count")
                .asLong(-1);
        long both = count
                + performance
                        .path("latency")
                        .path("relay")
                        .path("to_upstream")
                        .path("count")
                        .asLong(-1);
        long heat = 0;
        for (JsonNode each : performance.path("heat").path("relay")) {
            heat += each.asLong();
        }
        assertThat(heat).as("of the heat map, which has both directions").isEqualTo(both);
        assertThat(performance.path("heat").path("relay").size())
                .isEqualTo(performance.path("heat").path("boundsMillis").size() + 1);
        return count;
    }

    @Test
    void readersTakeNothingFromEachOtherWhileMessagesPass() {
        fixture.startRoutes(ROUTES, fixture.upstream(Script.ECHO));
        AtomicBoolean done = new AtomicBoolean();
        List<CompletableFuture<Long>> readers = List.of(
                reader(done, () -> count(join(read("text/plain", true)))),
                reader(done, () -> count(join(read("application/openmetrics-text", false)))),
                reader(
                        done,
                        () -> stats().path("latency")
                                .path("relay")
                                .path("to_upstream")
                                .path("count")
                                .asLong()));
        int messages = 0;
        for (int i = 0; i < 30; i++) {
            messages += talk("/close", 1, 2, 3).size() + talk("/confirm", 1, 2).size();
        }
        int all = messages;
        MetricSnapshot.await(
                fixture.admin(),
                now -> now.value("tidegate_relay_seconds_count", "direction", "to_upstream") == all
                        && now.value("tidegate_relay_seconds_count", "direction", "to_client") == all);
        done.set(true);
        for (CompletableFuture<Long> reader : readers) {
            assertThat(reader.join())
                    .as("what a reader saw last, of a figure that never fell")
                    .isEqualTo(all);
        }
    }

    /** Reads until done, and once more. */
    private static CompletableFuture<Long> reader(AtomicBoolean done, Supplier<Long> figure) {
        return CompletableFuture.supplyAsync(() -> {
            long last = 0;
            for (boolean isLast = false; !isLast; ) {
                isLast = done.get();
                long next = figure.get();
                assertThat(next).isGreaterThanOrEqualTo(last);
                last = next;
            }
            return last;
        });
    }

    private static long count(String text) {
        return (long) MetricSnapshot.parse(text).value("tidegate_relay_seconds_count", "direction", "to_upstream");
    }

    private static void assertSame(JsonNode stats, Map<String, Double> expected) {
        for (String route : List.of("/close", "/reconnect", "/confirm", "/requests", "/dedup")) {
            JsonNode of = stats.path("routes").path(route);
            for (String direction : DIRECTIONS) {
                String labels = "{direction=\"" + direction + "\",route=\"" + route + "\"}";
                assertThat(of.path("messages").path(direction).asDouble(-1))
                        .isEqualTo(expected.get("tidegate_messages_total" + labels));
                assertThat(of.path("messageBytes").path(direction).asDouble(-1))
                        .isEqualTo(expected.get("tidegate_message_bytes_total" + labels));
                JsonNode relay = of.path("latency").path("relay").path(direction);
                assertThat(relay.path("count").asDouble(-1))
                        .isEqualTo(expected.get("tidegate_relay_seconds_count" + labels));
                assertThat(relay.path("sum").asDouble(-1) / 1e3)
                        .isCloseTo(expected.get("tidegate_relay_seconds_sum" + labels), Offset.offset(1e-9));
            }
            assertThat(of.path("latency").path("handshake").path("count").asDouble(-1))
                    .isEqualTo(expected.get("tidegate_handshake_seconds_count{route=\"" + route + "\"}"));
        }
    }

    /** All that doesn't change while nothing passes. */
    private static Map<String, Double> traffic(String text) {
        return MetricSnapshot.parse(text).samples().entrySet().stream()
                .filter(sample -> sample.getKey().startsWith("tidegate_"))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, (a, b) -> a, TreeMap::new));
    }

    private CompletableFuture<String> read(String accept, boolean zipped) {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://" + Handshake.hostOf(fixture.admin()) + "/metrics"))
                .header("Accept", accept);
        if (zipped) {
            request.header("Accept-Encoding", "gzip");
        }
        return HTTP.sendAsync(request.build(), BodyHandlers.ofByteArray()).thenApply(response -> {
            assertThat(response.headers().firstValue("Content-Encoding").isPresent())
                    .isEqualTo(zipped);
            assertThat(response.headers().firstValue("Content-Type").orElse("")).startsWith(accept.split(";", 2)[0]);
            return zipped ? unzipped(response) : new String(response.body(), StandardCharsets.UTF_8);
        });
    }

    private static String unzipped(HttpResponse<byte[]> response) {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(response.body()))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String join(CompletableFuture<String> text) {
        return text.join();
    }

    private JsonNode stats() {
        return new AdminClient(fixture.admin()).stats();
    }

    private MetricSnapshot awaitRelayed(String path, int messages) {
        return MetricSnapshot.await(
                fixture.admin(),
                now -> DIRECTIONS.stream()
                                .allMatch(direction ->
                                        now.value("tidegate_relay_seconds_count", "route", path, "direction", direction)
                                                >= messages)
                        && now.value("tidegate_accounting_total", "route", path, "what", "delivered") >= messages);
    }

    private static String[] with(String[] labels, String name, String value) {
        String[] more = Arrays.copyOf(labels, labels.length + 2);
        more[labels.length] = name;
        more[labels.length + 1] = value;
        return more;
    }

    // clients

    /** Sends messages one after the other, waits for each to come back, and goes; how large they were. */
    private List<Integer> talk(String path, int... padding) {
        List<Integer> sizes = new ArrayList<>();
        try (ScriptedClient client = ScriptedClient.connect(fixture.address(), path)) {
            for (Frame frame : messages(padding)) {
                client.send(frame);
                client.awaitFrame();
                sizes.add((int) frame.length());
            }
            client.sendClose(1000, "");
            client.awaitEnd();
        }
        return sizes;
    }

    private List<Integer> talkInOneWrite(String path, int... padding) {
        List<Frame> frames = messages(padding);
        try (ScriptedClient client = ScriptedClient.connect(fixture.address(), path)) {
            client.send(frames.toArray(Frame[]::new));
            client.awaitFrames(frames.size());
            client.sendClose(1000, "");
            client.awaitEnd();
        }
        return frames.stream().map(frame -> (int) frame.length()).toList();
    }

    /** Requests with ids of their own. */
    private static List<Frame> messages(int... padding) {
        List<Frame> frames = new ArrayList<>();
        for (int i = 0; i < padding.length; i++) {
            frames.add(Frame.text("{\"id\":" + (i + 1) + ",\"x\":\"" + "x".repeat(padding[i]) + "\"}"));
        }
        return frames;
    }
}
