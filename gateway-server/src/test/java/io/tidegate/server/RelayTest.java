package io.tidegate.server;

import static io.tidegate.server.GatewayFixture.UNLIMITED;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.server.GatewayFixture.Ends;
import io.tidegate.server.GatewayFixture.Side;
import io.tidegate.testkit.Flood;
import io.tidegate.testkit.Frame;
import io.tidegate.testkit.FrameCodec;
import io.tidegate.testkit.FrameCodec.LengthEncoding;
import io.tidegate.testkit.MetricSnapshot;
import io.tidegate.testkit.Pattern;
import io.tidegate.testkit.Peer;
import io.tidegate.testkit.Script;
import io.tidegate.testkit.ScriptedClient;
import io.tidegate.testkit.ScriptedUpstream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What goes in at one end comes out at the other: all of it, in order, as it was. */
@Timeout(120)
class RelayTest {

    private static final int WHOLE = 32 * 1024;

    @RegisterExtension
    final GatewayFixture fixture = new GatewayFixture();

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 125, 126, 127, 1000, 32767, 32768, 32769, 65535, 65536, 65537, 1 << 20})
    void messagesOfAnySizeComeBackFromAnEchoingUpstream(int size) {
        fixture.start(fixture.upstream(Script.ECHO));
        ScriptedClient client = fixture.connect("/");
        Frame binary = Frame.binary(new Pattern(size).bytes(size));
        Frame text = Frame.text("x".repeat(size));
        client.send(binary, text, binary);
        assertThat(client.awaitFrames(3)).containsExactly(binary, text, binary);
    }

    @Test
    void theUpstreamGetsMaskedFramesAndTheClientUnmaskedOnes() {
        Ends ends = fixture.session();
        for (int size : new int[] {5, 1000, 100_000}) {
            Frame frame = Frame.binary(new Pattern(1).bytes(size));
            ends.client().send(frame);
            ends.upstream().send(frame);
            assertThat(ends.upstream().awaitFrame().masked()).isTrue();
            assertThat(ends.client().awaitFrame().masked()).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, -1, 0x00FF00FF, Integer.MIN_VALUE})
    void anyMaskKeyIsFine(int key) {
        Ends ends = fixture.session();
        Frame frame = Frame.binary(new Pattern(1).bytes(70_001));
        ends.client().sendExactly(frame.maskedWith(key));
        ends.client().sendExactly(Frame.text("next").maskedWith(key));
        assertThat(ends.upstream().awaitFrames(2)).containsExactly(frame, Frame.text("next"));
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void fragmentsAndControlFramesBetweenThemPassAsTheyAre(Side from) {
        Ends ends = fixture.session();
        Frame[] frames = {
            Frame.text("one ").withFin(false),
            Frame.ping("between"),
            Frame.continuation("").withFin(false),
            Frame.pong(""),
            Frame.continuation("two ").withFin(false),
            Frame.ping("x".repeat(125)),
            Frame.pong("unasked"),
            Frame.continuation(""),
            Frame.binary().withFin(false),
            Frame.continuation("three"),
            Frame.text("")
        };
        ends.end(from).send(frames);
        assertThat(ends.other(from).awaitFrames(frames.length)).containsExactly(frames);
        for (Frame frame : frames) {
            ends.end(from).send(frame);
            assertThat(ends.other(from).awaitFrame()).isEqualTo(frame);
        }
    }

    @Test
    void pingsAreAnsweredByTheOtherEndAndNotByTheGateway() {
        Ends ends = fixture.session();
        ends.client().send(Frame.ping("up"), Frame.text("behind"));
        ends.upstream().send(Frame.ping("down"), Frame.text("behind"));
        assertThat(ends.upstream().awaitFrames(2)).containsExactly(Frame.ping("up"), Frame.text("behind"));
        assertThat(ends.client().awaitFrames(2)).containsExactly(Frame.ping("down"), Frame.text("behind"));
        ends.client().send(Frame.pong("down"));
        ends.upstream().send(Frame.pong("up"));
        assertThat(ends.upstream().awaitFrame()).isEqualTo(Frame.pong("down"));
        assertThat(ends.client().awaitFrame()).isEqualTo(Frame.pong("up"));
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void thePayloadIsNobodysBusiness(Side from) {
        Ends ends = fixture.session();
        Frame invalidUtf8 = Frame.of(Frame.TEXT, new byte[] {(byte) 0xC3, (byte) 0x28, (byte) 0xFF});
        ends.end(from).send(invalidUtf8);
        assertThat(ends.other(from).awaitFrame()).isEqualTo(invalidUtf8);
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void manySmallFramesInOneWriteArriveInOrder(Side from) {
        Ends ends = fixture.session();
        Frame[] frames = new Frame[20_000];
        for (int i = 0; i < frames.length; i++) {
            frames[i] = i % 7 == 0 ? Frame.ping(Integer.toString(i)) : Frame.text(Integer.toString(i));
        }
        ends.end(from).send(frames);
        assertThat(ends.other(from).awaitFrames(frames.length)).containsExactly(frames);
    }

    // cuts

    @ParameterizedTest
    @EnumSource(Side.class)
    void framesMayComeByteByByte(Side from) {
        Ends ends = fixture.session();
        List<Frame> frames = ofEachKind(ends.end(from));
        ends.end(from).sendByteByByte(FrameCodec.encode(frames));
        assertThat(ends.other(from).awaitFrames(frames.size())).isEqualTo(frames);
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void framesMayBeCutAnywhere(Side from) throws InterruptedException {
        Ends ends = fixture.session();
        List<Frame> frames = List.of(
                ends.end(from).masked(Frame.text("Hello").withFin(false)),
                ends.end(from).masked(Frame.ping("p")),
                ends.end(from).masked(Frame.continuation("x".repeat(126))),
                ends.end(from).masked(Frame.binary((byte) 1)));
        byte[] bytes = FrameCodec.encode(frames);
        for (int cut = 1; cut < bytes.length; cut++) {
            ends.end(from).sendBytes(Arrays.copyOf(bytes, cut));
            TimeUnit.MICROSECONDS.sleep(500); // to make two segments of it; nothing depends on it
            ends.end(from).sendBytes(Arrays.copyOfRange(bytes, cut, bytes.length));
            assertThat(ends.other(from).awaitFrames(frames.size())).isEqualTo(frames);
        }
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void aLargeFrameMayBeCutInItsHeader(Side from) throws InterruptedException {
        Ends ends = fixture.session();
        for (int size : new int[] {WHOLE - 1, WHOLE, WHOLE + 1, 65_536, 200_000}) {
            Frame frame = ends.end(from).masked(Frame.binary(new Pattern(size).bytes(size)));
            byte[] bytes = FrameCodec.encode(List.of(frame, ends.end(from).masked(Frame.text("next"))));
            for (int cut = 1; cut < 16; cut++) {
                ends.end(from).sendBytes(Arrays.copyOf(bytes, cut));
                TimeUnit.MICROSECONDS.sleep(500); // to make two segments of it; nothing depends on it
                ends.end(from).sendBytes(Arrays.copyOfRange(bytes, cut, bytes.length));
                assertThat(ends.other(from).awaitFrames(2)).containsExactly(frame, Frame.text("next"));
            }
        }
    }

    private static List<Frame> ofEachKind(Peer sender) {
        List<Frame> frames = new ArrayList<>();
        for (Frame frame : List.of(
                Frame.text(""),
                Frame.text("Hello").withFin(false),
                Frame.ping(""),
                Frame.continuation("x".repeat(125)).withFin(false),
                Frame.pong("y".repeat(125)),
                Frame.continuation("x".repeat(126)),
                Frame.binary(new Pattern(1).bytes(300)),
                Frame.binary(new Pattern(2).bytes(65_536)))) {
            frames.add(sender.masked(frame));
        }
        return frames;
    }

    /** A seed that fails is worth a test of its own. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void whateverIsSentInWhateverPiecesArrivesBothWaysAtOnce(long seed) throws InterruptedException {
        Ends ends = fixture.session(UNLIMITED);
        List<Frame> up = randomFrames(new Random(seed));
        List<Frame> down = randomFrames(new Random(-seed));
        Thread sender = new Thread(() -> sendInPieces(ends.upstream(), down, new Random(seed + 1)));
        sender.setDaemon(true);
        sender.start();
        sendInPieces(ends.client(), up, new Random(seed + 2));
        assertThat(ends.upstream().awaitFrames(up.size())).isEqualTo(up);
        assertThat(ends.client().awaitFrames(down.size())).isEqualTo(down);
        sender.join();
    }

    private static List<Frame> randomFrames(Random random) {
        List<Frame> frames = new ArrayList<>();
        boolean inside = false;
        for (int i = 0; i < 400; i++) {
            byte[] payload = new Pattern(random.nextLong()).bytes(randomSize(random));
            if (random.nextInt(4) == 0) {
                int opcode = random.nextBoolean() ? Frame.PING : Frame.PONG;
                frames.add(Frame.of(opcode, Arrays.copyOf(payload, Math.min(125, payload.length))));
            } else {
                boolean fin = random.nextInt(3) > 0;
                int opcode = inside ? Frame.CONTINUATION : random.nextBoolean() ? Frame.TEXT : Frame.BINARY;
                frames.add(Frame.of(opcode, payload).withFin(fin));
                inside = !fin;
            }
        }
        return frames;
    }

    private static int randomSize(Random random) {
        return switch (random.nextInt(8)) {
            case 0 -> 0;
            case 1 -> 120 + random.nextInt(12);
            case 2 -> 65_530 + random.nextInt(12);
            case 3 -> WHOLE - 6 + random.nextInt(12);
            case 4 -> random.nextInt(300_000);
            default -> random.nextInt(100);
        };
    }

    private static void sendInPieces(Peer peer, List<Frame> frames, Random random) {
        byte[] bytes = FrameCodec.encode(frames.stream().map(peer::masked).toList());
        for (int at = 0; at < bytes.length; ) {
            int size = Math.min(bytes.length - at, 1 + random.nextInt(random.nextBoolean() ? 20 : 100_000));
            peer.sendBytes(Arrays.copyOfRange(bytes, at, at + size));
            at += size;
        }
    }

    // large frames

    @ParameterizedTest
    @EnumSource(Side.class)
    void aLargeFrameIsPassedOnBeforeItIsComplete(Side from) {
        Ends ends = fixture.session(UNLIMITED);
        Peer sender = ends.end(from);
        long announced = 1L << 40;
        sender.sendBytes(FrameCodec.header(sender.masked(Frame.binary()), announced, LengthEncoding.MINIMAL));
        sender.sendBytes(new byte[1 << 20]);
        ends.other(from).awaitBytes((1 << 20) + 10);
        assertThat(ends.other(from).frames()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void oneFrameOf64MiBPassesUnharmed(Side from) {
        passes(from, 64 << 20, 1);
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void manyFramesOf64KiBPassUnharmed(Side from) {
        passes(from, 64 << 10, 1024);
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void aMessageOf64MiBInFragmentsPassesUnharmed(Side from) {
        Ends ends = fixture.session(UNLIMITED);
        ends.other(from).retainPayloadsUpTo(0);
        List<Frame> fragments = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            byte[] payload = new Pattern(i).bytes(1 << 20);
            Frame frame = Frame.of(i == 0 ? Frame.BINARY : Frame.CONTINUATION, payload)
                    .withFin(i == 63);
            ends.end(from).send(frame);
            fragments.add(new Frame(
                    frame.fin(), 0, frame.opcode(), false, 0, 1 << 20, frame.crc(), new byte[0], new byte[0]));
        }
        assertThat(ends.other(from).awaitFrames(64)).isEqualTo(fragments);
    }

    private void passes(Side from, long length, int count) {
        Ends ends = fixture.session(UNLIMITED);
        ends.other(from).retainPayloadsUpTo(0);
        Flood flood = ends.end(from).flood(new Pattern(7), length, count);
        flood.awaitDone();
        assertThat(ends.other(from).awaitFrames(count)).isEqualTo(flood.frames());
        ends.end(from).send(Frame.text("next"));
        assertThat(ends.other(from).awaitFrame())
                .isEqualTo(new Frame(
                        true, 0, Frame.TEXT, false, 0, 4, Frame.text("next").crc(), new byte[0], new byte[0]));
    }

    // many sessions

    @Test
    void manySessionsAtOnceDoNotMix() {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        fixture.start(upstream);
        List<ScriptedClient> clients = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            clients.add(fixture.connect("/" + i));
        }
        MetricSnapshot.await(fixture.admin(), now -> now.value("tidegate_connections") == 200);
        for (int round = 0; round < 10; round++) {
            for (int i = 0; i < clients.size(); i++) {
                clients.get(i).send(Frame.text(i + " in round " + round), Frame.binary(new Pattern(i).bytes(500)));
            }
        }
        for (int i = 0; i < clients.size(); i++) {
            for (int round = 0; round < 10; round++) {
                assertThat(clients.get(i).awaitFrames(2))
                        .containsExactly(Frame.text(i + " in round " + round), Frame.binary(new Pattern(i).bytes(500)));
            }
        }
    }
}
