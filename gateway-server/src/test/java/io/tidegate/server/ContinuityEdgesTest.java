package io.tidegate.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tidegate.queue.Overflow;
import io.tidegate.queue.QueueConfig;
import io.tidegate.server.GatewayFixture.Ends;
import io.tidegate.server.config.Configs;
import io.tidegate.server.config.LimitsConfig;
import io.tidegate.server.config.RouteConfig;
import io.tidegate.server.config.Transport;
import io.tidegate.server.config.continuity.Confirm;
import io.tidegate.server.config.continuity.Continuity;
import io.tidegate.server.config.continuity.ContinuityConfig;
import io.tidegate.server.config.continuity.PingConfig;
import io.tidegate.server.config.continuity.Replay;
import io.tidegate.server.config.continuity.RequestsConfig;
import io.tidegate.server.config.continuity.RouteQueueConfig;
import io.tidegate.server.session.SessionState;
import io.tidegate.testkit.Frame;
import io.tidegate.testkit.Peer;
import io.tidegate.testkit.Script;
import io.tidegate.testkit.ScriptedClient;
import io.tidegate.testkit.ScriptedUpstream;
import io.tidegate.testkit.UpstreamConnection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Sessions in the corners where one thing happens in the middle of another. */
@Timeout(60)
class ContinuityEdgesTest {

    private static final QueueConfig QUEUE = new QueueConfig(1000, 1 << 20, Duration.ofMinutes(5), Overflow.PAUSE);

    @RegisterExtension
    final GatewayFixture fixture = new GatewayFixture();

    @Test
    void aMessageThatEndsARequestKeepsItsPlaceBeforeThoseBehindIt() {
        ScriptedUpstream server = fixture.upstream(Script.ACCEPT);
        start(server, Duration.ofMinutes(1), 0, requests(RequestsConfig.Preset.GRAPHQL_TRANSPORT_WS));
        ScriptedClient client = fixture.connect("/");
        UpstreamConnection upstream = server.awaitConnection();
        Frame subscribe = Frame.text("{\"id\":\"1\",\"type\":\"subscribe\"}");
        Frame complete = Frame.text("{\"id\":\"1\",\"type\":\"complete\"}");
        client.send(subscribe, complete, subscribe);
        assertThat(upstream.awaitFrames(3))
                .extracting(Frame::text)
                .containsExactly(subscribe.text(), complete.text(), subscribe.text());
    }

    @Test
    void aRequestThatCanNotBeAnsweredAnyMoreIsReportedBeforeTheClose() {
        ScriptedUpstream server = fixture.upstream(Script.ACCEPT);
        start(server, Duration.ofSeconds(5), 0, requests(RequestsConfig.Preset.JSON_RPC));
        ScriptedClient client = fixture.connect("/");
        server.awaitConnection();
        server.kill();
        client.send(Frame.text("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"m\"}"));
        assertThat(client.awaitFrame().text()).contains("\"id\":7").contains("upstream lost");
        assertThat(client.awaitClose().closeCode()).isEqualTo(1014);
    }

    @Test
    void aSessionWithItsUpstreamReadsOnWhileOthersFillTheBudget() {
        ScriptedUpstream server = fixture.upstream(Script.ACCEPT);
        start(server, Duration.ofMinutes(1), 1024, null);
        ScriptedClient waits = fixture.connect("/");
        UpstreamConnection first = server.awaitConnection();
        ScriptedClient relays = fixture.connect("/");
        UpstreamConnection second = server.awaitConnection();
        server.stopListening();
        first.reset();
        AdminClient admin = new AdminClient(fixture.admin());
        admin.awaitStats(now ->
                now.path("routes").path("/").path("states").path("reconnecting").asLong() == 1);
        waits.send(Frame.text("x".repeat(4096)));
        admin.awaitStats(now -> now.path("accounting").path("queued").asLong() == 1);
        for (int i = 0; i < 3; i++) {
            relays.send(Frame.text("message " + i));
            assertThat(second.awaitFrame().text()).isEqualTo("message " + i);
        }
        server.restart();
        assertThat(server.awaitConnection().awaitFrame().text()).hasSize(4096);
    }

