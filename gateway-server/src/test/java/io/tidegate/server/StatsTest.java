package io.tidegate.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.breaker.BreakerConfig;
import io.tidegate.server.config.continuity.Confirm;
import io.tidegate.testkit.Frame;
import io.tidegate.testkit.Script;
import io.tidegate.testkit.ScriptedClient;
import io.tidegate.testkit.ScriptedUpstream;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;

/** What {@code GET /api/stats} tells. */
@Timeout(60)
class StatsTest {

    @RegisterExtension
    final GatewayFixture fixture = new GatewayFixture();

    @Test
    void isJsonThatNobodyKeeps() {
        fixture.start(fixture.upstream(Script.ECHO));
        HttpResponse<String> response = admin().get("/api/stats");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).contains("application/json");
        assertThat(response.headers().firstValue("Cache-Control")).contains("no-store");
    }

    @Test
    void namesEveryRouteAndEndpointBeforeAnythingHappened() {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        fixture.start(upstream);
        JsonNode stats = admin().stats();
        assertThat(stats.path("uptimeSeconds").isIntegralNumber()).isTrue();
        assertThat(stats.path("routes").propertyNames()).containsExactlyInAnyOrder("/", "none");
        JsonNode route = stats.path("routes").path("/");
        assertThat(route.path("connections").asInt(-1)).isZero();
        assertThat(route.path("messages").path("to_upstream").asInt(-1)).isZero();
        JsonNode endpoint = endpoint(stats, upstream);
        assertThat(endpoint.path("breaker").asString()).isEqualTo("closed");
        assertThat(endpoint.path("forced").asBoolean(true)).isFalse();
        assertThat(endpoint.path("healthy").asBoolean(false)).isTrue();
        assertThat(endpoint.path("draining").asBoolean(true)).isFalse();
        assertThat(endpoint.path("vanished").asBoolean(true)).isFalse();
        assertThat(endpoint.path("nextProbeMillis").asInt(-1)).isZero();
        assertThat(endpoint.path("connections").asInt(-1)).isZero();
        assertThat(stats.path("upstreams").path("only").path("retries").propertyNames())
                .containsExactlyInAnyOrder("success", "failure", "denied");
    }

    @Test
    void aRouteThatOnlyPassesMessagesHasDeliveredThem() {
        fixture.start(fixture.upstream(Script.ECHO));
        ScriptedClient client = fixture.connect("/");
        client.send(Frame.text("12345"), Frame.text("67"));
        client.awaitFrames(2);
        JsonNode stats = admin().awaitStats(
                        now -> now.path("accounting").path("delivered").asLong() == 2);
        assertThat(stats.path("accounting").path("accepted").asLong()).isEqualTo(2);
        JsonNode route = stats.path("routes").path("/");
        assertThat(route.path("connections").asLong()).isEqualTo(1);
        assertThat(route.path("handshakes").path("opened").asLong()).isEqualTo(1);
        assertThat(route.path("messages").path("to_upstream").asLong()).isEqualTo(2);
        assertThat(route.path("messages").path("to_client").asLong()).isEqualTo(2);
        assertThat(route.path("messageBytes").path("to_upstream").asLong()).isEqualTo(7);
        assertThat(route.path("states").path("relaying").asLong()).isEqualTo(1);
    }

    @Test
    void tellsWhatWaitsWhileTheUpstreamIsGoneAndWhatBecameOfIt() {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        fixture.start(Routes.RECONNECT.with(Confirm.PING).to(upstream));
        ScriptedClient client = fixture.connect("/");
        client.send(Frame.text("before"));
        client.awaitFrames(1);
        upstream.kill();
        admin().awaitStats(now -> route(now).path("states").path("reconnecting").asLong() == 1);
        client.send(Frame.text("1"), Frame.text("2"), Frame.text("3"));
        JsonNode down = admin().awaitStats(
                        now -> route(now).path("accounting").path("accepted").asLong() == 4);
        assertThat(accounted(down.path("accounting"))).isEqualTo(4);
        // The first one, too, if its Pong was lost with the leg.
        assertThat(down.path("accounting").path("queued").asLong()).isBetween(3L, 4L);
        upstream.restart();
        JsonNode up = admin().awaitStats(
                        now -> now.path("accounting").path("delivered").asLong() == 4);
        assertThat(route(up).path("reconnects").path("reconnected").asLong()).isEqualTo(1);
        assertThat(route(up).path("states").path("relaying").asLong()).isEqualTo(2);
        assertThat(endpoint(up, upstream).path("connections").asLong()).isEqualTo(1);
    }

    @Test
    void namesTheReasonOfWhatWasDropped() {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        fixture.start(Routes.RECONNECT.to(upstream));
        ScriptedClient client = fixture.connect("/");
        upstream.kill();
        admin().awaitStats(now -> route(now).path("states").path("reconnecting").asLong() == 1);
        client.send(Frame.text("never read"));
        admin().awaitStats(now -> now.path("accounting").path("queued").asLong() == 1);
        client.sendClose(1000, "");
        JsonNode stats =
                admin().awaitStats(now -> now.path("accounting").path("queued").asLong() == 0);
        assertThat(stats.path("accounting").path("dropped").path("cancelled").asLong())
                .isEqualTo(1);
        assertThat(stats.path("accounting").path("dropped").size()).isEqualTo(1);
    }

    @Test
    void tellsWhenAnOpenBreakerIsProbedNext() {
        ScriptedUpstream upstream = fixture.upstream(Script.HANG_UP);
        fixture.start(Routes.RECONNECT.with(BreakerConfig.DEFAULTS).to(upstream));
        fixture.request("/").awaitEnd();
        JsonNode stats = admin().awaitStats(now ->
                endpoint(now, upstream).path("breaker").asString().equals("open"));
        assertThat(endpoint(stats, upstream).path("nextProbeMillis").asLong()).isBetween(1L, 10_000L);
        assertThat(endpoint(stats, upstream).path("transitions").path("open").asLong())
                .isPositive();
        assertThat(endpoint(stats, upstream).path("dials").asLong()).isPositive();
    }

    private AdminClient admin() {
        return new AdminClient(fixture.admin());
    }

    private static JsonNode route(JsonNode stats) {
        return stats.path("routes").path("/");
    }

    private static JsonNode endpoint(JsonNode stats, ScriptedUpstream upstream) {
        return stats.path("upstreams")
                .path("only")
                .path("endpoints")
                .path(upstream.uri().toString());
    }

    private static long accounted(JsonNode books) {
        long sum = 0;
        for (String name : List.of("delivered", "queued", "unconfirmed", "expired", "duplicate")) {
            assertThat(books.path(name).isIntegralNumber()).as(name).isTrue();
            sum += books.path(name).asLong();
        }
        for (JsonNode drops : books.path("dropped")) {
            sum += drops.asLong();
        }
        return sum;
    }
}
