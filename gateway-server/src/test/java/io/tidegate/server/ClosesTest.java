package io.tidegate.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.server.GatewayFixture.Ends;
import io.tidegate.server.config.LimitsConfig;
import io.tidegate.server.traffic.Initiator;
import io.tidegate.server.traffic.RouteTraffic;
import io.tidegate.testkit.Frame;
import io.tidegate.testkit.MetricSnapshot;
import io.tidegate.testkit.Peer;
import io.tidegate.testkit.Script;
import io.tidegate.testkit.ScriptedClient;
import io.tidegate.testkit.ScriptedUpstream;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each session that ends is in {@code tidegate_closes_total} once: by who ended it, and what its client leg ended with. */
@Timeout(60)
class ClosesTest {

    private static final String CLOSES = "tidegate_closes_total";

    @RegisterExtension
    final GatewayFixture fixture = new GatewayFixture();

    // the client

    @ParameterizedTest
    @ValueSource(ints = {1000, 1001, 3000, 4001, 4999})
    void clientSaysWhy(int code) {
        Ends ends = fixture.session();
        ends.client().sendClose(code, "so long");
        ends.upstream().echo();
        ends.client().awaitEnd();
        assertOnly("client", Integer.toString(code));
    }

    @Test
    void clientSaysNothing() {
        Ends ends = fixture.session();
        ends.client().send(Frame.close());
        ends.upstream().echo();
        ends.client().awaitEnd();
        assertOnly("client", "1005");
    }

    @Test
    void clientEndsTheConnectionWithoutAClose() {
        Ends ends = fixture.session();
        ends.upstream().echo();
        ends.client().shutdownOutput();
        ends.upstream().awaitClose();
        ends.client().close();
        assertOnly("client", "1006");
    }

    @Test
    void clientVanishes() {
        Ends ends = fixture.session();
        ends.client().reset();
        ends.upstream().awaitClose();
        ends.upstream().close();
        assertOnly("client", "1006");
    }

    @Test
    void clientSaysWhyWhileNoUpstreamIsThere() {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        fixture.start(Routes.RECONNECT.to(upstream));
        ScriptedClient client = fixture.connect("/");
        upstream.kill();
        awaitReconnecting();
        client.sendClose(4100, "");
        client.awaitEnd();
        assertOnly("client", "4100");
    }

    @Test
    void clientVanishesWhileNoUpstreamIsThere() {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        fixture.start(Routes.RECONNECT.to(upstream));
        ScriptedClient client = fixture.connect("/");
        upstream.kill();
        awaitReconnecting();
        client.reset();
        assertOnly("client", "1006");
    }

    // the upstream

    @ParameterizedTest
    @ValueSource(ints = {1000, 1011, 1012, 4001})
    void upstreamSaysWhy(int code) {
        Ends ends = fixture.session();
        ends.client().echo();
        ends.upstream().sendClose(code, "go away");
        assertThat(ends.client().awaitClose().closeCode()).isEqualTo(code);
        ends.upstream().awaitClose();
        ends.upstream().close();
        assertOnly("upstream", Integer.toString(code));
    }

    @Test
    void upstreamSaysNothing() {
        Ends ends = fixture.session();
        ends.client().echo();
        ends.upstream().send(Frame.close());
        ends.upstream().awaitClose();
        ends.upstream().close();
        assertOnly("upstream", "1005");
    }

    @Test
    void upstreamSaysWhatIsFinalWhereLegsAreReplaced() {
        ScriptedUpstream upstream = fixture.upstream(Script.ACCEPT);
        fixture.start(Routes.RECONNECT.to(upstream));
        Ends ends = fixture.session(upstream);
        ends.client().echo();
        ends.upstream().sendClose(4500, "final");
        ends.upstream().awaitClose();
        ends.upstream().close();
        assertOnly("upstream", "4500");
    }

    @Test
    void aLegThatIsLostAndReplacedEndsNothing() {
        ScriptedUpstream upstream = fixture.upstream(Script.ACCEPT);
        fixture.start(Routes.RECONNECT.to(upstream));
        Ends ends = fixture.session(upstream);
        fixture.replace(ends.upstream(), upstream);
        assertThat(fixture.metrics().has(CLOSES)).isFalse();
        ends.client().sendClose(1000, "");
        upstream.connections().get(1).echo();
        ends.client().awaitEnd();
        assertOnly("client", "1000");
    }

    // the gateway

    @Test
    void upstreamVanishes() {
        Ends ends = fixture.session();
        ends.client().echo();
        ends.upstream().reset();
        assertThat(ends.client().awaitClose().closeCode()).isEqualTo(1014);
        assertOnly("gateway", "1014");
    }

    @Test
    void clientBreaksTheProtocol() {
        Ends ends = fixture.session();
        ends.client().sendExactly(Frame.text("unmasked"));
        assertThat(ends.client().awaitClose().closeCode()).isEqualTo(1002);
        ends.client().close();
        ends.upstream().close();
        assertOnly("gateway", "1002");
    }

