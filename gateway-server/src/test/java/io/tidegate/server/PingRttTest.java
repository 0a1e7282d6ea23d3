package io.tidegate.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.server.GatewayFixture.Ends;
import io.tidegate.testkit.Frame;
import io.tidegate.testkit.MetricSnapshot;
import io.tidegate.testkit.Peer;
import io.tidegate.testkit.Script;
import io.tidegate.testkit.ScriptedUpstream;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How long the gateway's own pings take, on both legs; and that nobody but the gateway sees their Pongs. */
@Timeout(60)
class PingRttTest {

    private static final String COUNT = "tidegate_ping_rtt_seconds_count";
    private static final String PLAIN = "continuity: reconnect\nping: {clientInterval: 50ms}";
    private static final String CONFIRM = PLAIN + "\nconfirm: ping";
    private static final String SELDOM = "continuity: reconnect\nping: {clientInterval: 24h}";

    @RegisterExtension
    final GatewayFixture fixture = new GatewayFixture();

    // clients

    @ParameterizedTest
    @ValueSource(strings = {PLAIN, CONFIRM})
    void aClientThatAnswersIsTimedAndItsUpstreamSeesNothingOfIt(String route) {
        Ends ends = start(route);
        answer(ends.client());
        MetricSnapshot now = await(each -> each.value(COUNT, "leg", "client") >= 5);
        assertThat(now.value("tidegate_ping_rtt_seconds_sum", "leg", "client")).isBetween(1e-6, 60.0);
        assertThat(now.value("tidegate_ping_rtt_seconds_bucket", "leg", "client", "le", "+Inf"))
                .isEqualTo(now.value(COUNT, "leg", "client"));
        JsonRtt rtt = stats();
        assertThat(rtt.client).isGreaterThanOrEqualTo(5);
        ends.client().send(Frame.text("the end"));
        ends.upstream().awaitFrame("the last message", frame -> frame.equals(Frame.text("the end")));
        assertThat(ends.upstream().frames()).noneMatch(frame -> frame.opcode() == Frame.PONG);
    }

    @ParameterizedTest
    @ValueSource(strings = {PLAIN, CONFIRM})
    void aPongThatIsNotForTheGatewayReachesTheUpstream(String route) {
        Ends ends = start(route);
        answer(ends.client());
        Frame ours = awaitPing(ends.client());
        await(each -> each.value(COUNT, "leg", "client") >= 1);
        for (int length : new int[] {8, 15, 17}) {
            Frame almost = Frame.of(Frame.PONG, Arrays.copyOf(ours.payload(), length));
            ends.client().send(almost);
            assertThat(awaitPong(ends.upstream())).as("%d bytes", length).isEqualTo(almost);
        }
        ends.upstream().send(Frame.ping("from the upstream"));
        assertThat(awaitPong(ends.upstream())).isEqualTo(Frame.pong("from the upstream"));
        ends.client().send(Frame.pong("sixteen bytes 16"));
        assertThat(awaitPong(ends.upstream())).isEqualTo(Frame.pong("sixteen bytes 16"));
        ends.client().send(Frame.pong(""));
        assertThat(awaitPong(ends.upstream())).isEqualTo(Frame.pong(""));
    }

    @ParameterizedTest
    @ValueSource(strings = {PLAIN, CONFIRM})
    void aClientThatDoesNotAnswerStaysAndHasNoTime(String route) {
        Ends ends = start(route);
        for (int i = 0; i < 10; i++) {
            awaitPing(ends.client());
        }
        ends.client().send(Frame.text("still here"));
        ends.upstream().awaitFrame("the message", frame -> frame.equals(Frame.text("still here")));
        ends.upstream().send(Frame.text("so are we"));
        ends.client().awaitFrame("the message", frame -> frame.equals(Frame.text("so are we")));
        MetricSnapshot now = fixture.metrics();
        assertThat(now.value(COUNT, "leg", "client")).isZero();
        assertThat(now.value("tidegate_connections")).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {PLAIN, CONFIRM})
    void messagesAroundAPongKeepTheirOrder(String route) {
        Ends ends = start(route);
        for (int round = 0; round < 20; round++) {
            Frame ours = pongTo(awaitPing(ends.client()));
            String name = "round " + round + " message ";
            ends.client()
                    .send(
                            Frame.text(name + 1),
                            ours,
                            Frame.text(name + 2).withFin(false),
                            Frame.pong("mine"),
                            ours,
                            Frame.continuation(name + 3),
                            ours,
                            Frame.text(name + 4));
        }
        ends.upstream().awaitFrame("the last", frame -> frame.equals(Frame.text("round 19 message 4")));
        List<Frame> data = ends.upstream().frames().stream()
                .filter(frame -> !frame.isControl())
                .toList();
        assertThat(data)
                .isEqualTo(IntStream.range(0, 20)
                        .mapToObj(round -> "round " + round + " message ")
                        .flatMap(name -> List.of(
                                Frame.text(name + 1),
                                Frame.text(name + 2).withFin(false),
                                Frame.continuation(name + 3),
                                Frame.text(name + 4))
                                .stream())
                        .toList());
        assertThat(ends.upstream().frames().stream().filter(frame -> frame.opcode() == Frame.PONG))
                .hasSize(20)
                .containsOnly(Frame.pong("mine"));
        assertThat(fixture.metrics().value(COUNT, "leg", "client"))
                .as("once each, whatever else is sent")
                .isBetween(1.0, 20.0);
    }

