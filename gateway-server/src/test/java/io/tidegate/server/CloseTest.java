package io.tidegate.server;

import static io.tidegate.server.GatewayFixture.UNLIMITED;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.tidegate.server.GatewayFixture.Ends;
import io.tidegate.server.GatewayFixture.Side;
import io.tidegate.server.session.Session;
import io.tidegate.testkit.Flood;
import io.tidegate.testkit.Frame;
import io.tidegate.testkit.FrameCodec;
import io.tidegate.testkit.FrameCodec.LengthEncoding;
import io.tidegate.testkit.LogCapture;
import io.tidegate.testkit.Pattern;
import io.tidegate.testkit.Peer;
import io.tidegate.testkit.Script;
import io.tidegate.testkit.ScriptedClient;
import io.tidegate.testkit.ScriptedUpstream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** How a session ends: by Close frames from either end, or because an end vanished. */
@Timeout(120)
class CloseTest {

    /** More than any wait for the other end's Close should last. */
    private static final Duration BOUND = Duration.ofSeconds(40);

    @RegisterExtension
    final GatewayFixture fixture = new GatewayFixture();

    // by Close frames

    static Stream<Arguments> closes() {
        IntStream codes = IntStream.concat(
                IntStream.of(1000, 1001, 1002, 1003, 3000, 3999, 4000, 4999), IntStream.rangeClosed(1007, 1014));
        List<Frame> closes = new ArrayList<>(
                codes.mapToObj(code -> Frame.close(code, "caf\u00e9 " + code)).toList());
        closes.add(Frame.close());
        closes.add(Frame.close(1000, ""));
        closes.add(Frame.close(4000, "x".repeat(123)));
        return Stream.of(Side.values()).flatMap(side -> closes.stream().map(close -> Arguments.of(side, close)));
    }

