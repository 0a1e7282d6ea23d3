package io.tidegate.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.server.GatewayFixture.Ends;
import io.tidegate.server.GatewayFixture.Side;
import io.tidegate.testkit.Frame;
import io.tidegate.testkit.FrameCodec;
import io.tidegate.testkit.FrameCodec.LengthEncoding;
import io.tidegate.testkit.Peer;
import io.tidegate.testkit.ScriptedUpstream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The frame rules of RFC 6455 section 5, on both legs: whoever breaks one gets 1002, and the other end is told in its own way. */
@Timeout(60)
class FrameRulesTest {

    @RegisterExtension
    final GatewayFixture fixture = new GatewayFixture();

    /** What breaks a rule, as bytes of the end that breaks it. */
    static Stream<Arguments> violations() {
        List<Named<Function<Peer, byte[]>>> violations = new ArrayList<>();
        violations.add(
                Named.of("masked the wrong way", peer -> FrameCodec.encode(wronglyMasked(peer, Frame.text("x")))));
        violations.add(Named.of(
                "empty and masked the wrong way", peer -> FrameCodec.encode(wronglyMasked(peer, Frame.text("")))));
        violations.add(
                Named.of("Ping masked the wrong way", peer -> FrameCodec.encode(wronglyMasked(peer, Frame.ping("")))));
        violations.add(Named.of(
                "Close masked the wrong way", peer -> FrameCodec.encode(wronglyMasked(peer, Frame.close(1000, "")))));
        for (int rsv = 1; rsv < 8; rsv++) {
            violations.add(violation("data with rsv " + rsv, Frame.text("x").withRsv(rsv)));
        }
        violations.add(violation("Ping with rsv 4", Frame.ping("x").withRsv(4)));
        violations.add(violation("Close with rsv 4", Frame.close(1000, "").withRsv(4)));
        for (int opcode : new int[] {3, 4, 5, 6, 7, 11, 12, 13, 14, 15}) {
            violations.add(violation("opcode " + opcode, Frame.of(opcode, new byte[] {1})));
        }
        for (Frame control : List.of(Frame.ping("x"), Frame.pong("x"), Frame.close(1000, ""))) {
            violations.add(violation(control + " in fragments", control.withFin(false)));
            violations.add(violation(
                    "long " + control,
                    Frame.of(
                            control.opcode(), Frame.close(1000, "x".repeat(124)).payload())));
            violations.add(encoded(control + " with 16 bits of length", control, LengthEncoding.BITS_16));
            violations.add(encoded(control + " with 64 bits of length", control, LengthEncoding.BITS_64));
        }
        violations.add(violation("Continuation of nothing", Frame.continuation("x")));
        violations.add(violation(
                "unfinished Continuation of nothing", Frame.continuation("x").withFin(false)));
        violations.add(violation("Text inside of a message", Frame.text("a").withFin(false), Frame.text("b")));
        violations.add(violation("Binary inside of a message", Frame.text("a").withFin(false), Frame.binary((byte) 1)));
        violations.add(violation(
                "Continuation behind a finished message",
                Frame.text("a").withFin(false),
                Frame.continuation("b"),
                Frame.continuation("c")));
        for (int length : new int[] {0, 1, 125}) {
            Frame frame = Frame.text("x".repeat(length));
            violations.add(encoded(length + " bytes with 16 bits of length", frame, LengthEncoding.BITS_16));
            violations.add(encoded(length + " bytes with 64 bits of length", frame, LengthEncoding.BITS_64));
        }
        violations.add(
                encoded("65535 bytes with 64 bits of length", Frame.text("x".repeat(65_535)), LengthEncoding.BITS_64));
        violations.add(announced("a length with its highest bit set", Long.MIN_VALUE));
        violations.add(announced("a length of all ones", -1));
        violations.add(violation("a Close of one byte", Frame.of(Frame.CLOSE, new byte[] {3})));
        for (int code : new int[] {0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535}) {
            violations.add(violation("a Close with code " + code, Frame.close(code, "no")));
        }
        return Stream.of(Side.values())
                .flatMap(side -> violations.stream().map(violation -> Arguments.of(side, violation)));
    }

    private static Named<Function<Peer, byte[]>> violation(String name, Frame... frames) {
        return Named.of(
                name,
                peer -> FrameCodec.encode(Stream.of(frames).map(peer::masked).toList()));
    }

    private static Named<Function<Peer, byte[]>> encoded(String name, Frame frame, LengthEncoding encoding) {
        return Named.of(name, peer -> FrameCodec.encode(peer.masked(frame), encoding));
    }

    private static Named<Function<Peer, byte[]>> announced(String name, long length) {
        return Named.of(name, peer -> FrameCodec.header(peer.masked(Frame.binary()), length, LengthEncoding.MINIMAL));
    }

    private static Frame wronglyMasked(Peer peer, Frame frame) {
        return peer.masked(frame).masked() ? frame.unmasked() : frame.maskedWith(0x01020304);
    }

