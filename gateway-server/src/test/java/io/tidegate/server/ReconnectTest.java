package io.tidegate.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.tidegate.queue.Accounting;
import io.tidegate.queue.Departure;
import io.tidegate.server.GatewayFixture.Ends;
import io.tidegate.server.session.Session;
import io.tidegate.server.session.SessionState;
import io.tidegate.testkit.Ending.How;
import io.tidegate.testkit.Flood;
import io.tidegate.testkit.Frame;
import io.tidegate.testkit.FrameCodec;
import io.tidegate.testkit.Handshake;
import io.tidegate.testkit.LogCapture;
import io.tidegate.testkit.Pattern;
import io.tidegate.testkit.Peer;
import io.tidegate.testkit.Script;
import io.tidegate.testkit.ScriptedClient;
import io.tidegate.testkit.ScriptedUpstream;
import io.tidegate.testkit.UpstreamConnection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sessions that outlive their upstream legs, where nothing is promised for what was written already. */
@Timeout(60)
class ReconnectTest {

    private static final String RECONNECT = "continuity: reconnect\n";

    @RegisterExtension
    final GatewayFixture fixture = new GatewayFixture();

    private final ScriptedUpstream upstream = ScriptedUpstream.start(Script.ACCEPT);

    // what waits

    @Test
    void whatIsSentWhileNoUpstreamIsThereWaitsAndArrivesInOrder() {
        Ends ends = down(RECONNECT);
        ends.client().send(texts(1, 50));
        awaitQueued(50);
        ends.client().send(texts(51, 100));
        awaitQueued(100);
        UpstreamConnection next = back();
        assertThat(next.awaitFrames(100)).containsExactly(texts(1, 100));
        ends.client().send(Frame.text("live"));
        assertThat(next.awaitFrame()).isEqualTo(Frame.text("live"));
        next.send(Frame.text("answer"));
        assertThat(ends.client().awaitFrame()).isEqualTo(Frame.text("answer"));
        assertThat(fixture.accounting()).isEqualTo(delivered(101));
    }

    @Test
    void messagesOfEveryKindWaitAsTheyCame() {
        Ends ends = down(RECONNECT);
        Frame large = Frame.binary(new Pattern(1).bytes(200_000));
        ends.client().send(Frame.text(""), large);
        ends.client().sendFragmented("in ", "", "pieces");
        ends.client().send(Frame.pong("is no message"), Frame.binary());
        awaitQueued(4);
        assertThat(back().awaitFrames(6))
                .containsExactly(
                        Frame.text(""),
                        large,
                        Frame.text("in ").withFin(false),
                        Frame.continuation("").withFin(false),
                        Frame.continuation("pieces"),
                        Frame.binary());
    }

    @Test
    void liveMessagesNeverOvertakeThoseThatWaited() {
        Ends ends = session(RECONNECT);
        Flood flood = ends.client().flood(new Pattern(1), 100, 30_000);
        List<UpstreamConnection> legs = new ArrayList<>(List.of(ends.upstream()));
        for (int i = 0; i < 5; i++) {
            legs.get(i).awaitFrames(500);
            legs.get(i).reset();
            legs.add(upstream.awaitConnection());
        }
        flood.awaitDone();
        ends.client().send(Frame.text("last"));
        legs.get(5).awaitFrame("the last", Frame.text("last")::equals);
        List<Frame> sent = flood.frames();
        int next = 0;
        for (UpstreamConnection leg : legs) {
            for (Frame frame : leg.frames()) {
                if (!frame.equals(Frame.text("last"))) {
                    int at = sent.subList(next, sent.size()).indexOf(frame);
                    assertThat(at).as("in order, and once").isNotNegative();
                    next += at + 1;
                }
            }
        }
        assertThat(next).as("what was not written to a dead leg arrived").isEqualTo(sent.size());
    }

