package io.tidegate.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.server.GatewayFixture.Ends;
import io.tidegate.server.GatewayFixture.Side;
import io.tidegate.server.config.LimitsConfig;
import io.tidegate.testkit.Frame;
import io.tidegate.testkit.FrameCodec;
import io.tidegate.testkit.FrameCodec.LengthEncoding;
import io.tidegate.testkit.Peer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Limits are kept by looking at headers: what is too big is refused with 1009 before any of it is passed on. */
@Timeout(60)
class LimitsTest {

    private static final LimitsConfig LIMITS = new LimitsConfig(1000, 600);
    private static final LimitsConfig ONLY_MESSAGES = new LimitsConfig(1000, 0);
    private static final LimitsConfig ONLY_FRAMES = new LimitsConfig(0, 600);

    @RegisterExtension
    final GatewayFixture fixture = new GatewayFixture();

    @ParameterizedTest
    @EnumSource(Side.class)
    void whatIsJustWithinTheLimitsPasses(Side from) {
        Ends ends = fixture.session(LIMITS);
        Frame[] frames = {
            text(600),
            text(600).withFin(false),
            Frame.ping("x".repeat(125)),
            Frame.continuation("x".repeat(400)),
            text(600),
            text(500).withFin(false),
            Frame.continuation("x".repeat(500)),
        };
        for (int i = 0; i < 5; i++) {
            ends.end(from).send(frames);
            assertThat(ends.other(from).awaitFrames(frames.length)).containsExactly(frames);
        }
    }

    static Stream<Arguments> announcements() {
        return Stream.of(Side.values())
                .flatMap(side -> Stream.of(
                        Arguments.of(side, LIMITS, 601L),
                        Arguments.of(side, LIMITS, 65_536L),
                        Arguments.of(side, LIMITS, 1L << 31),
                        Arguments.of(side, LIMITS, 1L << 32),
                        Arguments.of(side, LIMITS, Long.MAX_VALUE),
                        Arguments.of(side, ONLY_MESSAGES, 1001L),
                        Arguments.of(side, ONLY_MESSAGES, Long.MAX_VALUE),
                        Arguments.of(side, ONLY_FRAMES, 601L),
                        Arguments.of(side, ONLY_FRAMES, Long.MAX_VALUE)));
    }

    @ParameterizedTest
    @MethodSource("announcements")
    void aFrameThatAnnouncesTooMuchIsRefusedByItsHeaderAlone(Side offender, LimitsConfig limits, long length) {
        Ends ends = fixture.session(limits);
        Peer peer = ends.end(offender);
        peer.send(Frame.text("good"));
        peer.sendBytes(FrameCodec.header(peer.masked(Frame.binary()), length, LengthEncoding.MINIMAL));
        assertRefused(ends, offender);
        assertThat(ends.other(offender).frames()).hasSize(2).startsWith(Frame.text("good"));
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void aMessageThatGrowsTooBigIsRefusedByTheHeaderOfTheFragmentThatIsTooMuch(Side offender) {
        Ends ends = fixture.session(LIMITS);
        Peer peer = ends.end(offender);
        peer.send(
                text(600).withFin(false),
                Frame.ping("x".repeat(100)),
                Frame.continuation("x".repeat(400)).withFin(false));
        peer.sendBytes(FrameCodec.header(peer.masked(Frame.continuation("")), 1, LengthEncoding.MINIMAL));
        assertRefused(ends, offender);
        assertThat(ends.other(offender).frames()).hasSize(4);
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void theSumOfFragmentsCannotOverflow(Side offender) {
        Ends ends = fixture.session(ONLY_MESSAGES);
        Peer peer = ends.end(offender);
        peer.send(text(10).withFin(false));
        peer.sendBytes(
                FrameCodec.header(peer.masked(Frame.continuation("")), Long.MAX_VALUE - 5, LengthEncoding.MINIMAL));
        assertRefused(ends, offender);
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void anEndlessRowOfFragmentsIsStoppedAtTheLimit(Side offender) {
        Ends ends = fixture.session(LIMITS);
        Peer peer = ends.end(offender);
        Frame[] fragments = new Frame[30];
        for (int i = 0; i < fragments.length; i++) {
            fragments[i] = Frame.of(i == 0 ? Frame.BINARY : Frame.CONTINUATION, new byte[50])
                    .withFin(false);
        }
        peer.send(fragments);
        assertRefused(ends, offender);
        assertThat(ends.other(offender).frames().stream()
                        .mapToLong(frame -> frame.isControl() ? 0 : frame.length())
                        .sum())
                .isEqualTo(1000);
    }

    private static void assertRefused(Ends ends, Side offender) {
        assertThat(ends.end(offender).awaitClose().closeCode()).isEqualTo(1009);
        int code = ends.other(offender).awaitClose().closeCode();
        if (offender == Side.CLIENT) {
            assertThat(code).isEqualTo(1001);
        } else {
            assertThat(code).isIn(1009, 1014);
        }
        ends.end(offender).awaitEnd();
        ends.other(offender).sendClose(code, "");
        ends.other(offender).shutdownOutput();
        assertThat(ends.other(offender).awaitEnd().insideFrame()).isFalse();
    }

    private static Frame text(int length) {
        return Frame.text("x".repeat(length));
    }
}
