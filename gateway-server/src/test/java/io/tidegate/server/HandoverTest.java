package io.tidegate.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.server.GatewayFixture.Ends;
import io.tidegate.server.session.SessionState;
import io.tidegate.server.upstream.Endpoint;
import io.tidegate.server.upstream.Upstream;
import io.tidegate.testkit.Frame;
import io.tidegate.testkit.Script;
import io.tidegate.testkit.ScriptedClient;
import io.tidegate.testkit.ScriptedUpstream;
import io.tidegate.testkit.UpstreamConnection;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Sessions that are moved from an endpoint that works to another one. */
@Timeout(60)
class HandoverTest {

    private static final String RECONNECT = "continuity: reconnect\n";
    private static final String REQUESTS = RECONNECT + "requests: {protocol: json-rpc}\n";

    @RegisterExtension
    final GatewayFixture fixture = new GatewayFixture();

    private final ScriptedUpstream first = ScriptedUpstream.start(Script.ACCEPT);
    private final ScriptedUpstream second = ScriptedUpstream.start(Script.ACCEPT);

    @Test
    void nothingIsLostOrDoubledOnTheWay() {
        fixture.track(first);
        fixture.track(second);
        first.script(Script.ECHO);
        second.script(Script.ECHO);
        fixture.startRoute(RECONNECT, first, second);
        ScriptedClient client = fixture.connect("/");
        first.awaitConnection();
        Frame[] frames = IntStream.range(0, 3000)
                .mapToObj(i -> Frame.text("message " + i))
                .toArray(Frame[]::new);
        for (int i = 0; i < frames.length; i++) {
            client.send(frames[i]);
            if (i == 1000) {
                drain(first);
            } else if (i == 2000) {
                second.awaitConnection();
                undrain(first);
                drain(second);
            }
        }
        assertThat(client.awaitFrames(frames.length)).containsExactly(frames);
        first.awaitConnection();
        client.send(Frame.text("still"));
        assertThat(client.awaitFrame()).isEqualTo(Frame.text("still"));
        fixture.awaitAccounting(now -> now.delivered() == 3001 && now.accepted() == 3001);
        assertThat(client.ending()).isNull();
    }

    @Test
    void theOldLegIsClosedAndWhateverItAnswersIsNotTheClients() {
        Ends ends = session(RECONNECT + "onReplaced: moved");
        drain(first);
        UpstreamConnection next = second.awaitConnection();
        assertThat(settle(ends.upstream()).closeCode()).isEqualTo(1001);
        ends.upstream().send(Frame.text("last words"), Frame.close(1000, "as you wish"));
        assertThat(ends.client().awaitFrames(2)).containsExactly(Frame.text("last words"), Frame.text("moved"));
        next.send(Frame.text("here"));
        assertThat(ends.client().awaitFrame()).isEqualTo(Frame.text("here"));
        ends.client().send(Frame.text("there"));
        assertThat(next.awaitFrame()).isEqualTo(Frame.text("there"));
    }

    @Test
    void theNewLegTakesOverWhenTheOldOneDiesOnTheWay() {
        Ends ends = session(RECONNECT);
        drain(first);
        UpstreamConnection next = second.awaitConnection();
        ends.upstream().awaitFrame("a Ping, before the move", frame -> frame.opcode() == Frame.PING);
        ends.client().send(Frame.text("waits"));
        fixture.awaitAccounting(now -> now.queued() == 1);
        ends.upstream().reset();
        assertThat(next.awaitFrame()).isEqualTo(Frame.text("waits"));
    }

    @Test
    void aClientThatClosesOnTheWayIsServedByTheNewLeg() {
        Ends ends = session(RECONNECT);
        drain(first);
        UpstreamConnection next = second.awaitConnection();
        settle(ends.upstream());
        ends.client().send(Frame.text("and"), Frame.ping("?"), Frame.close(4000, "bye"));
        assertThat(ends.client().awaitFrame()).isEqualTo(Frame.pong("?"));
        assertThat(next.awaitFrames(2)).containsExactly(Frame.text("and"), Frame.close(4000, "bye"));
        next.sendClose(4000, "bye");
        next.shutdownOutput();
        assertThat(ends.client().awaitFrame()).isEqualTo(Frame.close(4000, "bye"));
        ends.client().awaitEnd();
        ends.upstream().sendClose(1001, "");
        ends.upstream().shutdownOutput();
        fixture.awaitNoSession();
    }

    @Test
    void anUpstreamThatClosesForGoodOnTheWayEndsTheSessionAndTheNewLeg() {
        Ends ends = session(REQUESTS);
        ends.client().send(Frame.text(request(1)));
        ends.upstream().awaitFrame();
        drain(first);
        UpstreamConnection next = second.awaitConnection();
        ends.upstream().awaitFrame("a Ping, before the move", frame -> frame.opcode() == Frame.PING);
        ends.upstream().sendClose(1000, "done");
        assertThat(ends.client().awaitFrame()).isEqualTo(Frame.close(1000, "done"));
        assertThat(next.awaitFrame().closeCode()).isEqualTo(1001);
        next.awaitEnd();
        ends.client().sendClose(1000, "");
        assertThat(ends.upstream().awaitClose().closeCode()).isEqualTo(1000);
        ends.upstream().shutdownOutput();
        ends.client().awaitEnd();
    }