    @Test
    void onlyTheLastPingIsTimedAndOnlyOnce() {
        Ends ends = start(PLAIN);
        Frame first = awaitPing(ends.client());
        Frame second = awaitPing(ends.client());
        assertThat(first).isNotEqualTo(second);
        ends.client().send(pongTo(first), Frame.text("a"));
        ends.upstream().awaitFrame("the message", frame -> frame.equals(Frame.text("a")));
        assertThat(fixture.metrics().value(COUNT, "leg", "client"))
                .as("an old one")
                .isZero();
        assertThat(ends.upstream().frames()).noneMatch(frame -> frame.opcode() == Frame.PONG);
    }

    @Test
    void pingsGoOnWithoutAnUpstream() {
        ScriptedUpstream upstream = fixture.upstream(Script.ACCEPT);
        fixture.startRoute(PLAIN, upstream);
        Ends ends = fixture.session(upstream);
        upstream.kill();
        await(now -> now.value("tidegate_session_transitions_total", "to", "reconnecting") == 1);
        double before = fixture.metrics().value(COUNT, "leg", "client");
        answer(ends.client());
        await(now -> now.value(COUNT, "leg", "client") >= before + 3);
        ends.client().sendClose(1000, "");
        ends.client().awaitEnd();
    }

    // upstreams

    @Test
    void anUpstreamThatConfirmsIsTimed() {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        fixture.startRoute(SELDOM + "\nconfirm: ping", upstream);
        var client = fixture.connect("/");
        for (int i = 1; i <= 3; i++) {
            client.send(Frame.text("message " + i));
            client.awaitFrame();
            int times = i;
            MetricSnapshot now = await(each -> each.value(COUNT, "leg", "upstream") >= times);
            assertThat(now.value(COUNT, "leg", "upstream")).isEqualTo(times);
        }
        MetricSnapshot now = fixture.metrics();
        assertThat(now.value("tidegate_ping_rtt_seconds_sum", "leg", "upstream"))
                .isBetween(1e-6, 60.0);
        assertThat(now.value(COUNT, "leg", "client")).isZero();
        assertThat(client.frames()).noneMatch(Frame::isControl);
        JsonRtt rtt = stats();
        assertThat(rtt.upstream).isEqualTo(3);
        assertThat(rtt.client).isZero();
    }

    @Test
    void anUpstreamThatDoesNotAnswerYetHasNoTime() {
        Ends ends = start(SELDOM + "\nconfirm: ping");
        ends.client().send(Frame.text("x"));
        Frame ping = awaitPing(ends.upstream());
        assertThat(fixture.metrics().value(COUNT, "leg", "upstream")).isZero();
        ends.upstream().send(pongTo(ping));
        await(now -> now.value(COUNT, "leg", "upstream") == 1);
        ends.upstream().send(pongTo(ping), Frame.text("y"));
        ends.client().awaitFrame("the message", frame -> frame.equals(Frame.text("y")));
        assertThat(fixture.metrics().value(COUNT, "leg", "upstream"))
                .as("the same again")
                .isEqualTo(1);
        assertThat(ends.client().frames()).noneMatch(frame -> frame.opcode() == Frame.PONG);
    }

    private Ends start(String route) {
        ScriptedUpstream upstream = fixture.upstream(Script.ACCEPT);
        fixture.startRoute(route, upstream);
        Ends ends = fixture.session(upstream);
        if (route.equals(CONFIRM)) {
            answer(ends.upstream());
        }
        return ends;
    }

    /** As every endpoint does. */
    private static void answer(Peer peer) {
        peer.onFrame(frame -> {
            if (frame.opcode() == Frame.PING) {
                peer.send(pongTo(frame));
            }
        });
    }

    private static Frame pongTo(Frame ping) {
        return Frame.of(Frame.PONG, ping.payload());
    }

    private static Frame awaitPing(Peer peer) {
        return peer.awaitFrame("a Ping", frame -> frame.opcode() == Frame.PING);
    }

    private static Frame awaitPong(Peer peer) {
        return peer.awaitFrame("a Pong", frame -> frame.opcode() == Frame.PONG);
    }

    private record JsonRtt(long client, long upstream) {}

    private JsonRtt stats() {
        var rtt = new AdminClient(fixture.admin()).stats().path("latency").path("pingRtt");
        return new JsonRtt(
                rtt.path("client").path("count").asLong(-1),
                rtt.path("upstream").path("count").asLong(-1));
    }

    private MetricSnapshot await(Predicate<MetricSnapshot> wanted) {
        return MetricSnapshot.await(fixture.admin(), wanted);
    }
}
