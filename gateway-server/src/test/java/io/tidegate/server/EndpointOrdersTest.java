package io.tidegate.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.breaker.BreakerConfig;
import io.tidegate.server.config.Address;
import io.tidegate.server.config.AdminConfig;
import io.tidegate.server.config.GatewayConfig;
import io.tidegate.testkit.Frame;
import io.tidegate.testkit.Script;
import io.tidegate.testkit.ScriptedClient;
import io.tidegate.testkit.ScriptedUpstream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What operators can tell a gateway, and who may. */
@Timeout(60)
class EndpointOrdersTest {

    private static final String TOKEN = "s3cret-token";
    private static final String BEARER = "Bearer " + TOKEN;

    @RegisterExtension
    final GatewayFixture fixture = new GatewayFixture();

    // what is done

    @Test
    void aDrainedEndpointLosesItsLegsToAnotherAndGetsNoNewOnesUntilItIsUndrained() {
        ScriptedUpstream first = fixture.upstream(Script.ECHO);
        ScriptedUpstream second = fixture.upstream(Script.ECHO);
        start("127.0.0.1", TOKEN, first, second);
        ScriptedClient client = fixture.connect("/");
        client.send(Frame.text("1"));
        client.awaitFrames(1);
        boolean onFirst = !first.connections().isEmpty();
        ScriptedUpstream left = onFirst ? first : second;
        ScriptedUpstream taken = onFirst ? second : first;

        HttpResponse<String> drained = post(path(left, "drain"), "");
        assertThat(drained.statusCode()).as(drained.body()).isEqualTo(200);
        assertThat(drained.headers().firstValue("Content-Type")).contains("application/json");
        assertThat(drained.body()).contains("\"draining\":true");
        admin().awaitStats(now -> connections(now, left) == 0 && connections(now, taken) == 1);
        client.send(Frame.text("2"));
        assertThat(client.awaitFrames(1).get(0).text()).isEqualTo("2");
        fixture.connect("/").send(Frame.text("x"));
        admin().awaitStats(now -> connections(now, taken) == 2);

        assertThat(post(path(left, "undrain"), "").body()).contains("\"draining\":false");
        fixture.connect("/");
        fixture.connect("/");
        admin().awaitStats(now -> connections(now, left) > 0);
    }

    @Test
    void anEndpointWhoseBreakerIsForcedOpenGetsNoDialsUntilItIsClosed() {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        start("127.0.0.1", TOKEN, upstream);
        HttpResponse<String> open = post(path(upstream, "breaker"), "{\"state\": \"open\"}");
        assertThat(open.statusCode()).isEqualTo(200);
        assertThat(open.body()).contains("\"breaker\":\"open\"", "\"forced\":true");
        assertThat(admin().get("/readyz").statusCode()).isEqualTo(503);
        assertThat(fixture.request("/").awaitResponse().status()).isEqualTo(503);
        assertThat(upstream.connections()).isEmpty();
        assertThat(post(path(upstream, "breaker"), "{\"state\": \"closed\"}").body())
                .contains("\"breaker\":\"closed\"", "\"forced\":true");
        fixture.connect("/");
    }

    @Test
    void aBreakerLeftToItselfDecidesAgain() {
        ScriptedUpstream upstream = fixture.upstream(Script.HANG_UP);
        start("127.0.0.1", TOKEN, upstream);
        post(path(upstream, "breaker"), "{\"state\": \"closed\"}");
        fixture.request("/").awaitEnd();
        fixture.request("/").awaitEnd();
        assertThat(breaker(upstream)).as("while forced").isEqualTo("closed");
        assertThat(post(path(upstream, "breaker"), "{\"state\": \"auto\"}").body())
                .contains("\"forced\":false");
        fixture.request("/").awaitEnd();
        fixture.request("/").awaitEnd();
        admin().awaitStats(now ->
                endpoint(now, upstream).path("breaker").asString().equals("open"));
    }

    @Test
    void hostAndPortAreNameEnoughWhereOnlyOneEndpointHasThem() {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        start("127.0.0.1", TOKEN, upstream);
        String path = "/api/upstreams/only/endpoints/127.0.0.1:" + upstream.port() + "/drain";
        assertThat(post(path, "").statusCode()).isEqualTo(200);
        assertThat(endpoint(admin().stats(), upstream).path("draining").asBoolean())
                .isTrue();
    }

    // who may