    @Test
    void aClientThatSendsMoreThanMayWaitOnTheWayIsHeldBack() {
        Ends ends = session(RECONNECT + "queue: {maxMessages: 2}");
        drain(first);
        UpstreamConnection next = second.awaitConnection();
        settle(ends.upstream());
        Frame[] frames =
                IntStream.range(0, 50).mapToObj(i -> Frame.text("message " + i)).toArray(Frame[]::new);
        for (Frame frame : frames) {
            ends.client().send(frame);
        }
        fixture.awaitAccounting(now -> now.queued() == 2);
        ends.upstream().sendClose(1001, "");
        assertThat(next.awaitFrames(50)).containsExactly(frames);
    }

    @Test
    void requestsHaveTheirRepliesFirst() {
        Ends ends = session(REQUESTS);
        ends.client().send(Frame.text(request(1)));
        assertThat(ends.upstream().awaitFrame()).isEqualTo(Frame.text(request(1)));
        drain(first);
        UpstreamConnection next = second.awaitConnection();
        Frame ping = ends.upstream().awaitFrame("a Ping, before the move", frame -> frame.opcode() == Frame.PING);
        ends.client().send(Frame.text(request(2)));
        ends.upstream().send(Frame.of(Frame.PONG, ping.payload()), Frame.text("{\"id\":1,\"result\":1}"));
        assertThat(ends.client().awaitFrame()).isEqualTo(Frame.text("{\"id\":1,\"result\":1}"));
        ends.upstream().awaitClose();
        ends.upstream().sendClose(1001, "");
        assertThat(next.awaitFrame()).isEqualTo(Frame.text(request(2)));
        next.send(Frame.text("{\"id\":2,\"result\":2}"));
        assertThat(ends.client().awaitFrame()).isEqualTo(Frame.text("{\"id\":2,\"result\":2}"));
    }

    @Test
    void aCloseBehindWhatFoundNoRoomComesBehindItOnTheNewLeg() {
        Ends ends = session(RECONNECT + "queue: {maxMessages: 2}");
        drain(first);
        UpstreamConnection next = second.awaitConnection();
        settle(ends.upstream());
        Frame[] frames =
                IntStream.range(0, 10).mapToObj(i -> Frame.text("m" + i)).toArray(Frame[]::new);
        ends.client().send(frames);
        ends.client().sendClose(4000, "bye");
        ends.upstream().sendClose(1001, "");
        assertThat(next.awaitFrames(frames.length)).containsExactly(frames);
        assertThat(next.awaitClose().closeCode()).isEqualTo(4000);
        next.sendClose(4000, "bye");
        assertThat(ends.client().awaitClose().closeCode()).isEqualTo(4000);
        fixture.awaitAccounting(now -> now.delivered() == frames.length);
    }

    @Test
    void theTimeForReconnectingBeginsAnewWhenALegThatWasMovedToDiesAtOnce() throws InterruptedException {
        Ends ends = session(RECONNECT + "reconnectFor: 4s");
        ends.upstream().reset();
        UpstreamConnection old = second.awaitConnection();
        fixture.awaitState(SessionState.RELAYING, 2);
        // As if that loss had been long ago.
        Thread.sleep(4_100);
        drain(second);
        UpstreamConnection next = first.awaitConnection();
        while (UpstreamFixture.isCheck(next)) {
            next = first.awaitConnection();
        }
        settle(old);
        old.sendClose(1001, "");
        fixture.awaitState(SessionState.RECONNECTING, 1);
        old.awaitEnd();
        undrain(second);
        next.reset();
        fixture.awaitState(SessionState.RECONNECTING, 2);
        fixture.awaitState(SessionState.RELAYING, 3);
        assertThat(ends.client().frames()).isEmpty();
    }

    // peers

    /** One whose leg leads to the first of two. */
    private Ends session(String route) {
        fixture.track(first);
        fixture.track(second);
        fixture.startRoute(route, first, second);
        return fixture.session(first);
    }

    /** Proves that all was read; returns the Close that follows. */
    private static Frame settle(UpstreamConnection old) {
        Frame ping = old.awaitFrame("a Ping, before the move", frame -> frame.opcode() == Frame.PING);
        old.send(Frame.of(Frame.PONG, ping.payload()));
        return old.awaitClose();
    }

    private static String request(int id) {
        return "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"get\"}";
    }

    private void drain(ScriptedUpstream endpoint) {
        Upstream upstream = fixture.gateway().upstreams().get(0);
        upstream.drain(endpointOf(upstream, endpoint));
    }

    private void undrain(ScriptedUpstream endpoint) {
        Upstream upstream = fixture.gateway().upstreams().get(0);
        upstream.undrain(endpointOf(upstream, endpoint));
    }

    private static Endpoint endpointOf(Upstream upstream, ScriptedUpstream endpoint) {
        return upstream.endpoints().stream()
                .filter(each -> each.toString().contains(Integer.toString(endpoint.port())))
                .findFirst()
                .orElseThrow();
    }
}