    @Test
    void whatWaitsNeverExceedsTheBudgetAndAllOfItArrives() {
        int budget = 10_000;
        int clients = 20;
        int each = 10;
        ScriptedUpstream server = fixture.upstream(Script.ACCEPT);
        start(server, Duration.ofMinutes(1), budget, null);
        List<ScriptedClient> all =
                IntStream.range(0, clients).mapToObj(i -> fixture.connect("/")).toList();
        all.forEach(client -> server.awaitConnection());
        server.kill();
        fixture.awaitState(SessionState.RECONNECTING, clients);
        Frame message = Frame.text("x".repeat(700));
        all.forEach(client -> IntStream.range(0, each).forEach(i -> client.send(message)));
        fixture.awaitAccounting(now -> now.queued() >= budget / 708);
        for (int i = 0; i < 50; i++) {
            assertThat(fixture.metrics().value("tidegate_queue_bytes")).isLessThanOrEqualTo(budget);
        }
        server.restart();
        fixture.awaitAccounting(now -> now.delivered() == clients * each);
    }

    @ParameterizedTest
    @EnumSource(names = {"IO_URING", "EPOLL", "NIO"})
    void allThatWaitedIsWrittenAtOnceHoweverTheSocketTakesIt(Transport transport) {
        assumeTrue(EventLoops.isAvailable(transport), () -> transport + " isn't available here");
        fixture.transport = transport;
        ScriptedUpstream server = fixture.upstream(Script.ACCEPT);
        fixture.startRoute("continuity: reconnect\nping: {interval: 1h, timeout: 1h}\n", server);
        Ends ends = fixture.session(server);
        server.kill();
        fixture.awaitState(SessionState.RECONNECTING, 1);
        int waiting = 900;
        String much = "x".repeat(900);
        ends.client()
                .send(IntStream.range(0, waiting)
                        .mapToObj(i -> Frame.text(i + much))
                        .toArray(Frame[]::new));
        fixture.awaitAccounting(now -> now.queued() == waiting);
        server.restart();
        fixture.nextLeg(server).awaitFrames(waiting);
    }

    @Test
    void anOverflowEndsTheSessionOnceHoweverMuchIsBehindIt() {
        ScriptedUpstream server = fixture.upstream(Script.ACCEPT);
        fixture.startRoute("continuity: reconnect\nconfirm: ping\nqueue: {maxMessages: 5, overflow: close}\n", server);
        Ends ends = fixture.session(server);
        ends.client()
                .send(IntStream.range(0, 60_000).mapToObj(i -> Frame.text("")).toArray(Frame[]::new));
        assertThat(ends.client().awaitClose().closeCode()).isEqualTo(1013);
    }

    private static RequestsConfig requests(RequestsConfig.Preset preset) {
        return new RequestsConfig(
                preset, null, null, new Replay(Replay.Kind.ALL, Set.of()), null, Duration.ofSeconds(30));
    }

    private void start(
            ScriptedUpstream server, Duration reconnectFor, long routeBytes, @Nullable RequestsConfig requests) {
        ContinuityConfig continuity =
                new ContinuityConfig(Continuity.RECONNECT, reconnectFor, 1014, Set.of(1001, 1012), Confirm.NONE, null);
        RouteConfig route = new RouteConfig(
                "/",
                "*",
                "only",
                continuity,
                new RouteQueueConfig(QUEUE, routeBytes),
                null,
                requests,
                null,
                PingConfig.DEFAULTS,
                new LimitsConfig(1 << 20, 1 << 20));
        fixture.start(GatewayFixture.config(
                Map.of("only", Configs.upstream(Peer.PATIENCE, List.of(server.uri()))), List.of(route)));
    }
}