    @Test
    void nobodyChangesAnythingWithoutATokenConfigured() {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        start("127.0.0.1", null, upstream);
        HttpResponse<String> refused = post(path(upstream, "drain"), "");
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(refused.body()).contains("admin.token", "TIDEGATE_ADMIN_TOKEN");
        assertThat(endpoint(admin().stats(), upstream).path("draining").asBoolean(true))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Bearer s3cret-toke",
                "Bearer s3cret-token2",
                "Bearer S3CRET-TOKEN",
                "Bearer",
                "Basic s3cret-token",
                "s3cret-token"
            })
    void aWrongTokenIs401(String authorization) {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        start("127.0.0.1", TOKEN, upstream);
        HttpResponse<String> refused =
                admin().send("POST", path(upstream, "drain"), "", "Authorization", authorization);
        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(refused.headers().firstValue("WWW-Authenticate")).contains("Bearer");
        assertThat(refused.body()).doesNotContain(TOKEN);
        assertThat(endpoint(admin().stats(), upstream).path("draining").asBoolean(true))
                .isFalse();
    }

    @Test
    void noTokenIs401AndItsSchemeMayBeWrittenInAnyCase() {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        start("127.0.0.1", TOKEN, upstream);
        assertThat(admin().send("POST", path(upstream, "drain"), "").statusCode())
                .isEqualTo(401);
        assertThat(admin().send("POST", path(upstream, "drain"), "", "Authorization", "bearer " + TOKEN)
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void onLoopbackAnybodyMayReadAndElsewhereWhoBearsTheToken() {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        start("127.0.0.1", TOKEN, upstream);
        assertThat(admin().get("/metrics").statusCode()).isEqualTo(200);
        assertThat(admin().get("/api/stats").statusCode()).isEqualTo(200);
        fixture.stop();
        start("0.0.0.0", TOKEN, upstream);
        for (String path : new String[] {"/metrics", "/api/stats"}) {
            assertThat(admin().get(path).statusCode()).as(path).isEqualTo(401);
            assertThat(admin().get(path, "Authorization", BEARER).statusCode())
                    .as(path)
                    .isEqualTo(200);
        }
        assertThat(admin().get("/livez").statusCode()).isEqualTo(200);
        assertThat(admin().get("/readyz").statusCode()).isEqualTo(200);
        fixture.stop();
    }

    // what is wrong

    @Test
    void whatIsNotKnownIs404AndNamesWhatIs() {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        start("127.0.0.1", TOKEN, upstream);
        HttpResponse<String> noUpstream = post("/api/upstreams/other/endpoints/x/drain", "");
        assertThat(noUpstream.statusCode()).isEqualTo(404);
        assertThat(noUpstream.body()).isEqualTo("upstream: other (expected: one of only)\n");
        HttpResponse<String> noEndpoint = post("/api/upstreams/only/endpoints/ws%3A%2F%2Fx/drain", "");
        assertThat(noEndpoint.statusCode()).isEqualTo(404);
        assertThat(noEndpoint.body()).isEqualTo("endpoint: ws://x (expected: one of " + upstream.uri() + ")\n");
        assertThat(post("/api/upstreams/only/endpoints/x/explode", "").statusCode())
                .isEqualTo(404);
        assertThat(post("/api/upstreams/only/endpoints/drain", "").statusCode()).isEqualTo(404);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"state\": \"ajar\"} | state: ajar (expected: open, closed or auto)",
                "{\"state\": 1} | state: no string (expected: open, closed or auto)",
                "{\"state\": {\"state\": \"open\"}} | state: no string (expected: open, closed or auto)",
                "{} | state: missing (expected: open, closed or auto)",
                "{\"mode\": \"open\"} | mode: unknown (expected:",
                "{\"state\": \"open\", \"more\": 1} | more: unknown (expected:",
                "{\"state\": \"open\", \"state\": \"auto\"} | body: not JSON (expected:",
                "[\"open\"] | body: no JSON object (expected:",
                "open | body: not JSON (expected:",
                "{\"state\": \"open\" | body: not JSON (expected:",
                "{\"state\": \"open\"} {} | body: more than one JSON value (expected:",
                "`` | body: no JSON object (expected:",
            })
    void aBadBodyIs400AndSaysWhatWasExpected(String body, String expected) {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        start("127.0.0.1", TOKEN, upstream);
        HttpResponse<String> refused = post(path(upstream, "breaker"), body);
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).startsWith(expected);
        assertThat(breaker(upstream)).isEqualTo("closed");
    }

    @Test
    void aHugeBodyIs413AndTheNextRequestIsServed() {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        start("127.0.0.1", TOKEN, upstream);
        HttpResponse<String> refused = post(path(upstream, "breaker"), "[".repeat(4 << 20));
        assertThat(refused.statusCode()).isEqualTo(413);
        assertThat(refused.body()).contains("1024");
        assertThat(post(path(upstream, "breaker"), "[".repeat(1024)).statusCode())
                .isEqualTo(400);
        assertThat(post(path(upstream, "breaker"), "{\"state\": \"auto\"}").statusCode())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "PUT", "DELETE", "HEAD", "OPTIONS"})
    void ordersAreGivenByPostOnly(String method) {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        start("127.0.0.1", TOKEN, upstream);
        HttpResponse<String> refused = admin().send(method, path(upstream, "drain"), "", "Authorization", BEARER);
        assertThat(refused.statusCode()).isEqualTo(405);
        assertThat(refused.headers().firstValue("Allow")).contains("POST");
        assertThat(endpoint(admin().stats(), upstream).path("draining").asBoolean(true))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/", "/api", "/livez", "/readyz", "/metrics", "/api/stats", "/api/sessions", "/api/histograms"})
    void pagesAreReadByGetAndHeadOnly(String path) {
        start("127.0.0.1", TOKEN, fixture.upstream(Script.ECHO));
        HttpResponse<String> refused = post(path, "x");
        assertThat(refused.statusCode()).isEqualTo(405);
        assertThat(refused.headers().firstValue("Allow")).contains("GET, HEAD");
        HttpResponse<String> head = admin().send("HEAD", path, "");
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
        assertThat(admin().get(path).body()).isNotEmpty();
    }

    @Test
    void theIndexListsEveryPath() {
        start("127.0.0.1", null, fixture.upstream(Script.ECHO));
        assertThat(admin().get("/api").body())
                .contains("/livez", "/readyz", "/metrics", "/api/stats", "/api/events", "/api/sessions")
                .contains("/api/histograms", "/drain", "/undrain", "/breaker");
    }

    @ParameterizedTest
    @CsvSource({
        "/api/upstreams/only/endpoints/%00/drain, 404",
        "/api/upstreams/%00only/endpoints/x/drain, 404",
        "/api/upstreams/only/endpoints/%1b%5b2J/drain, 404",
        "/api/upstreams/only/endpoints/%ff%fe/drain, 404",
        "/api/upstreams/only/endpoints/%zz/drain, 400",
        "/api/upstreams/only/endpoints/%/drain, 400",
        "/api/upstreams/only/endpoints/../../../../livez, 404",
        "/api/upstreams//endpoints//drain, 404",
        "//api/stats, 404",
        "/api/stats%00, 404",
        "http://elsewhere.example/livez, 405",
        "*, 404",
    })
    void hostilePathsAreAnsweredAndPrintNothingHostile(String target, int status) throws IOException {
        start("127.0.0.1", TOKEN, fixture.upstream(Script.ECHO));
        String answer = raw("POST " + target + " HTTP/1.1\r\nHost: x\r\nAuthorization: " + BEARER
                + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 " + status + " ");
        assertThat(answer.replaceAll("[\r\n]", "")).doesNotContainPattern("\\p{Cntrl}");
        assertThat(admin().get("/livez").statusCode()).isEqualTo(200);
    }

    @Test
    void whoIsRefusedIsNotWaitedFor() throws IOException {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        start("127.0.0.1", TOKEN, upstream);
        String answer = raw("POST " + path(upstream, "drain")
                + " HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\nand nothing more");
        assertThat(answer).startsWith("HTTP/1.1 401 ").containsIgnoringCase("connection: close");
    }

    private void start(String host, @Nullable String token, ScriptedUpstream... endpoints) {
        BreakerConfig quick = BreakerConfig.DEFAULTS.withWindow(2, 2).withOpenFor(Duration.ofHours(1));
        GatewayConfig config = Routes.RECONNECT.with(quick).to(endpoints);
        fixture.start(GatewayFixture.withAdmin(config, new AdminConfig(new Address(host, 0), token)));
    }

    private AdminClient admin() {
        return new AdminClient(new InetSocketAddress(
                InetAddress.getLoopbackAddress(), fixture.admin().getPort()));
    }

    private HttpResponse<String> post(String path, String body) {
        return admin().send("POST", path, body, "Authorization", BEARER);
    }

    private String raw(String request) throws IOException {
        try (Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), fixture.admin().getPort())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(request.getBytes(US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String path(ScriptedUpstream upstream, String verb) {
        String label = URLEncoder.encode(upstream.uri().toString(), StandardCharsets.UTF_8);
        return "/api/upstreams/only/endpoints/" + label + '/' + verb;
    }

    private String breaker(ScriptedUpstream upstream) {
        return endpoint(admin().stats(), upstream).path("breaker").asString();
    }

    private static long connections(JsonNode stats, ScriptedUpstream upstream) {
        return endpoint(stats, upstream).path("connections").asLong(-1);
    }

    private static JsonNode endpoint(JsonNode stats, ScriptedUpstream upstream) {
        return stats.path("upstreams")
                .path("only")
                .path("endpoints")
                .path(upstream.uri().toString());
    }
}
