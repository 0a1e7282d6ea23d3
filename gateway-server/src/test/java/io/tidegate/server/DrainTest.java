package io.tidegate.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.queue.Departure;
import io.tidegate.server.GatewayFixture.Ends;
import io.tidegate.server.drain.Drain;
import io.tidegate.server.drain.DrainSummary;
import io.tidegate.server.session.SessionState;
import io.tidegate.testkit.Frame;
import io.tidegate.testkit.Handshake;
import io.tidegate.testkit.Patience;
import io.tidegate.testkit.Peer;
import io.tidegate.testkit.Script;
import io.tidegate.testkit.ScriptedUpstream;
import io.tidegate.testkit.UpstreamConnection;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** How a gateway ends its sessions before it ends itself. */
@Timeout(60)
class DrainTest {

    private static final String RECONNECT = "continuity: reconnect\n";
    private static final String CONFIRM = RECONNECT + "confirm: ping\n";
    private static final Frame REPLY = Frame.text("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":7}");
    private static final Frame GOING_AWAY = Frame.close(1001, "gateway stopping");

    @RegisterExtension
    final GatewayFixture fixture = new GatewayFixture();

    private final ScriptedUpstream upstream = ScriptedUpstream.start(Script.ACCEPT);

    @ParameterizedTest
    @ValueSource(strings = {"continuity: close\n", RECONNECT, CONFIRM})
    void anIdleSessionIsClosedAndItsUpstreamHearsOfItFromItsClient(String route) {
        Ends ends = session(route);
        Drain drain = fixture.gateway().drain();
        assertThat(ends.client().awaitFrame()).isEqualTo(GOING_AWAY);
        ends.client().send(GOING_AWAY);
        assertThat(ends.upstream().awaitFrame()).isEqualTo(GOING_AWAY);
        ends.upstream().send(GOING_AWAY);
        ends.upstream().close();
        ends.client().awaitEnd();
        DrainSummary summary = await(drain);
        assertThat(List.of(summary.closed(), summary.peerClosed(), summary.forced()))
                .containsExactly(1, 0, 0);
        assertThat(summary.books().balanced()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"continuity: close\n", RECONNECT, CONFIRM})
    void whatAClientSaysBeforeItAnswersTheCloseStillReachesItsUpstream(String route) {
        Ends ends = session(route);
        fixture.gateway().drain();
        assertThat(ends.client().awaitFrame()).isEqualTo(GOING_AWAY);
        ends.client().send(Frame.text("one more"), Frame.close(1001, ""));
        assertThat(ends.upstream().awaitFrame()).isEqualTo(Frame.text("one more"));
        UpstreamConnection end = ends.upstream();
        end.awaitFrame("the Close", frame -> frame.equals(Frame.close(1001, "")));
        end.send(Frame.close(1001, ""));
        end.close();
        ends.client().awaitEnd();
    }

