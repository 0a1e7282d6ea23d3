package io.tidegate.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.server.GatewayFixture.Ends;
import io.tidegate.testkit.Flood;
import io.tidegate.testkit.Frame;
import io.tidegate.testkit.Pattern;
import io.tidegate.testkit.Script;
import io.tidegate.testkit.ScriptedUpstream;
import io.tidegate.testkit.UpstreamConnection;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code confirm: ping}: what a peer has not proved to have read goes to the next leg. */
@Timeout(60)
class ConfirmTest {

    private static final String CONFIRM = "continuity: reconnect\nconfirm: ping\n";

    @RegisterExtension
    final GatewayFixture fixture = new GatewayFixture();

    private final ScriptedUpstream upstream = ScriptedUpstream.start(Script.ACCEPT);

    @Test
    void whatWasNotConfirmedIsReplayedInOrderBeforeAnythingNewer() {
        Ends ends = session(CONFIRM);
        ends.client().send(Frame.text("1"), Frame.text("2"));
        ends.client().sendFragmented("3", " in two");
        assertThat(data(ends.upstream(), 4))
                .containsExactly(
                        Frame.text("1"),
                        Frame.text("2"),
                        Frame.text("3").withFin(false),
                        Frame.continuation(" in two"));
        fixture.awaitAccounting(now -> now.unconfirmed() == 3);
        upstream.kill();
        ends.client().send(Frame.text("4"));
        fixture.awaitAccounting(now -> now.queued() == 4);
        upstream.restart();
        UpstreamConnection next = fixture.nextLeg(upstream);
        ends.client().send(Frame.text("5"));
        assertThat(data(next, 6))
                .containsExactly(
                        Frame.text("1"),
                        Frame.text("2"),
                        Frame.text("3").withFin(false),
                        Frame.continuation(" in two"),
                        Frame.text("4"),
                        Frame.text("5"));
        next.echo();
        fixture.awaitAccounting(now -> now.delivered() == 5 && now.accepted() == 5);
    }

    @Test
    void whatWasConfirmedIsNotReplayed() {
        Ends ends = session(CONFIRM);
        ends.client().send(Frame.text("1"));
        assertThat(ends.upstream().awaitFrame()).isEqualTo(Frame.text("1"));
        pong(ends.upstream());
        fixture.awaitAccounting(now -> now.delivered() == 1);
        ends.client().send(Frame.text("2"));
        assertThat(ends.upstream().awaitFrame()).isEqualTo(Frame.text("2"));
        UpstreamConnection next = fixture.replace(ends.upstream(), upstream);
        assertThat(next.awaitFrame()).isEqualTo(Frame.text("2"));
    }

    @Test
    void aPongOfOneLegConfirmsNothingOnTheNext() {
        Ends ends = session(CONFIRM);
        ends.client().send(Frame.text("1"));
        Frame ping = awaitPing(ends.upstream());
        UpstreamConnection next = fixture.replace(ends.upstream(), upstream);
        assertThat(next.awaitFrame()).isEqualTo(Frame.text("1"));
        assertThat(awaitPing(next)).isNotEqualTo(ping);
        next.send(Frame.of(Frame.PONG, ping.payload()), Frame.text("marker"));
        assertThat(ends.client().awaitFrames(2))
                .as("it is nobody's that the gateway knows")
                .containsExactly(Frame.of(Frame.PONG, ping.payload()), Frame.text("marker"));
        assertThat(fixture.accounting().unconfirmed()).isEqualTo(1);
    }

    @Test
    void aPongAnswersAllPingsBeforeIt() {
        Ends ends = session(CONFIRM);
        ends.client().send(Frame.text("1"));
        awaitPing(ends.upstream());
        ends.client().send(Frame.text("2"));
        pong(ends.upstream());
        fixture.awaitAccounting(now -> now.delivered() == 2);
    }