    @Test
    void whatWaitsForLongerThanTheTtlIsDroppedAndCounted() {
        Ends ends = down(RECONNECT + "queue: {ttl: 50ms}");
        ends.client().send(texts(1, 3));
        Accounting accounting = fixture.awaitAccounting(now -> now.expired() == 3);
        assertThat(accounting.queued()).isZero();
        UpstreamConnection next = back();
        ends.client().send(Frame.text("later"));
        assertThat(next.awaitFrame()).isEqualTo(Frame.text("later"));
    }

    // what there is no room for

    @Test
    void dropOldestKeepsTheLatest() {
        Ends ends = down(RECONNECT + "queue: {maxMessages: 3, overflow: drop-oldest}");
        ends.client().send(texts(1, 5));
        awaitDropped(Departure.OVERFLOW, 2);
        assertThat(back().awaitFrames(3)).containsExactly(texts(3, 5));
    }

    @Test
    void dropNewestKeepsTheFirst() {
        Ends ends = down(RECONNECT + "queue: {maxMessages: 3, overflow: drop-newest}");
        ends.client().send(texts(1, 5));
        awaitDropped(Departure.OVERFLOW, 2);
        UpstreamConnection next = back();
        assertThat(next.awaitFrames(3)).containsExactly(texts(1, 3));
        ends.client().send(Frame.text("there is room again"));
        assertThat(next.awaitFrame()).isEqualTo(Frame.text("there is room again"));
    }

    @Test
    void closeEndsTheSessionWith1013() {
        Ends ends = down(RECONNECT + "queue: {maxMessages: 3, overflow: close}");
        ends.client().send(texts(1, 5));
        assertThat(ends.client().awaitFrame().closeCode()).isEqualTo(1013);
        ends.client().sendClose(1013, "");
        ends.client().awaitEnd();
        fixture.awaitAccounting(now -> now.queued() == 0 && now.allDropped() == 5);
    }

    @Test
    void pauseHoldsTheClientBackAndLosesNothing() {
        Ends ends = down(RECONNECT + "queue: {maxMessages: 10}");
        Flood flood = ends.client().flood(new Pattern(1), 50_000, 500);
        fixture.awaitAccounting(now -> now.queued() == 10);
        flood.awaitStall();
        assertThat(fixture.accounting().queued()).isEqualTo(10);
        UpstreamConnection next = back();
        assertThat(next.awaitFrames(500)).isEqualTo(flood.frames());
    }

    @Test
    void pauseHoldsTheClientBackWhenTheBytesAreUsedUp() {
        Ends ends = down(RECONNECT + "queue: {maxBytes: 100KiB}");
        Flood flood = ends.client().flood(new Pattern(1), 30_000, 500);
        fixture.awaitAccounting(now -> now.queued() == 4);
        flood.awaitStall();
        assertThat(fixture.accounting().queued()).as("one may exceed it").isEqualTo(4);
        assertThat(back().awaitFrames(500)).isEqualTo(flood.frames());
    }

    @Test
    void bytesAreABoundOfTheirOwn() {
        Ends ends = down(RECONNECT + "queue: {maxBytes: 1KiB, overflow: drop-newest}");
        Frame[] frames = IntStream.range(0, 4)
                .mapToObj(i -> Frame.binary(new Pattern(i).bytes(400)))
                .toArray(Frame[]::new);
        ends.client().send(frames);
        ends.client().send(Frame.binary(new byte[2000]));
        awaitDropped(Departure.OVERFLOW, 2);
        awaitDropped(Departure.TOO_LARGE, 1);
        assertThat(back().awaitFrames(2)).containsExactly(frames[0], frames[1]);
    }

    @Test
    void theSessionsOfARouteShareItsBytes() {
        Ends first = session(RECONNECT + "queue: {routeBytes: 1KiB, overflow: drop-newest}");
        Ends second = fixture.session(upstream);
        upstream.kill();
        fixture.awaitState(SessionState.RECONNECTING, 2);
        first.client().send(Frame.binary(new byte[700]));
        awaitQueued(1);
        second.client().send(Frame.binary(new byte[700]));
        awaitDropped(Departure.BUDGET, 1);
        upstream.restart();
        assertThat(List.of(upstream.awaitConnection(), upstream.awaitConnection()))
                .anySatisfy(leg -> assertThat(leg.awaitFrame()).isEqualTo(Frame.binary(new byte[700])));
    }