    @ParameterizedTest
    @MethodSource("violations")
    void whoeverBreaksARuleGets1002AndNothingOfItReachesTheOtherEnd(Side offender, Function<Peer, byte[]> violation) {
        Ends ends = fixture.session();
        Peer other = ends.other(offender);
        ends.end(offender).send(Frame.text("good"), Frame.ping("good"));
        ends.end(offender).sendBytes(violation.apply(ends.end(offender)));
        assertThat(ends.end(offender).awaitClose().closeCode()).isEqualTo(1002);
        int code = other.awaitClose().closeCode();
        if (offender == Side.CLIENT) {
            assertThat(code).isEqualTo(1001);
        } else {
            assertThat(code).isIn(1002, 1014);
        }
        other.sendClose(code, "");
        other.shutdownOutput();
        other.awaitEnd();
        ends.end(offender).awaitEnd();
        assertThat(other.frames().subList(0, 2)).containsExactly(Frame.text("good"), Frame.ping("good"));
        assertThat(other.frames().subList(2, other.frames().size() - 1))
                .as("legal beginnings of a message")
                .allMatch(
                        frame -> frame.equals(Frame.text("a").withFin(false)) || frame.equals(Frame.continuation("b")));
        assertThat(other.awaitEnd().insideFrame()).isFalse();
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void aViolationInTheSameWriteAsGoodFramesLosesNoneOfThem(Side offender) {
        Ends ends = fixture.session();
        Peer peer = ends.end(offender);
        List<Frame> frames = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            frames.add(peer.masked(Frame.text("good " + i)));
        }
        List<Frame> all = new ArrayList<>(frames);
        all.add(peer.masked(Frame.of(5, new byte[0])));
        all.add(peer.masked(Frame.text("too late")));
        peer.sendBytes(FrameCodec.encode(all));
        assertThat(ends.other(offender).awaitFrames(100)).isEqualTo(frames);
        assertThat(ends.other(offender).awaitFrame().opcode()).isEqualTo(Frame.CLOSE);
        assertThat(peer.awaitClose().closeCode()).isEqualTo(1002);
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void aCloseOfTheGatewayIsNeverPutInsideOfAFrame(Side offender) {
        Ends ends = fixture.session(GatewayFixture.UNLIMITED);
        Peer offending = ends.end(offender);
        Peer other = ends.other(offender);
        other.sendBytes(FrameCodec.header(other.masked(Frame.binary()), 1 << 20, LengthEncoding.MINIMAL));
        other.sendBytes(new byte[200_000]);
        offending.awaitBytes(200_000);
        offending.send(Frame.of(7, new byte[0]));
        assertThat(other.awaitClose().closeCode()).isIn(1001, 1002, 1014);
        other.awaitEnd();
        offending.awaitEnd();
        assertThat(offending.frames()).isEmpty();
        assertThat(offending.awaitEnd().close()).isNull();
    }

    // extensions

    @ParameterizedTest
    @EnumSource(Side.class)
    void rsv1IsAllowedOnceCompressionIsNegotiated(Side from) {
        Ends ends = compressed();
        Frame[] frames = {
            Frame.text("squeezed").withRsv(4),
            Frame.text("plain"),
            Frame.binary((byte) 1).withRsv(4).withFin(false),
            Frame.ping("p"),
            Frame.continuation("more")
        };
        ends.end(from).send(frames);
        assertThat(ends.other(from).awaitFrames(frames.length)).containsExactly(frames);
    }

    static Stream<Arguments> compressedViolations() {
        List<Named<Function<Peer, byte[]>>> violations = List.of(
                violation("Ping with rsv 4", Frame.ping("x").withRsv(4)),
                violation("Close with rsv 4", Frame.close(1000, "").withRsv(4)),
                violation(
                        "Continuation with rsv 4",
                        Frame.text("a").withFin(false),
                        Frame.continuation("b").withRsv(4)),
                violation("data with rsv 2", Frame.text("x").withRsv(2)),
                violation("data with rsv 1", Frame.text("x").withRsv(1)),
                violation("data with rsv 6", Frame.text("x").withRsv(6)));
        return Stream.of(Side.values())
                .flatMap(side -> violations.stream().map(violation -> Arguments.of(side, violation)));
    }

    @ParameterizedTest
    @MethodSource("compressedViolations")
    void compressionAllowsNothingElse(Side offender, Function<Peer, byte[]> violation) {
        Ends ends = compressed();
        ends.end(offender).sendBytes(violation.apply(ends.end(offender)));
        assertThat(ends.end(offender).awaitClose().closeCode()).isEqualTo(1002);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void compressionThatWasOnlyOfferedAllowsNothing(boolean fromClient) {
        ScriptedUpstream upstream = fixture.upstream(io.tidegate.testkit.Script.ACCEPT);
        fixture.start(upstream);
        Ends ends = fixture.session(upstream, "Sec-WebSocket-Extensions: permessage-deflate");
        Peer offender = ends.end(fromClient ? Side.CLIENT : Side.UPSTREAM);
        offender.send(Frame.text("x").withRsv(4));
        assertThat(offender.awaitClose().closeCode()).isEqualTo(1002);
    }

    private Ends compressed() {
        ScriptedUpstream upstream = fixture.upstream(c -> c.accept(a -> a.extensions("permessage-deflate")));
        fixture.start(upstream);
        return fixture.session(upstream, "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits");
    }
}