    @Test
    void whatWaitsIsDeliveredBeforeTheCloseOnceThereIsAnUpstream() {
        Ends ends = down(CONFIRM);
        ends.client().send(Frame.text("a"), Frame.text("b"));
        fixture.awaitAccounting(now -> now.queued() == 2);
        Drain drain = fixture.gateway().drain();
        upstream.restart();
        UpstreamConnection next = fixture.nextLeg(upstream);
        assertThat(next.awaitFrames(2)).containsExactly(Frame.text("a"), Frame.text("b"));
        Frame ping = next.awaitFrame("a Ping behind them", frame -> frame.opcode() == 9);
        assertThat(ends.client().frames())
                .as("what is not confirmed keeps the session")
                .isEmpty();
        next.send(Frame.of(10, ping.payload()));
        assertThat(ends.client().awaitFrame()).isEqualTo(GOING_AWAY);
        ends.client().send(GOING_AWAY);
        next.awaitFrame("the Close", GOING_AWAY::equals);
        next.send(GOING_AWAY);
        next.close();
        DrainSummary summary = await(drain);
        assertThat(summary.flushed()).isEqualTo(2);
        assertThat(summary.dropped()).isZero();
        assertThat(summary.text())
                .contains("1 sessions (1 closed, 0 by their peers, 0 cut off); messages: 2 flushed, 0 dropped;")
                .endsWith("accounting: accepted 2 = delivered 2 + queued 0 + unconfirmed 0 + expired 0 + duplicate 0"
                        + " + dropped 0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"continuity: close\n", RECONNECT})
    void aMessageThatIsHalfThroughEndsBeforeTheClose(String route) {
        Ends ends = session(route);
        ends.upstream().send(Frame.text("half ").withFin(false));
        ends.upstream().send(Frame.ping("so that it was read"));
        if (route.equals(RECONNECT)) {
            assertThat(ends.client().awaitFrame()).isEqualTo(Frame.ping("so that it was read"));
        } else {
            assertThat(ends.client().awaitFrames(2)).hasSize(2);
        }
        fixture.gateway().drain();
        if (route.equals(RECONNECT)) {
            // Nothing of the message has reached the client yet, and nothing of it will.
            assertThat(ends.client().awaitFrame()).isEqualTo(GOING_AWAY);
        } else {
            giveTime();
            assertThat(ends.client().frames()).hasSize(2);
            ends.upstream().send(Frame.continuation("a message"));
            assertThat(ends.client().awaitFrames(2)).containsExactly(Frame.continuation("a message"), GOING_AWAY);
        }
        answerCloses(ends);
    }

    @Test
    void aRequestHasItsReplyBeforeTheClose() {
        Ends ends = drainingBehindARequest();
        assertThat(ends.client().frames()).isEmpty();
        ends.upstream().send(REPLY);
        assertThat(ends.client().awaitFrames(2)).containsExactly(REPLY, GOING_AWAY);
        answerCloses(ends);
    }

    @Test
    void aReplyThatNeedsTheClientsAnswerFirstComesToo() {
        Ends ends = drainingBehindARequest();
        Frame question = Frame.text("{\"jsonrpc\":\"2.0\",\"id\":\"q\",\"method\":\"really?\"}");
        ends.upstream().send(question);
        assertThat(ends.client().awaitFrame()).isEqualTo(question);
        Frame answer = Frame.text("{\"jsonrpc\":\"2.0\",\"id\":\"q\",\"result\":true}");
        ends.client().send(answer);
        assertThat(ends.upstream().awaitFrame()).isEqualTo(answer);
        ends.upstream().send(REPLY);
        assertThat(ends.client().awaitFrames(2)).last().isEqualTo(GOING_AWAY);
        answerCloses(ends);
    }

    @Test
    void aClientThatNeverAnswersIsCutOffAtTheDeadlineAndCounted() {
        fixture.drain = "{timeout: 1s}";
        Ends ends = session(RECONNECT);
        DrainSummary summary = await(fixture.gateway().drain());
        assertThat(ends.client().awaitFrame()).isEqualTo(GOING_AWAY);
        ends.client().awaitEnd();
        assertThat(List.of(summary.closed(), summary.peerClosed(), summary.forced()))
                .containsExactly(0, 0, 1);
    }

    @Test
    void aClientThatNeverAnswersCostsItsUpstreamNothing() {
        Ends ends = session("continuity: close\n");
        ends.client().send(Frame.text("read this"));
        fixture.gateway().drain();
        assertThat(ends.client().awaitFrame()).isEqualTo(GOING_AWAY);
        assertThat(ends.upstream().awaitFrames(2))
                .containsExactly(Frame.text("read this"), Frame.close(1001, "client gone"));
        ends.upstream().close();
    }

    @Test
    void aClientThatDiesWhileItIsHeldIsToldToItsUpstreamAtOnce() {
        Ends ends = drainingBehindARequest();
        ends.client().send(Frame.text("one"), Frame.text("two"));
        ends.client().reset();
        ends.upstream().awaitFrame("the end", Frame.close(1001, "client gone")::equals);
        ends.upstream().close();
    }

    @Test
    void whatWasHeldBackComesBehindTheClose() {
        Ends ends = drainingBehindARequest();
        ends.client().send(Frame.text("{\"jsonrpc\":\"2.0\",\"method\":\"note\"}"), Frame.close(1000, "bye"));
        ends.upstream().send(REPLY);
        assertThat(ends.client().awaitFrame()).isEqualTo(REPLY);
        assertThat(ends.client().awaitFrame().opcode()).isEqualTo(8);
        assertThat(ends.upstream().awaitFrames(2))
                .containsExactly(Frame.text("{\"jsonrpc\":\"2.0\",\"method\":\"note\"}"), Frame.close(1000, "bye"));
        ends.upstream().close();
        ends.client().awaitEnd();
    }

    @Test
    void whatCannotBeDeliveredInTimeIsDroppedAndSaid() {
        fixture.drain = "{timeout: 1s}";
        Ends ends = down(RECONNECT);
        ends.client().send(Frame.text("a"), Frame.text("b"));
        fixture.awaitAccounting(now -> now.queued() == 2);
        DrainSummary summary = await(fixture.gateway().drain());
        assertThat(ends.client().awaitFrame()).isEqualTo(GOING_AWAY);
        assertThat(summary.dropped()).isEqualTo(2);
        assertThat(summary.during().dropped(Departure.CLOSED)).isEqualTo(2);
        assertThat(summary.text()).contains("0 flushed, 2 dropped (closed 2)");
        assertThat(summary.books().balanced()).isTrue();
    }

    @Test
    void hurriedItClosesAtOnceWhateverWaits() {
        Ends ends = down(RECONNECT);
        ends.client().send(Frame.text("a"));
        fixture.awaitAccounting(now -> now.queued() == 1);
        Drain drain = fixture.gateway().drain();
        giveTime();
        assertThat(ends.client().frames()).isEmpty();
        drain.hurry();
        assertThat(ends.client().awaitFrame()).isEqualTo(GOING_AWAY);
        ends.client().send(GOING_AWAY);
        ends.client().awaitEnd();
        DrainSummary summary = await(drain);
        assertThat(summary.dropped()).isEqualTo(1);
    }

    @Test
    void sessionsThatEndByThemselvesAreTheirPeers() {
        fixture.drain = "{timeout: 20s, spread: 20s}";
        fixture.track(upstream);
        fixture.startRoute(RECONNECT, upstream);
        Ends[] ends = {fixture.session(upstream), fixture.session(upstream), fixture.session(upstream)};
        Drain drain = fixture.gateway().drain();
        assertThat(fixture.gateway().drain()).as("it is the same one").isSameAs(drain);
        for (Ends each : ends) {
            each.client().reset();
        }
        DrainSummary summary = await(drain);
        assertThat(summary.sessions()).isEqualTo(3);
        assertThat(summary.peerClosed()).isGreaterThanOrEqualTo(2);
    }

    @Test
    void noClientIsTakenAnyMoreAndReadinessSaysWhy() {
        Ends ends = session(RECONNECT);
        AdminClient admin = new AdminClient(fixture.admin());
        assertThat(admin.get("/readyz").statusCode()).isEqualTo(200);
        fixture.gateway().drain();
        assertThat(admin.get("/readyz").body()).isEqualTo("draining\n");
        assertThat(admin.get("/readyz").statusCode()).isEqualTo(503);
        assertThat(admin.get("/livez").statusCode()).isEqualTo(200);
        assertThat(admin.stats().get("drain").get("total").asInt()).isEqualTo(1);
        Patience.await(
                "a listener",
                Peer.PATIENCE,
                this::connects,
                connects -> !connects,
                connects -> "somebody takes connections");
        ends.client().close();
    }

    @Test
    void operatorsBeginItAndHearHowItGoesAndWhatCameOfIt() throws Exception {
        Ends ends = session(RECONNECT);
        ends.client().send(Frame.text("a"));
        ends.upstream().awaitFrame();
        AdminClient admin = new AdminClient(fixture.admin());
        assertThat(admin.get("/api/drain").statusCode()).isEqualTo(405);
        assertThat(admin.send("POST", "/api/drain", "").statusCode()).isEqualTo(401);
        assertThat(admin.get("/readyz").statusCode()).isEqualTo(200);
        CompletableFuture<HttpResponse<String>> answer = CompletableFuture.supplyAsync(
                () -> admin.send("POST", "/api/drain", "", "Authorization", "Bearer " + GatewayFixture.TOKEN));
        assertThat(ends.client().awaitFrame()).isEqualTo(GOING_AWAY);
        ends.client().send(GOING_AWAY);
        ends.upstream().awaitFrame("the Close", GOING_AWAY::equals);
        ends.upstream().close();
        List<JsonNode> lines =
                answer.get().body().lines().map(new JsonMapper()::readTree).toList();
        assertThat(lines.get(0).get("total").asInt()).isEqualTo(1);
        assertThat(lines.get(0).get("remaining").asInt()).isLessThanOrEqualTo(1);
        JsonNode summary = lines.get(lines.size() - 1).get("summary");
        assertThat(summary.get("sessions").toString()).isEqualTo("{\"closed\":1,\"peerClosed\":0,\"forced\":0}");
        assertThat(summary.get("accounting").get("delivered").asInt()).isEqualTo(1);
        assertThat(summary.get("balanced").asBoolean()).isTrue();
        assertThat(summary.get("tasksStopped").asInt()).isEqualTo(2);
        assertThat(answer.get().headers().firstValue("Content-Type")).contains("application/x-ndjson");
    }

    private boolean connects() {
        try (Socket socket = new Socket()) {
            socket.connect(fixture.address());
            return true;
        } catch (ConnectException e) {
            return false;
        } catch (IOException e) {
            throw new AssertionError(Handshake.hostOf(fixture.address()), e);
        }
    }

    /** Time in which a session could close that has nothing to lose. */
    private static void giveTime() {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(300));
    }

    private static DrainSummary await(Drain drain) {
        DrainSummary summary = drain.summary().block(Peer.PATIENCE);
        assertThat(summary).isNotNull();
        return summary;
    }

    /** Both ends do what is left of the closing handshake. */
    private static void answerCloses(Ends ends) {
        ends.client().send(GOING_AWAY);
        ends.upstream().awaitFrame("the Close", GOING_AWAY::equals);
        ends.upstream().close();
        ends.client().awaitEnd();
    }

    /** A session that has had its turn, and has a request without a reply. */
    private Ends drainingBehindARequest() {
        Ends ends = session(RECONNECT + "requests: {protocol: json-rpc}\n");
        ends.client().send(Frame.text("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"slow\"}"));
        ends.upstream().awaitFrame();
        fixture.gateway().drain();
        giveTime();
        return ends;
    }

    /** A session whose upstream is gone. */
    private Ends down(String route) {
        Ends ends = session(route);
        upstream.kill();
        fixture.awaitState(SessionState.RECONNECTING, 1);
        return ends;
    }

    private Ends session(String route) {
        fixture.track(upstream);
        fixture.startRoute(route, upstream);
        return fixture.session(upstream);
    }
}