    @Test
    void clientSendsTooMuch() {
        Ends ends = fixture.session(new LimitsConfig(100, 100));
        ends.client().send(Frame.binary(new byte[101]));
        assertThat(ends.client().awaitClose().closeCode()).isEqualTo(1009);
        ends.client().close();
        ends.upstream().close();
        assertOnly("gateway", "1009");
    }

    @Test
    void upstreamBreaksTheProtocol() {
        Ends ends = fixture.session();
        ends.client().echo();
        ends.upstream().sendExactly(Frame.text("masked").maskedWith(7));
        assertThat(ends.client().awaitClose().closeCode()).isEqualTo(1014);
        ends.upstream().close();
        assertOnly("gateway", "1014");
    }

    @Test
    void upstreamSendsTooMuch() {
        Ends ends = fixture.session(new LimitsConfig(100, 100));
        ends.client().echo();
        ends.upstream().send(Frame.binary(new byte[101]));
        assertThat(ends.client().awaitClose().closeCode()).isEqualTo(1009);
        ends.upstream().close();
        assertOnly("gateway", "1009");
    }

    @Test
    void theSearchForAnotherUpstreamIsOver() {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        fixture.start(Routes.RECONNECT.within(Duration.ofMillis(100)).to(upstream));
        ScriptedClient client = fixture.connect("/");
        client.echo();
        upstream.kill();
        assertThat(client.awaitClose().closeCode()).isEqualTo(1014);
        assertOnly("gateway", "1014");
    }

    @Test
    void gatewayStops() {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        Gateway gateway = fixture.start(upstream);
        ScriptedClient first = fixture.connect("/");
        ScriptedClient second = fixture.connect("/");
        first.echo();
        second.echo();
        gateway.stop(Peer.PATIENCE);
        fixture.forget();
        assertThat(first.awaitClose().closeCode()).isEqualTo(1001);
        RouteTraffic route = gateway.traffic().get(0);
        assertThat(route.closes(Initiator.GATEWAY)).isEqualTo(Map.of("1001", 2L));
        assertThat(route.closes(Initiator.CLIENT)).isEmpty();
        assertThat(route.closes(Initiator.UPSTREAM)).isEmpty();
    }

    // all

    @Test
    void whatComesBehindTheEndChangesNothing() {
        Ends ends = fixture.session();
        ends.client().sendClose(4001, "first");
        ends.upstream().awaitClose();
        ends.upstream().sendClose(1011, "second");
        ends.upstream().close();
        ends.client().awaitEnd();
        assertOnly("client", "4001");
    }

    @Test
    void codesBeyondTheFirstFiftyAreOthers() {
        fixture.start(fixture.upstream(Script.ECHO));
        for (int i = 0; i < 60; i++) {
            end(4000 + i);
        }
        end(4000);
        end(4059);
        MetricSnapshot now = awaitEnded(62);
        long series = now.samples().keySet().stream()
                .filter(name -> name.startsWith(CLOSES))
                .count();
        assertThat(series).isEqualTo(50 + 1);
        assertThat(now.value(CLOSES, "code", "4000")).isEqualTo(2);
        assertThat(now.value(CLOSES, "code", "4049")).isEqualTo(1);
        assertThat(now.has(CLOSES, "code", "4050")).isFalse();
        assertThat(now.value(CLOSES, "code", "other")).isEqualTo(11);
        assertThat(now.value(CLOSES)).isEqualTo(62);
        assertThat(new AdminClient(fixture.admin())
                        .stats()
                        .path("closes")
                        .path("client")
                        .path("other")
                        .asLong())
                .isEqualTo(11);
    }

    private void end(int code) {
        try (ScriptedClient client = ScriptedClient.connect(fixture.address(), "/")) {
            client.sendClose(code, "");
            client.awaitEnd();
        }
    }

    private void awaitReconnecting() {
        MetricSnapshot.await(
                fixture.admin(), now -> now.value("tidegate_session_transitions_total", "to", "reconnecting") == 1);
    }

    private MetricSnapshot awaitEnded(long sessions) {
        return MetricSnapshot.await(
                fixture.admin(),
                now -> now.value("tidegate_session_transitions_total", "to", "closed") == sessions
                        && now.value("tidegate_connections") == 0);
    }

    /** One session ended, and this is all there is of it. */
    private void assertOnly(String initiator, String code) {
        MetricSnapshot now = awaitEnded(1);
        assertThat(now.value(CLOSES, "route", "/", "initiator", initiator, "code", code))
                .as("%s, of%s", initiator + ' ' + code, now)
                .isEqualTo(1);
        assertThat(now.value(CLOSES)).isEqualTo(1);
        Map<String, Map<String, Long>> told = new TreeMap<>();
        new AdminClient(fixture.admin())
                .stats()
                .path("closes")
                .properties()
                .forEach(by -> by.getValue()
                        .properties()
                        .forEach(each -> told.computeIfAbsent(by.getKey(), key -> new TreeMap<>())
                                .put(each.getKey(), each.getValue().asLong())));
        assertThat(told).isEqualTo(Map.of(initiator, Map.of(code, 1L)));
    }
}
