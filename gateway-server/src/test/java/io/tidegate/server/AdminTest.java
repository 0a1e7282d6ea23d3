package io.tidegate.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.breaker.BreakerConfig;
import io.tidegate.server.GatewayFixture.Ends;
import io.tidegate.server.config.Configs;
import io.tidegate.server.config.UpstreamConfig;
import io.tidegate.testkit.Frame;
import io.tidegate.testkit.Handshake;
import io.tidegate.testkit.MetricSnapshot;
import io.tidegate.testkit.Peer;
import io.tidegate.testkit.Script;
import io.tidegate.testkit.ScriptedUpstream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What operators see on the admin port. */
@Timeout(60)
class AdminTest {

    @RegisterExtension
    final GatewayFixture fixture = new GatewayFixture();

    @Test
    void aGatewayThatRunsIsLiveAndReady() throws Exception {
        fixture.start(fixture.upstream(Script.ECHO));
        assertThat(get("/livez").statusCode()).isEqualTo(200);
        assertThat(get("/readyz").statusCode()).isEqualTo(200);
        assertThat(get("/livez?verbose").statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/nothing", "/metrics/x", "/livezz", "/%2e%2e/metrics"})
    void whatIsNotThereIs404(String path) throws Exception {
        fixture.start(fixture.upstream(Script.ECHO));
        assertThat(get(path).statusCode()).isEqualTo(404);
    }

    @Test
    void theAdminPortServesNoClientsAndTheListenersNoMetrics() throws Exception {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        fixture.start(upstream);
        try (var client = io.tidegate.testkit.ScriptedClient.request(fixture.admin(), Handshake.of("/"))) {
            assertThat(client.awaitResponse().status()).isNotEqualTo(101);
        }
        URI uri = URI.create("http://" + Handshake.hostOf(fixture.address()) + "/metrics");
        assertThat(send(HttpRequest.newBuilder(uri)).statusCode()).isEqualTo(426);
        assertThat(upstream.connections()).isEmpty();
    }

    @Test
    void metricsArePrometheusTextAndOpenMetricsOnRequest() throws Exception {
        fixture.session();
        MetricSnapshot.await(fixture.admin(), now -> now.value("tidegate_connections") == 1);
        HttpResponse<String> text = get("/metrics");
        assertThat(text.headers().firstValue("Content-Type").orElse("")).startsWith("text/plain");
        assertThat(text.body()).contains("# TYPE tidegate_connections gauge", "# TYPE tidegate_messages_total counter");
        HttpResponse<String> open = send(HttpRequest.newBuilder(uri("/metrics"))
                .header("Accept", "application/openmetrics-text; version=1.0.0"));
        assertThat(open.headers().firstValue("Content-Type").orElse("")).startsWith("application/openmetrics-text");
        assertThat(open.body()).endsWith("# EOF\n");
        assertThat(MetricSnapshot.parse(open.body()).value("tidegate_connections"))
                .isEqualTo(1);
    }

    @Test
    void sessionsAreCountedWhileTheyLastAndInAll() {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        fixture.start(upstream);
        MetricSnapshot before = fixture.metrics();
        var first = fixture.connect("/");
        fixture.connect("/");
        MetricSnapshot.await(fixture.admin(), now -> now.value("tidegate_connections") == 2);
        first.sendClose(1000, "");
        first.awaitEnd();
        MetricSnapshot after = MetricSnapshot.await(fixture.admin(), now -> now.value("tidegate_connections") == 1);
        assertThat(after.minus(before).value("tidegate_connections_total")).isEqualTo(2);
    }

    @Test
    void refusedAndFailedHandshakesAreCountedByTheirResultAndAreNoConnections() {
        ScriptedUpstream upstream = fixture.upstream(Script.refuse(401, "no"));
        fixture.start(upstream);
        MetricSnapshot before = fixture.metrics();
        fixture.request("/").awaitEnd();
        upstream.script(Script.HANG_UP);
        fixture.request("/").awaitEnd();
        upstream.script(Script.ECHO);
        fixture.connect("/");
        MetricSnapshot added = MetricSnapshot.await(
                        fixture.admin(), now -> now.minus(before).value("tidegate_connections_total") == 3)
                .minus(before);
        assertThat(added.value("tidegate_connections")).isEqualTo(1);
        assertThat(added.samples().keySet().stream().filter(name -> name.startsWith("tidegate_connections_total")))
                .as("a result of its own each")
                .hasSize(3)
                .allMatch(name -> name.contains("result=") && name.contains("route="));
    }

    @Test
    void anUpstreamWithoutAUsableEndpointIsToldAboutAndItsClientsAreAskedToComeBack() throws Exception {
        ScriptedUpstream upstream = fixture.upstream(Script.HANG_UP);
        UpstreamConfig usual = Configs.upstream(Peer.PATIENCE, List.of(upstream.uri()));
        UpstreamConfig strict = new UpstreamConfig(
                usual.endpoints(),
                usual.balance(),
                usual.connectTimeout(),
                usual.retry(),
                BreakerConfig.DEFAULTS.withWindow(2, 2).withOpenFor(Duration.ofSeconds(30)),
                null,
                usual.reconnectRate(),
                usual.dns());
        fixture.start(GatewayFixture.config(
                Map.of("chat", strict), List.of(Configs.route("/", "*", "chat", GatewayFixture.UNLIMITED))));
        assertThat(fixture.metrics().value("tidegate_breaker_state")).isZero();
        assertThat(fixture.request("/").awaitResponse().status()).isEqualTo(502);

        assertThat(get("/readyz").statusCode()).isEqualTo(503);
        assertThat(get("/readyz").body()).isEqualTo("no usable endpoint (upstream chat)\n");
        var response = fixture.request("/").awaitResponse();
        assertThat(response.status()).isEqualTo(503);
        assertThat(Integer.parseInt(response.header("Retry-After"))).isBetween(1, 30);
        String labels = "{endpoint=\"" + upstream.uri() + "\",%supstream=\"chat\"}";
        assertThat(fixture.metrics().samples())
                .containsEntry("tidegate_breaker_state" + labels.formatted(""), 2.0)
                .containsEntry("tidegate_breaker_transitions_total" + labels.formatted("to=\"open\","), 1.0)
                .containsEntry("tidegate_breaker_transitions_total" + labels.formatted("to=\"closed\","), 0.0)
                .containsEntry("tidegate_retries_total{result=\"failure\",upstream=\"chat\"}", 1.0)
                .containsEntry("tidegate_retries_total{result=\"success\",upstream=\"chat\"}", 0.0);

        upstream.script(Script.ACCEPT);
        MetricSnapshot.await(fixture.admin(), now -> now.value("tidegate_breaker_state") == 1);
        assertThat(get("/readyz").statusCode()).isEqualTo(200);
    }

    @Test
    void messagesAndTheirBytesAreCountedByDirection() {
        Ends ends = fixture.session();
        MetricSnapshot before = fixture.metrics();
        ends.client().send(Frame.text("12345"), Frame.ping("not a message"), Frame.binary(new byte[70_000]));
        ends.client().sendFragmented("one ", "message", "");
        ends.client().send(Frame.text(""));
        ends.upstream().send(Frame.text("123"), Frame.pong("nor this"));
        ends.upstream().awaitFrames(7);
        ends.client().awaitFrames(2);
        MetricSnapshot added = MetricSnapshot.await(fixture.admin(), now -> {
                    MetricSnapshot difference = now.minus(before);
                    return difference.value("tidegate_messages_total") >= 5
                            && difference.value("tidegate_message_bytes_total") >= 70_019;
                })
                .minus(before);
        assertThat(added.value("tidegate_messages_total", "direction", "to_upstream"))
                .isEqualTo(4);
        assertThat(added.value("tidegate_messages_total", "direction", "to_client"))
                .isEqualTo(1);
        assertThat(added.value("tidegate_message_bytes_total", "direction", "to_upstream"))
                .isEqualTo(5 + 70_000 + 11);
        assertThat(added.value("tidegate_message_bytes_total", "direction", "to_client"))
                .isEqualTo(3);
    }

    @Test
    void everyRouteHasItsOwnSeries() {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        fixture.start(
                GatewayFixture.routes(List.of("* /a", "* /b", "b.example /b"), List.of(upstream, upstream, upstream)));
        MetricSnapshot before = fixture.metrics();
        fixture.connect("/a").send(Frame.text("x"));
        fixture.connect("/b").send(Frame.text("x"));
        fixture.connect("/b", "Host: b.example").send(Frame.text("x"));
        MetricSnapshot added = MetricSnapshot.await(
                        fixture.admin(), now -> now.minus(before).value("tidegate_messages_total") == 6)
                .minus(before);
        assertThat(added.samples().keySet().stream().filter(name -> name.startsWith("tidegate_connections{")))
                .hasSize(3);
        assertThat(added.samples().keySet().stream().filter(name -> name.startsWith("tidegate_messages_total{")))
                .hasSize(6);
    }

    @Test
    void metricsNameNoSessionAndNoPath() {
        fixture.start(fixture.upstream(Script.ECHO));
        fixture.connect("/secret-path?token=secret");
        MetricSnapshot now = MetricSnapshot.await(fixture.admin(), each -> each.value("tidegate_connections") == 1);
        assertThat(now.toString()).doesNotContain("secret");
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(uri(path)));
    }

    private URI uri(String path) {
        return URI.create("http://" + Handshake.hostOf(fixture.admin()) + path);
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString());
    }
}