    @Test
    void thePongsOfThePeerAreTheClientsAndThoseOfTheGatewayAreNot() {
        Ends ends = session(CONFIRM);
        ends.client().send(Frame.text("1"));
        Frame ping = awaitPing(ends.upstream());
        Frame similar = Frame.of(Frame.PONG, new byte[16]);
        ends.upstream()
                .send(
                        Frame.pong(""),
                        similar,
                        Frame.text("a"),
                        Frame.of(Frame.PONG, ping.payload()),
                        Frame.text("begun").withFin(false),
                        Frame.of(Frame.PONG, ping.payload()),
                        Frame.pong("heartbeat"),
                        Frame.continuation("done"),
                        Frame.ping("of its own"));
        List<Frame> heard = ends.client().awaitFrames(7);
        assertThat(heard)
                .containsExactlyInAnyOrder(
                        Frame.pong(""),
                        similar,
                        Frame.text("a"),
                        Frame.text("begun").withFin(false),
                        Frame.pong("heartbeat"),
                        Frame.continuation("done"),
                        Frame.ping("of its own"));
        fixture.awaitAccounting(now -> now.delivered() == 1);
        ends.client().send(Frame.ping("the client's"));
        assertThat(ends.upstream().awaitFrame("its ping", frame -> frame.equals(Frame.ping("the client's"))))
                .isNotNull();
    }

    @Test
    void aPeerThatNeverAnswersPingsIsReplaced() {
        Ends ends = session(CONFIRM + "ping: {interval: 50ms, timeout: 1s}");
        upstream.script(Script.ECHO);
        ends.client().send(Frame.text("1"));
        ends.upstream().awaitEnd();
        assertThat(ends.client().awaitFrame()).isEqualTo(Frame.text("1"));
        fixture.awaitAccounting(now -> now.delivered() == 1);
    }

    @Test
    void aPeerThatIsSlowToAnswerPingsAndTalksIsKept() throws InterruptedException {
        Ends ends = session(CONFIRM + "ping: {interval: 50ms, timeout: 2s}");
        ends.client().send(Frame.text("1"));
        Frame ping = awaitPing(ends.upstream());
        for (int i = 0; i < 16; i++) {
            ends.upstream().send(Frame.text("at work"));
            assertThat(ends.client().awaitFrame()).isEqualTo(Frame.text("at work"));
            Thread.sleep(200);
        }
        ends.upstream().send(Frame.of(Frame.PONG, ping.payload()));
        fixture.awaitAccounting(now -> now.delivered() == 1);
        assertThat(upstream.connections()).hasSize(1);
    }

    @Test
    void aPeerThatTalksAndNeverAnswersPingsIsReplacedInTheEnd() throws InterruptedException {
        Ends ends = session(CONFIRM + "ping: {interval: 50ms, timeout: 100ms}");
        upstream.script(Script.ECHO);
        ends.client().send(Frame.text("1"));
        while (upstream.connections().size() == 1) {
            try {
                ends.upstream().send(Frame.text("busy"));
            } catch (UncheckedIOException e) {
                // The gateway has just left.
                break;
            }
            Thread.sleep(20);
        }
        fixture.awaitAccounting(now -> now.delivered() == 1);
    }

    @Test
    void aSilentSessionFindsOutTooThatItsPeerIsGone() {
        Ends ends = session("continuity: reconnect\nping: {interval: 50ms, timeout: 1s}");
        upstream.script(Script.ECHO);
        awaitPing(ends.upstream());
        fixture.nextLeg(upstream);
        ends.client().send(Frame.text("there?"));
        assertThat(ends.client().awaitFrame()).isEqualTo(Frame.text("there?"));
    }

    @Test
    void whatIsKeptIsBoundedAndTheClientHeldBack() {
        Ends ends = session(CONFIRM + "queue: {maxMessages: 5}");
        Flood flood = ends.client().flood(new Pattern(1), 50_000, 500);
        fixture.awaitAccounting(now -> now.unconfirmed() == 5);
        flood.awaitStall();
        assertThat(fixture.accounting().unconfirmed()).isEqualTo(5);
        assertThat(fixture.accounting().queued()).isZero();
        answerPings(ends.upstream());
        flood.awaitDone();
        fixture.awaitAccounting(now -> now.delivered() == 500);
        assertThat(ends.upstream().frames().stream().filter(frame -> !frame.isControl()))
                .isEqualTo(flood.frames());
    }

