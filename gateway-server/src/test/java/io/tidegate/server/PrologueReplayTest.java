package io.tidegate.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.queue.Departure;
import io.tidegate.server.GatewayFixture.Ends;
import io.tidegate.server.session.SessionState;
import io.tidegate.testkit.Frame;
import io.tidegate.testkit.Script;
import io.tidegate.testkit.ScriptedUpstream;
import io.tidegate.testkit.UpstreamConnection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a new leg is told before anything else. */
@Timeout(60)
class PrologueReplayTest {

    private static final String RECONNECT = "continuity: reconnect\n";
    private static final String CHANNELS =
            "prologue: {at: /method, remember: [subscribe], key: /params/channel, forget: [unsubscribe]}\n";

    @RegisterExtension
    final GatewayFixture fixture = new GatewayFixture();

    private final ScriptedUpstream upstream = ScriptedUpstream.start(Script.ACCEPT);

    @Test
    void theFirstMessagesComeFirstAndThenWhatWaited() {
        Ends ends = session(RECONNECT + "prologue: {first: 2}");
        ends.client().send(Frame.text("auth"), Frame.binary((byte) 1), Frame.text("chat"));
        ends.upstream().awaitFrames(3);
        upstream.kill();
        fixture.awaitState(SessionState.RECONNECTING, 1);
        ends.client().send(Frame.text("waits"));
        fixture.awaitAccounting(now -> now.queued() == 1);
        upstream.restart();
        UpstreamConnection next = fixture.nextLeg(upstream);
        ends.client().send(Frame.text("live"));
        assertThat(next.awaitFrames(4))
                .containsExactly(Frame.text("auth"), Frame.binary((byte) 1), Frame.text("waits"), Frame.text("live"));
        UpstreamConnection third = fixture.replace(next, upstream);
        assertThat(third.awaitFrames(2)).containsExactly(Frame.text("auth"), Frame.binary((byte) 1));
        fixture.awaitAccounting(now -> now.delivered() == 5 && now.accepted() == 5);
    }

    @Test
    void oneThatHasNotReachedAnUpstreamYetComesOnce() {
        Ends ends = session(RECONNECT + "prologue: {first: 2, swallowReplies: true}");
        ends.client().send(Frame.text("auth"));
        ends.upstream().awaitFrame();
        upstream.kill();
        fixture.awaitState(SessionState.RECONNECTING, 1);
        ends.client().send(Frame.text("second"), Frame.text("third"));
        fixture.awaitAccounting(now -> now.queued() == 2);
        upstream.restart();
        UpstreamConnection next = fixture.nextLeg(upstream);
        assertThat(next.awaitFrame()).isEqualTo(Frame.text("auth"));
        next.send(Frame.text("known"));
        assertThat(next.awaitFrames(2)).containsExactly(Frame.text("second"), Frame.text("third"));
        next.send(Frame.text("second's reply"));
        assertThat(ends.client().awaitFrame())
                .as("the client had the first reply, and waits for the second")
                .isEqualTo(Frame.text("second's reply"));
    }

    @Test
    void aRuleRemembersReplacesAndForgets() {
        Ends ends = session(RECONNECT
                + "prologue: {at: /do, remember: [auth, join], key: /room, forget: [leave], swallowReplies: false}");
        Frame auth = Frame.text("{\"do\":\"auth\"}");
        Frame old = Frame.text("{\"do\":\"join\",\"room\":\"a\",\"since\":1}");
        Frame other = Frame.text("{\"do\":\"join\",\"room\":\"b\"}");
        Frame gone = Frame.text("{\"do\":\"join\",\"room\":\"c\"}");
        Frame leave = Frame.text("{\"do\":\"leave\",\"room\":\"c\"}");
        Frame newer = Frame.text("{\"do\":\"join\",\"room\":\"a\",\"since\":2}");
        ends.client().send(auth, old, other, gone, Frame.text("{\"do\":\"say\"}"), leave, newer);
        ends.upstream().awaitFrames(7);
        UpstreamConnection next = fixture.replace(ends.upstream(), upstream);
        ends.client().send(Frame.text("live"));
        assertThat(next.awaitFrames(4)).containsExactly(auth, other, newer, Frame.text("live"));
    }

    @Test
    void repliesToWhatIsSentAgainAreKeptFromTheClient() {
        Ends ends = session(RECONNECT + "prologue: {first: 1, swallowReplies: true}");
        ends.client().send(Frame.text("auth"));
        ends.upstream().awaitFrame();
        ends.upstream().send(Frame.text("welcome"));
        assertThat(ends.client().awaitFrame()).isEqualTo(Frame.text("welcome"));
        UpstreamConnection next = fixture.replace(ends.upstream(), upstream);
        ends.client().send(Frame.text("not before the reply"));
        assertThat(next.awaitFrame()).isEqualTo(Frame.text("auth"));
        fixture.awaitAccounting(now -> now.queued() == 1);
        next.send(Frame.ping("p"), Frame.text("welcome"), Frame.text("news"));
        assertThat(ends.client().awaitFrames(2)).containsExactly(Frame.ping("p"), Frame.text("news"));
        assertThat(next.awaitFrame()).isEqualTo(Frame.text("not before the reply"));
    }