    @ParameterizedTest
    @MethodSource("closes")
    void aCloseAndItsAnswerPassUntouched(Side from, Frame close) {
        Ends ends = fixture.session();
        ends.end(from).send(close);
        assertThat(ends.other(from).awaitFrame()).isEqualTo(close);
        ends.other(from).send(close);
        assertThat(ends.end(from).awaitFrame()).isEqualTo(close);
        assertOver(ends);
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void theAnswerMayDifferFromTheClose(Side from) {
        Ends ends = fixture.session();
        ends.end(from).sendClose(1000, "bye");
        assertThat(ends.other(from).awaitFrame()).isEqualTo(Frame.close(1000, "bye"));
        ends.other(from).sendClose(4321, "so long");
        assertThat(ends.end(from).awaitFrame()).isEqualTo(Frame.close(4321, "so long"));
        assertOver(ends);
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void anEmptyCloseMayBeAnsweredWithACode(Side from) {
        Ends ends = fixture.session();
        ends.end(from).send(Frame.close());
        assertThat(ends.other(from).awaitFrame().length()).isZero();
        ends.other(from).sendClose(1000, "");
        assertThat(ends.end(from).awaitFrame()).isEqualTo(Frame.close(1000, ""));
        assertOver(ends);
    }

    @Test
    void bothEndsMayCloseAtOnce() {
        ScriptedUpstream upstream = fixture.upstream(Script.ACCEPT);
        fixture.start(upstream);
        for (int i = 0; i < 20; i++) {
            Ends ends = fixture.session(upstream);
            ends.client().sendClose(4001, "client");
            ends.upstream().sendClose(4002, "upstream");
            assertThat(ends.upstream().awaitFrame()).isEqualTo(Frame.close(4001, "client"));
            assertThat(ends.client().awaitFrame()).isEqualTo(Frame.close(4002, "upstream"));
            assertOver(ends);
        }
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void aCloseMayComeByteByByte(Side from) {
        Ends ends = fixture.session();
        ends.end(from).sendByteByByte(FrameCodec.encode(ends.end(from).masked(Frame.close(4000, "slowly"))));
        assertThat(ends.other(from).awaitFrame()).isEqualTo(Frame.close(4000, "slowly"));
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void aCloseMayComeInsideOfAMessage(Side from) {
        Ends ends = fixture.session();
        ends.end(from).send(Frame.text("begun").withFin(false), Frame.close(4000, "changed my mind"));
        assertThat(ends.other(from).awaitFrames(2))
                .containsExactly(Frame.text("begun").withFin(false), Frame.close(4000, "changed my mind"));
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void dataBeforeACloseArrivesBeforeIt(Side from) {
        Ends ends = fixture.session();
        Frame[] frames = new Frame[2001];
        Arrays.setAll(frames, i -> Frame.binary(new Pattern(i).bytes(i)));
        frames[2000] = Frame.close(4000, "that was all");
        ends.end(from).send(frames);
        ends.end(from).shutdownOutput();
        assertThat(ends.other(from).awaitFrames(frames.length)).containsExactly(frames);
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void dataForASlowReaderArrivesBeforeTheClose(Side from) {
        Ends ends = fixture.session(UNLIMITED);
        Peer reader = ends.other(from);
        reader.retainPayloadsUpTo(1000);
        reader.pauseReading();
        Flood flood = ends.end(from).flood(new Pattern(3), 50_000, 100);
        flood.awaitStall();
        reader.readSlowly(20_000_000);
        flood.awaitDone();
        ends.end(from).sendClose(4000, "that was all");
        assertThat(reader.awaitFrames(100)).isEqualTo(flood.frames());
        assertThat(reader.awaitFrame()).isEqualTo(Frame.close(4000, "that was all"));
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void whatTheOtherEndStillSaysBeforeItsAnswerArrives(Side from) {
        Ends ends = fixture.session();
        ends.end(from).sendClose(1000, "");
        ends.other(from).awaitClose();
        Frame large = Frame.binary(new Pattern(1).bytes(500_000));
        ends.other(from).send(Frame.text("one moment"), large, Frame.ping("p"));
        ends.other(from).sendClose(1000, "now");
        assertThat(ends.end(from).awaitFrames(4))
                .containsExactly(Frame.text("one moment"), large, Frame.ping("p"), Frame.close(1000, "now"));
        assertOver(ends);
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void nothingBehindACloseIsPassedOn(Side from) {
        Ends ends = fixture.session();
        ends.end(from).send(Frame.close(4000, "last word"), Frame.text("not quite"), Frame.close(4001, "again"));
        assertThat(ends.other(from).awaitFrame()).isEqualTo(Frame.close(4000, "last word"));
        ends.other(from).sendClose(4000, "");
        assertOver(ends);
        assertThat(ends.other(from).frames()).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void aCloseFollowedByFinCountsAsAClose(Side from) {
        Ends ends = fixture.session();
        ends.end(from).sendClose(4000, "in a hurry");
        ends.end(from).shutdownOutput();
        assertThat(ends.other(from).awaitFrame()).isEqualTo(Frame.close(4000, "in a hurry"));
        ends.other(from).sendClose(4000, "answer");
        assertThat(ends.end(from).awaitFrame()).isEqualTo(Frame.close(4000, "answer"));
        assertOver(ends);
        assertThat(ends.other(from).frames()).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void anEndThatNeverAnswersACloseIsNotWaitedForForEver(Side from) {
        Ends ends = fixture.session();
        try (LogCapture sessions = LogCapture.start(Session.class.getName(), Level.DEBUG)) {
            ends.end(from).sendClose(4000, "hello?");
            assertThat(ends.other(from).awaitFrame()).isEqualTo(Frame.close(4000, "hello?"));
            ends.end(from).awaitEnd(BOUND);
            ends.other(from).awaitEnd(BOUND);
            sessions.awaitLine(line -> line.getFormattedMessage().contains("no answer to Close"));
        }
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void anEndThatAnswersACloseByTalkingOnIsNotListenedToForEver(Side from) {
        Ends ends = fixture.session(UNLIMITED);
        ends.end(from).retainPayloadsUpTo(0);
        ends.end(from).sendClose(4000, "hello?");
        ends.other(from).awaitClose();
        Flood flood = ends.other(from).flood(new Pattern(1), 1L << 40, 1);
        ends.end(from).awaitEnd(BOUND);
        ends.other(from).awaitEnd(BOUND);
        assertThat(flood.isDone() && flood.written() == flood.total()).isFalse();
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void bothConnectionsAreEndedByTheGatewayOnceBothClosesAreThere(Side from) {
        Ends ends = fixture.session();
        ends.end(from).sendClose(1000, "");
        ends.other(from).awaitClose();
        ends.other(from).sendClose(1000, "");
        ends.end(from).awaitClose();
        ends.end(from).awaitEnd();
        ends.other(from).awaitEnd();
        fixture.awaitNoSession();
    }

    // by vanishing

    enum Death {
        FIN {
            @Override
            void of(Peer peer) {
                peer.close();
            }
        },
        RST {
            @Override
            void of(Peer peer) {
                peer.reset();
            }
        },
        HALF_CLOSE {
            @Override
            void of(Peer peer) {
                peer.shutdownOutput();
            }
        };

        abstract void of(Peer peer);
    }

    static Stream<Arguments> deaths() {
        return Stream.of(Side.values())
                .flatMap(side -> Stream.of(Death.values()).map(death -> Arguments.of(side, death)));
    }

    @ParameterizedTest
    @MethodSource("deaths")
    void anEndThatVanishesIsToldToTheOther(Side side, Death death) {
        Ends ends = fixture.session();
        death.of(ends.end(side));
        assertLost(ends, side);
        ends.end(side).awaitEnd();
    }

    @ParameterizedTest
    @MethodSource("deaths")
    void anEndThatVanishesInsideOfAMessageIsToldToTheOther(Side side, Death death) {
        Ends ends = fixture.session();
        ends.end(side).send(Frame.text("begun").withFin(false));
        assertThat(ends.other(side).awaitFrame()).isEqualTo(Frame.text("begun").withFin(false));
        death.of(ends.end(side));
        assertLost(ends, side);
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void dataBeforeAnEndVanishesArrivesBeforeTheNews(Side side) {
        Ends ends = fixture.session(UNLIMITED);
        Peer reader = ends.other(side);
        reader.retainPayloadsUpTo(1000);
        reader.pauseReading();
        Flood flood = ends.end(side).flood(new Pattern(3), 100_000, 100);
        flood.awaitStall();
        reader.readSlowly(50_000_000);
        flood.awaitDone();
        ends.end(side).close();
        assertThat(reader.awaitFrames(100)).isEqualTo(flood.frames());
        assertLost(ends, side);
    }

    @ParameterizedTest
    @MethodSource("deaths")
    void halfOfASmallFrameIsNeverPassedOn(Side side, Death death) {
        ScriptedUpstream upstream = fixture.upstream(Script.ACCEPT);
        fixture.start(upstream);
        for (int size : new int[] {8, 200, 5000, 32 * 1024}) {
            for (int missing : new int[] {1, size / 2, size - 1}) {
                Ends ends = fixture.session(upstream);
                byte[] frame = frameOf(size, ends.end(side));
                ends.end(side).send(Frame.text("whole"));
                ends.end(side).sendBytes(Arrays.copyOf(frame, size - missing));
                assertThat(ends.other(side).awaitFrame()).isEqualTo(Frame.text("whole"));
                death.of(ends.end(side));
                assertLost(ends, side);
                assertThat(ends.other(side).frames()).hasSize(2);
                assertThat(ends.other(side).awaitEnd().insideFrame()).isFalse();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void aResetRightBehindDataIsNoticedEveryTime(Side side) {
        ScriptedUpstream upstream = fixture.upstream(Script.ACCEPT);
        fixture.start(upstream);
        Random random = new Random(7);
        for (int i = 0; i < 300; i++) {
            Ends ends = fixture.session(upstream);
            byte[] frame = frameOf(200 + random.nextInt(20_000), ends.end(side));
            boolean half = random.nextBoolean();
            ends.end(side).sendBytes(half ? Arrays.copyOf(frame, frame.length / 2) : frame);
            ends.end(side).reset();
            assertThat(ends.other(side).awaitClose().closeCode()).isEqualTo(side == Side.CLIENT ? 1001 : 1014);
            ends.other(side).reset();
        }
    }

    /** A frame of this many bytes, header included. */
    private static byte[] frameOf(int size, Peer sender) {
        int header = FrameCodec.header(sender.masked(Frame.binary()), size, LengthEncoding.MINIMAL).length;
        byte[] bytes = FrameCodec.encode(sender.masked(Frame.binary(new Pattern(1).bytes(size - header))));
        assertThat(bytes).hasSize(size);
        return bytes;
    }

    @ParameterizedTest
    @MethodSource("deaths")
    void aLargeFrameThatIsNeverCompletedEndsTheOtherConnectionWithoutACloseInsideOfIt(Side side, Death death) {
        Ends ends = fixture.session(UNLIMITED);
        Peer peer = ends.end(side);
        peer.sendBytes(FrameCodec.header(peer.masked(Frame.binary()), 1 << 20, LengthEncoding.MINIMAL));
        peer.sendBytes(new byte[300_000]);
        ends.other(side).awaitBytes(300_000);
        death.of(peer);
        ends.other(side).awaitEnd();
        assertThat(ends.other(side).frames()).isEmpty();
    }

    @Test
    void anUpstreamThatDiesWhileTheClientSendsLeavesTheClientWithACloseOrAnEnd() {
        Ends ends = fixture.session(UNLIMITED);
        ends.upstream().retainPayloadsUpTo(0);
        ends.client().flood(new Pattern(1), 50_000, 1_000_000);
        ends.upstream().awaitFrames(100);
        ends.upstream().reset();
        assertThat(ends.client().awaitClose().closeCode()).isEqualTo(1014);
        ends.client().awaitEnd(BOUND);
    }

    @Test
    void aClientThatDiesWhileTheUpstreamSendsIsToldToTheUpstream() {
        Ends ends = fixture.session(UNLIMITED);
        ends.client().retainPayloadsUpTo(0);
        ends.upstream().flood(new Pattern(1), 50_000, 1_000_000);
        ends.client().awaitFrames(100);
        ends.client().reset();
        assertThat(ends.upstream().awaitClose().closeCode()).isEqualTo(1001);
        ends.upstream().awaitEnd(BOUND);
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void manySessionsThatVanishAtOnceLeaveNothingBehind(Side side) {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        fixture.start(upstream);
        List<ScriptedClient> clients = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            clients.add(fixture.connect("/"));
            clients.get(i).send(Frame.text("hello"), Frame.binary(new byte[100_000]));
        }
        if (side == Side.CLIENT) {
            clients.forEach(ScriptedClient::reset);
        } else {
            upstream.resetConnections();
        }
        upstream.connections().forEach(Peer::awaitEnd);
        clients.forEach(Peer::awaitEnd);
        fixture.awaitNoSession();
    }

    /** {@code side} vanished: the other end is told in the words of the contract, and both connections end. */
    private static void assertLost(Ends ends, Side side) {
        Frame close = ends.other(side).awaitFrame();
        assertThat(close.closeCode()).isEqualTo(side == Side.CLIENT ? 1001 : 1014);
        ends.other(side).sendClose(close.closeCode(), "");
        ends.upstream().shutdownOutput(); // as a server does, whose part it is to end the connection
        ends.other(side).awaitEnd();
    }

    /** Both connections end, in an orderly way, and no second Close was sent. */
    private static void assertOver(Ends ends) {
        ends.upstream().shutdownOutput(); // as a server does, whose part it is to end the connection
        for (Side side : Side.values()) {
            ends.end(side).awaitEnd();
            assertThat(ends.end(side).frames().stream().filter(frame -> frame.opcode() == Frame.CLOSE))
                    .hasSize(1);
        }
    }
}