    @Test
    void aBacklogThatIsReplayedIsNeverOvertaken() {
        Ends ends = session(CONFIRM);
        Flood flood = ends.client().flood(new Pattern(1), 100, 20_000);
        List<UpstreamConnection> legs = new ArrayList<>(List.of(ends.upstream()));
        for (int i = 0; i < 5; i++) {
            answerPings(legs.get(i));
            legs.get(i).awaitFrames(500);
            legs.get(i).reset();
            legs.add(fixture.nextLeg(upstream));
        }
        answerPings(legs.get(5));
        flood.awaitDone();
        fixture.awaitAccounting(now -> now.delivered() == 20_000);
        List<Frame> sent = flood.frames();
        int delivered = 0;
        for (UpstreamConnection leg : legs) {
            List<Frame> data =
                    leg.frames().stream().filter(frame -> !frame.isControl()).toList();
            int from = sent.indexOf(data.get(0));
            assertThat(from).as("nothing is left out").isNotNegative().isLessThanOrEqualTo(delivered);
            assertThat(data).isEqualTo(sent.subList(from, from + data.size()));
            delivered = Math.max(delivered, from + data.size());
        }
        assertThat(delivered).isEqualTo(sent.size());
    }

    @Test
    void anAnswerToTheClientsCloseConfirmsWhatCameBefore() {
        Ends ends = session(CONFIRM);
        ends.client().send(Frame.text("1"), Frame.text("2"), Frame.close(4000, "bye"));
        assertThat(data(ends.upstream(), 3))
                .containsExactly(Frame.text("1"), Frame.text("2"), Frame.close(4000, "bye"));
        ends.upstream().sendClose(4000, "bye");
        ends.upstream().shutdownOutput();
        assertThat(ends.client().awaitFrame()).isEqualTo(Frame.close(4000, "bye"));
        ends.client().awaitEnd();
        fixture.awaitAccounting(now -> now.delivered() == 2);
    }

    @Test
    void aClientThatClosesHasItsAnswerEvenIfTheUpstreamJustGoes() {
        Ends ends = session(CONFIRM);
        ends.client().send(Frame.text("1"), Frame.close(4000, "bye"));
        ends.upstream().awaitClose();
        ends.upstream().reset();
        assertThat(ends.client().awaitFrame()).isEqualTo(Frame.close(4000, "bye"));
        ends.client().awaitEnd();
        fixture.awaitAccounting(now -> now.allDropped() == 1);
        assertThat(upstream.connections()).hasSize(1);
    }

    @Test
    void aClientThatIsHeldBackIsReadOnWhenItsUpstreamBreaksTheRules() {
        Ends ends = session(CONFIRM + "queue: {maxMessages: 2}");
        Flood flood = ends.client().flood(new Pattern(1), 10_000, 50);
        fixture.awaitAccounting(now -> now.unconfirmed() == 2);
        ends.upstream().awaitFrames(2);
        ends.upstream().sendBytes(new byte[] {(byte) 0x83, 0});
        assertThat(ends.client().awaitFrame().closeCode()).isEqualTo(1014);
        flood.awaitDone();
        ends.client().sendClose(1014, "");
        ends.client().awaitEnd();
        fixture.awaitNoSession();
        assertThat(fixture.accounting().delivered()).isZero();
    }

    @Test
    void aClientThatIsHeldBackIsReadOnWhenItsUpstreamCloses() {
        Ends ends = session(CONFIRM + "queue: {maxMessages: 2}");
        Flood flood = ends.client().flood(new Pattern(1), 10_000, 50);
        fixture.awaitAccounting(now -> now.unconfirmed() == 2);
        ends.upstream().awaitFrames(2);
        ends.upstream().sendClose(1000, "done");
        assertThat(ends.client().awaitFrame()).isEqualTo(Frame.close(1000, "done"));
        flood.awaitDone();
        ends.client().sendClose(1000, "then");
        assertThat(ends.upstream().awaitFrame("the answer, without a wait", frame -> frame.opcode() == Frame.CLOSE))
                .isEqualTo(Frame.close(1000, "then"));
        ends.upstream().shutdownOutput();
        ends.client().awaitEnd();
    }