    // the client, meanwhile

    @Test
    void aClientThatClosesHasItsAnswerAndWhatWaitedIsCancelled() {
        Ends ends = session(RECONNECT);
        upstream.script(Script.SILENT);
        ends.upstream().reset();
        UpstreamConnection dialled = upstream.awaitConnection();
        dialled.request();
        ends.client().send(Frame.text("never mind"), Frame.close(4000, "bye"));
        assertThat(ends.client().awaitFrame()).isEqualTo(Frame.close(4000, "bye"));
        ends.client().awaitEnd();
        dialled.awaitEnd();
        awaitDropped(Departure.CANCELLED, 1);
        fixture.awaitNoSession();
        assertThat(upstream.connections()).hasSize(2);
    }

    static Stream<Arguments> deaths() {
        return Stream.of(
                Arguments.of("FIN", (Consumer<Peer>) Peer::close),
                Arguments.of("RST", (Consumer<Peer>) Peer::reset),
                Arguments.of("half-close", (Consumer<Peer>) Peer::shutdownOutput));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("deaths")
    void aClientThatVanishesEndsTheSession(String name, Consumer<Peer> death) {
        Ends ends = session(RECONNECT);
        upstream.script(Script.SILENT);
        ends.upstream().reset();
        UpstreamConnection dialled = upstream.awaitConnection();
        dialled.request();
        ends.client().send(Frame.text("a"));
        awaitQueued(1);
        try (LogCapture sessions = LogCapture.start(Session.class.getName(), Level.DEBUG)) {
            death.accept(ends.client());
            awaitDropped(Departure.CANCELLED, 1);
            dialled.awaitEnd();
            fixture.awaitNoSession();
            assertThat(sessions.lines())
                    .as("there is nobody to wait for")
                    .noneMatch(line -> line.getFormattedMessage().contains("no answer to Close"));
        }
    }

    @Test
    void pingsAreTheUpstreamsToAnswerUnlessThereIsNone() {
        Ends ends = session(RECONNECT);
        ends.client().send(Frame.ping("one"));
        assertThat(ends.upstream().awaitFrame()).isEqualTo(Frame.ping("one"));
        ends.upstream().send(Frame.pong("one"));
        assertThat(ends.client().awaitFrame()).isEqualTo(Frame.pong("one"));
        upstream.kill();
        fixture.awaitState(SessionState.RECONNECTING, 1);
        ends.client().send(Frame.text("waits"), Frame.ping("two"), Frame.ping(""), Frame.ping("x".repeat(125)));
        assertThat(ends.client().awaitFrames(3))
                .containsExactly(Frame.pong("two"), Frame.pong(""), Frame.pong("x".repeat(125)));
        UpstreamConnection next = back();
        assertThat(next.awaitFrame()).isEqualTo(Frame.text("waits"));
        ends.client().send(Frame.ping("three"));
        assertThat(next.awaitFrame()).isEqualTo(Frame.ping("three"));
        assertThat(ends.client().frames()).hasSize(4);
    }

    // what was half through

    @ParameterizedTest
    @MethodSource("halves")
    void halfAMessageOfTheUpstreamIsGoneWithItsLeg(byte[] half) {
        Ends ends = session(RECONNECT);
        ends.upstream().send(Frame.text("whole"));
        ends.upstream().sendBytes(half);
        assertThat(ends.client().awaitFrame()).isEqualTo(Frame.text("whole"));
        ends.upstream().close();
        UpstreamConnection next = fixture.nextLeg(upstream);
        next.send(Frame.text("next"));
        assertThat(ends.client().awaitFrame()).isEqualTo(Frame.text("next"));
    }

    static Stream<byte[]> halves() {
        byte[] large = FrameCodec.encode(Frame.binary(new Pattern(1).bytes(300_000)));
        return Stream.of(
                FrameCodec.encode(Frame.text("begun").withFin(false)),
                FrameCodec.concat(
                        FrameCodec.encode(Frame.binary(new byte[100_000]).withFin(false)),
                        FrameCodec.encode(Frame.continuation("more").withFin(false))),
                Arrays.copyOf(large, 1),
                Arrays.copyOf(large, 150_000),
                Arrays.copyOf(large, large.length - 1));
    }

    @Test
    void controlFramesInsideOfAMessageThatIsNeverCompletedReachTheClient() {
        Ends ends = session(RECONNECT);
        ends.upstream().send(Frame.text("begun").withFin(false), Frame.ping("p"));
        assertThat(ends.client().awaitFrame()).isEqualTo(Frame.ping("p"));
        ends.upstream().reset();
        UpstreamConnection next = fixture.nextLeg(upstream);
        next.send(Frame.text("whole"));
        assertThat(ends.client().awaitFrame()).isEqualTo(Frame.text("whole"));
    }

    @Test
    void aMessageTheClientIsHalfThroughGoesToTheNextLegAsAWhole() {
        Ends ends = session(RECONNECT);
        byte[] large = FrameCodec.encode(ends.client().masked(Frame.binary(new Pattern(1).bytes(300_000))));
        ends.client().sendBytes(Arrays.copyOf(large, 150_000));
        ends.upstream().reset();
        UpstreamConnection second = upstream.awaitConnection();
        ends.client().sendBytes(Arrays.copyOfRange(large, 150_000, large.length));
        assertThat(second.awaitFrame()).isEqualTo(Frame.binary(new Pattern(1).bytes(300_000)));
        ends.client().send(Frame.text("in ").withFin(false), Frame.ping("first"));
        assertThat(second.awaitFrame()).isEqualTo(Frame.ping("first"));
        second.reset();
        UpstreamConnection third = upstream.awaitConnection();
        ends.client().send(Frame.continuation("two"));
        assertThat(third.awaitFrames(2)).containsExactly(Frame.text("in ").withFin(false), Frame.continuation("two"));
    }

    // which ends are lost legs

    @ParameterizedTest
    @ValueSource(ints = {1001, 1012, 1013, 1014})
    void closesThatOnlyMeanTheLeg(int code) {
        Ends ends = session(RECONNECT);
        ends.upstream().send(Frame.text("last words"), Frame.close(code, "restart"));
        assertThat(ends.client().awaitFrame()).isEqualTo(Frame.text("last words"));
        assertThat(ends.upstream().awaitFrame().closeCode()).isEqualTo(code);
        assertGoesOn(ends);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("deaths")
    void connectionsThatVanishOnlyMeanTheLeg(String name, Consumer<Peer> death) {
        Ends ends = session(RECONNECT);
        death.accept(ends.upstream());
        assertGoesOn(ends);
    }

    @ParameterizedTest
    @ValueSource(ints = {1000, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999})
    void closesThatAreFinal(int code) {
        Ends ends = session(RECONNECT);
        ends.upstream().sendClose(code, "done");
        assertEnds(ends, Frame.close(code, "done"));
    }

    @Test
    void aCloseWithoutACodeIsFinal() {
        Ends ends = session(RECONNECT);
        ends.upstream().send(Frame.close());
        assertEnds(ends, Frame.close());
    }

    @Test
    void whichAreLostCanBeSaid() {
        Ends ends = session(RECONNECT + "lostCodes: [4001, 1000]");
        ends.upstream().sendClose(4001, "");
        UpstreamConnection second = fixture.nextLeg(upstream);
        second.sendClose(1000, "");
        UpstreamConnection third = fixture.nextLeg(upstream);
        third.sendClose(1001, "");
        assertThat(ends.client().awaitFrame()).isEqualTo(Frame.close(1001, ""));
    }

    @Test
    void aProtocolViolationIsFinal() {
        Ends ends = session(RECONNECT);
        ends.upstream().sendBytes(new byte[] {(byte) 0x83, 0});
        assertThat(ends.upstream().awaitFrame().closeCode()).isEqualTo(1002);
        assertThat(ends.client().awaitFrame().closeCode()).isEqualTo(1014);
        assertThat(upstream.connections()).hasSize(1);
    }

    // when there will be no other

    @ParameterizedTest
    @ValueSource(ints = {1014, 1012})
    void aClientWhoseUpstreamDoesNotComeBackIsTold(int code) {
        Ends ends = down(RECONNECT + "reconnectFor: 3s\nupstreamLostCode: " + code);
        ends.client().send(texts(1, 3));
        assertThat(ends.client().awaitFrame().closeCode()).isEqualTo(code);
        awaitDropped(Departure.UNDELIVERABLE, 3);
        ends.client().sendClose(code, "");
        ends.client().awaitEnd();
    }

    @Test
    void aRefusalIsFinal() {
        Ends ends = session(RECONNECT);
        upstream.script(Script.refuse(403, "who are you?"));
        ends.upstream().reset();
        assertThat(ends.client().awaitFrame().closeCode()).isEqualTo(1014);
        assertThat(upstream.connections()).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {500, 503, 429})
    void aRefusalForNowIsNot(int status) {
        Ends ends = session(RECONNECT);
        upstream.next(Script.refuse(status, "not yet"));
        ends.upstream().reset();
        upstream.awaitConnection().request();
        assertGoesOn(ends);
    }

    @Test
    void aGatewayThatStopsEndsSessionsThatHaveNoUpstream() {
        Ends ends = down(RECONNECT);
        ends.client().send(Frame.text("too late"));
        awaitQueued(1);
        ends.client().onFrame(frame -> ends.client().send(frame));
        fixture.stop();
        assertThat(ends.client().awaitFrame().closeCode()).isEqualTo(1001);
        assertThat(ends.client().awaitEnd().how()).isEqualTo(How.FIN);
    }

    // what is told

    @Test
    void theClientIsToldBeforeItHearsOfTheNewLeg() {
        Ends ends = session(RECONNECT + "onReplaced: '{\"type\":\"back\"}'");
        upstream.next(leg -> leg.accept(answer -> answer.followedBy(Frame.text("hello"))));
        ends.upstream().reset();
        assertThat(ends.client().awaitFrames(2))
                .containsExactly(Frame.text("{\"type\":\"back\"}"), Frame.text("hello"));
        upstream.awaitConnection().reset();
        upstream.awaitConnection();
        assertThat(ends.client().awaitFrame()).isEqualTo(Frame.text("{\"type\":\"back\"}"));
    }

    @Test
    void theNewLegIsAskedForWhatTheFirstOneWas() {
        fixture.track(upstream);
        upstream.script(leg -> leg.accept(answer -> answer.subprotocol("v2")));
        fixture.startRoute(RECONNECT, upstream);
        fixture.connect("/room?id=1", "Sec-WebSocket-Protocol: v1, v2", "Cookie: a=b");
        UpstreamConnection first = upstream.awaitConnection();
        first.request();
        first.reset();
        UpstreamConnection second = upstream.awaitConnection();
        assertThat(second.target()).isEqualTo("/room?id=1");
        assertThat(second.request().header("Cookie")).isEqualTo("a=b");
        assertThat(second.request().header("Sec-WebSocket-Protocol")).contains("v2");
        assertThat(second.request().header("Sec-WebSocket-Key"))
                .isNotEqualTo(first.request().header("Sec-WebSocket-Key"));
    }

    @Test
    void compressedMessagesStandAloneSoThatTheyMayGoToAnyLeg() {
        fixture.track(upstream);
        String extension = "permessage-deflate; client_no_context_takeover; server_no_context_takeover";
        upstream.script(leg -> leg.accept(answer -> answer.extensions(extension)));
        fixture.startRoute(RECONNECT, upstream);
        ScriptedClient client = fixture.connect(Handshake.of("/").with("Sec-WebSocket-Extensions: permessage-deflate"));
        assertThat(client.awaitResponse().header("Sec-WebSocket-Extensions"))
                .contains("client_no_context_takeover", "server_no_context_takeover");
        UpstreamConnection first = upstream.awaitConnection();
        upstream.kill();
        fixture.awaitState(SessionState.RECONNECTING, 1);
        Frame compressed = Frame.of(
                        Frame.TEXT, new byte[] {(byte) 0xf2, 0x48, (byte) 0xcd, (byte) 0xc9, (byte) 0xc9, 7, 0})
                .withRsv(4);
        client.send(compressed);
        awaitQueued(1);
        upstream.next(Script.ACCEPT); // without compression: the client was told otherwise
        upstream.restart();
        upstream.awaitConnection();
        UpstreamConnection third = upstream.awaitConnection();
        assertThat(third.awaitFrame()).isEqualTo(compressed);
        third.send(compressed);
        assertThat(client.awaitFrame()).isEqualTo(compressed);
        assertThat(first.frames()).isEmpty();
    }

    @Test
    void aLaterLegIsNotOfferedCompressionThatTheClientDoesNotHave() {
        fixture.track(upstream);
        fixture.startRoute(RECONNECT, upstream);
        ScriptedClient client = fixture.connect(Handshake.of("/").with("Sec-WebSocket-Extensions: permessage-deflate"));
        assertThat(client.awaitResponse().header("Sec-WebSocket-Extensions")).isNull();
        UpstreamConnection first = upstream.awaitConnection();
        assertThat(first.request().header("Sec-WebSocket-Extensions")).contains("permessage-deflate");
        // It has learned it meanwhile.
        upstream.script(leg -> {
            String offered = leg.request().header("Sec-WebSocket-Extensions");
            if (offered == null) {
                leg.accept();
            } else {
                leg.accept(answer -> answer.extensions(offered));
            }
        });
        first.reset();
        UpstreamConnection second = upstream.awaitConnection();
        assertThat(second.request().header("Sec-WebSocket-Extensions")).isNull();
        client.send(Frame.text("plain"));
        assertThat(second.awaitFrame()).isEqualTo(Frame.text("plain"));
        assertThat(upstream.connections()).hasSize(2);
    }

    // peers

    private Ends session(String route) {
        fixture.track(upstream);
        fixture.startRoute(route, upstream);
        return fixture.session(upstream);
    }

    /** A session whose upstream is gone. */
    private Ends down(String route) {
        Ends ends = session(route);
        upstream.kill();
        fixture.awaitState(SessionState.RECONNECTING, 1);
        return ends;
    }

    private UpstreamConnection back() {
        upstream.restart();
        return fixture.nextLeg(upstream);
    }

    private static Frame[] texts(int from, int to) {
        return IntStream.rangeClosed(from, to)
                .mapToObj(i -> Frame.text(Integer.toString(i)))
                .toArray(Frame[]::new);
    }

    private void awaitQueued(int messages) {
        fixture.awaitAccounting(now -> now.queued() == messages);
    }

    private void awaitDropped(Departure why, int messages) {
        fixture.awaitAccounting(now -> now.dropped(why) == messages);
    }

    private static Accounting delivered(int messages) {
        return Accounting.NOTHING.plus(new Accounting(messages, messages, 0, 0, 0, 0, Map.of()));
    }

    /** The session has another leg, and its client has heard nothing of that. */
    private void assertGoesOn(Ends ends) {
        int heard = ends.client().frames().size();
        UpstreamConnection next = fixture.nextLeg(upstream);
        ends.client().send(Frame.text("there?"));
        assertThat(next.awaitFrame()).isEqualTo(Frame.text("there?"));
        next.send(Frame.text("here"));
        assertThat(ends.client().awaitFrame()).isEqualTo(Frame.text("here"));
        assertThat(ends.client().frames()).hasSize(heard + 1);
    }

    /** The Close passes, the answer too, and there is no other leg. */
    private void assertEnds(Ends ends, Frame close) {
        assertThat(ends.client().awaitFrame()).isEqualTo(close);
        ends.client().send(close);
        assertThat(ends.upstream().awaitFrame()).isEqualTo(close);
        ends.upstream().shutdownOutput();
        ends.client().awaitEnd();
        assertThat(upstream.connections()).hasSize(1);
    }
}