    @Test
    void graphqlSubscriptionsWaitForTheAcknowledgementOfTheirConnection() {
        Ends ends = session(RECONNECT + "requests: {protocol: graphql-transport-ws}");
        Frame init = Frame.text("{\"type\":\"connection_init\"}");
        Frame ack = Frame.text("{\"type\":\"connection_ack\"}");
        Frame subscribe = Frame.text("{\"type\":\"subscribe\",\"id\":\"1\",\"payload\":{\"query\":\"{ a }\"}}");
        Frame next = Frame.text("{\"type\":\"next\",\"id\":\"1\",\"payload\":{}}");
        Frame complete = Frame.text("{\"type\":\"complete\",\"id\":\"1\"}");
        ends.client().send(init);
        assertThat(ends.upstream().awaitFrame()).isEqualTo(init);
        ends.upstream().send(ack);
        assertThat(ends.client().awaitFrame()).isEqualTo(ack);
        ends.client().send(subscribe);
        assertThat(ends.upstream().awaitFrame()).isEqualTo(subscribe);
        ends.upstream().send(next);
        assertThat(ends.client().awaitFrame()).isEqualTo(next);
        UpstreamConnection second = fixture.replace(ends.upstream(), upstream);
        assertThat(second.awaitFrame()).isEqualTo(init);
        fixture.awaitAccounting(now -> now.queued() == 1);
        assertThat(second.frames()).hasSize(1);
        second.send(ack);
        assertThat(second.awaitFrame()).isEqualTo(subscribe);
        second.send(next, complete);
        assertThat(ends.client().awaitFrames(2)).containsExactly(next, complete);
        fixture.awaitAccounting(now -> now.delivered() == 2);
        assertThat(ends.client().frames()).containsExactly(ack, next, next, complete);
    }

    @Test
    void oneThatWaitsKeepsItsPlaceBehindWhatTheClientSaidBefore() {
        Ends ends = session(RECONNECT + "requests: {protocol: json-rpc}\n" + CHANNELS);
        Frame first = call(1, "subscribe", "x");
        Frame off = call(2, "unsubscribe", "x");
        Frame again = call(3, "subscribe", "x");
        ends.client().send(first);
        ends.upstream().awaitFrame();
        ends.upstream().send(result(1));
        ends.client().awaitFrame();
        upstream.kill();
        fixture.awaitState(SessionState.RECONNECTING, 1);
        ends.client().send(off, again);
        fixture.awaitAccounting(now -> now.queued() == 2);
        upstream.restart();
        assertThat(fixture.nextLeg(upstream).awaitFrames(2)).containsExactly(off, again);
    }

    @Test
    void withoutIdsTheLastOneOfTwoThatWaitCountsAsWell() {
        Ends ends = session(RECONNECT + "prologue: {at: /method, remember: [login], key: /id}");
        upstream.kill();
        fixture.awaitState(SessionState.RECONNECTING, 1);
        Frame one = call(1, "login", "a");
        Frame other = call(2, "login", "b");
        ends.client().send(one, other);
        fixture.awaitAccounting(now -> now.queued() == 2);
        upstream.restart();
        assertThat(fixture.nextLeg(upstream).awaitFrames(2)).containsExactly(one, other);
    }

    @Test
    void theReplyToOneWhoseClientWasToldThatItTimedOutIsAwaitedAndSwallowed() {
        Ends ends = session(RECONNECT + "requests: {protocol: json-rpc, timeout: 300ms}\n" + CHANNELS);
        upstream.kill();
        fixture.awaitState(SessionState.RECONNECTING, 1);
        Frame login = call(1, "subscribe", "x");
        ends.client().send(login);
        assertThat(ends.client().awaitFrame().text()).contains("timed out");
        fixture.awaitAccounting(now -> now.dropped(Departure.UNANSWERED) == 1);
        Frame note = Frame.text("{\"jsonrpc\":\"2.0\",\"method\":\"note\"}");
        ends.client().send(note);
        fixture.awaitAccounting(now -> now.queued() == 1);
        upstream.restart();
        UpstreamConnection next = fixture.nextLeg(upstream);
        assertThat(next.awaitFrame()).isEqualTo(login);
        assertThat(fixture.accounting().queued()).isEqualTo(1);
        next.send(result(1), note);
        assertThat(next.awaitFrame()).isEqualTo(note);
        assertThat(ends.client().awaitFrame()).isEqualTo(note);
    }

    @Test
    void aGraphqlConnectionThatIsAcknowledgedAndHasNoPongYetIsOpenedAnewAndWaitedFor() {
        upstream.script(leg -> {
            // Reads, and never answers a Ping.
            leg.accept();
        });
        Ends ends = session(RECONNECT + "confirm: ping\nrequests: {protocol: graphql-transport-ws}");
        Frame init = Frame.text("{\"type\":\"connection_init\"}");
        Frame ack = Frame.text("{\"type\":\"connection_ack\"}");
        Frame subscribe = Frame.text("{\"type\":\"subscribe\",\"id\":\"1\"}");
        ends.client().send(init);
        ends.upstream().awaitFrame("init", init::equals);
        ends.upstream().send(ack);
        assertThat(ends.client().awaitFrame()).isEqualTo(ack);
        ends.client().send(subscribe);
        ends.upstream().awaitFrame("subscribe", subscribe::equals);
        UpstreamConnection next = fixture.replace(ends.upstream(), upstream);
        next.awaitFrame("init", init::equals);
        fixture.awaitAccounting(now -> now.queued() == 2);
        next.send(ack, Frame.text("marker"));
        next.awaitFrame("subscribe", subscribe::equals);
        assertThat(ends.client().awaitFrame()).isEqualTo(Frame.text("marker"));
    }

    private static Frame call(int id, String method, String channel) {
        return Frame.text("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"" + method
                + "\",\"params\":{\"channel\":\"" + channel + "\"}}");
    }

    private static Frame result(int id) {
        return Frame.text("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":0}");
    }

    private Ends session(String route) {
        fixture.track(upstream);
        fixture.startRoute(route, upstream);
        return fixture.session(upstream);
    }
}