    @Test
    void whatAClientThatIsHeldBackHasSentGoesOutWhenTheGatewayStops() {
        Ends ends = session(CONFIRM + "queue: {maxMessages: 2}");
        Frame[] frames = new Frame[20];
        for (int i = 0; i < frames.length; i++) {
            frames[i] = Frame.text(Integer.toString(i));
        }
        ends.client().send(frames);
        ends.upstream().awaitFrames(2);
        fixture.awaitAccounting(now -> now.unconfirmed() == 2);
        ends.client().onFrame(frame -> ends.client().send(frame));
        ends.upstream().onFrame(frame -> {
            if (frame.opcode() == Frame.CLOSE) {
                ends.upstream().send(frame);
                ends.upstream().shutdownOutput();
            }
        });
        fixture.stop();
        assertThat(ends.upstream().frames().stream().filter(frame -> !frame.isControl()))
                .containsExactly(frames);
    }

    @Test
    void whatNobodyConfirmsAfterTheClientVanishedIsAccountedFor() {
        Ends ends = session(CONFIRM);
        ends.client().send(Frame.text("1"));
        awaitPing(ends.upstream());
        ends.client().reset();
        assertThat(ends.upstream().awaitClose().closeCode()).isEqualTo(1001);
        ends.upstream().reset();
        fixture.awaitAccounting(now -> now.allDropped() == 1);
    }

    @Test
    void aCloseBehindWhatFoundNoRoomDoesNotHideThatTheUpstreamIsGone() {
        Ends ends = session(CONFIRM + "queue: {maxMessages: 2}\nping: {interval: 500ms, timeout: 1s}\n");
        Frame[] frames =
                IntStream.range(0, 11).mapToObj(i -> Frame.text("m" + i)).toArray(Frame[]::new);
        ends.client().send(frames);
        fixture.awaitAccounting(now -> now.unconfirmed() == 2);
        List<Frame> seen = Collections.synchronizedList(new ArrayList<>());
        upstream.script(leg -> {
            leg.accept();
            leg.onFrame(frame -> {
                switch (frame.opcode()) {
                    case Frame.PING -> leg.send(Frame.of(Frame.PONG, frame.payload()));
                    case Frame.TEXT -> seen.add(frame);
                    case Frame.CLOSE -> leg.sendClose(1000, "");
                    default -> {}
                }
            });
        });
        ends.client().sendClose(1000, "");
        ends.client().shutdownOutput();
        fixture.awaitAccounting(now -> now.delivered() == frames.length);
        assertThat(seen).containsExactly(frames);
    }

    // peers

    private Ends session(String route) {
        fixture.track(upstream);
        fixture.startRoute(route, upstream);
        return fixture.session(upstream);
    }

    private static Frame awaitPing(UpstreamConnection leg) {
        return leg.awaitFrame("a Ping", frame -> frame.opcode() == Frame.PING);
    }

    private static void pong(UpstreamConnection leg) {
        leg.send(Frame.of(Frame.PONG, awaitPing(leg).payload()));
    }

    private static void answerPings(UpstreamConnection leg) {
        leg.onFrame(frame -> {
            if (frame.opcode() == Frame.PING) {
                leg.send(Frame.of(Frame.PONG, frame.payload()));
            }
        });
    }

    /** The next frames, pings aside. */
    private static List<Frame> data(UpstreamConnection leg, int count) {
        List<Frame> frames = new ArrayList<>();
        while (frames.size() < count) {
            frames.add(leg.awaitFrame("a frame that is no Ping", frame -> frame.opcode() != Frame.PING));
        }
        return frames;
    }
}
