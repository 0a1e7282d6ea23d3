package io.tidegate.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidegate.testkit.FrameCodec.LengthEncoding;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameCodecTest {

    @Test
    void writesTheExamplesOfRfc6455() {
        assertThat(FrameCodec.encode(Frame.text("Hello"))).isEqualTo(hex("810548656c6c6f"));
        assertThat(FrameCodec.encode(Frame.text("Hello").maskedWith(0x37fa213d)))
                .isEqualTo(hex("818537fa213d7f9f4d5158"));
        assertThat(FrameCodec.encode(List.of(Frame.text("Hel").withFin(false), Frame.continuation("lo"))))
                .isEqualTo(hex("010348656c80026c6f"));
        assertThat(FrameCodec.encode(Frame.ping("Hello"))).isEqualTo(hex("890548656c6c6f"));
        assertThat(FrameCodec.header(Frame.binary(), 256, LengthEncoding.MINIMAL))
                .isEqualTo(hex("827e0100"));
        assertThat(FrameCodec.header(Frame.binary(), 65536, LengthEncoding.MINIMAL))
                .isEqualTo(hex("827f0000000000010000"));
    }

    @Test
    void writesLongerLengthsThanNeededAndImpossibleOnesWhenTold() {
        assertThat(FrameCodec.encode(Frame.text("a"), LengthEncoding.BITS_16)).isEqualTo(hex("817e000161"));
        assertThat(FrameCodec.encode(Frame.text("a"), LengthEncoding.BITS_64)).isEqualTo(hex("817f000000000000000161"));
        assertThat(FrameCodec.header(Frame.binary(), -1, LengthEncoding.MINIMAL))
                .isEqualTo(hex("827fffffffffffffffff"));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 125, 126, 127, 65535, 65536, 200_000})
    void readsWhatItWrites(int length) throws IOException {
        Frame sent = Frame.binary(new Pattern(length).bytes(length))
                .withRsv(5)
                .withFin(false)
                .maskedWith(0x01020304);
        Frame received = read(FrameCodec.encode(sent));
        assertThat(received).isEqualTo(sent);
        assertThat(received.payload()).isEqualTo(sent.payload());
        assertThat(received.masked()).isTrue();
        assertThat(received.maskKey()).isEqualTo(0x01020304);
        assertThat(FrameCodec.concat(received.header())).startsWith(0x52);
    }

    @Test
    void keepsLengthAndCrcOfAPayloadTooLongToRetain() throws IOException {
        Frame sent = Frame.binary(new Pattern(1).bytes(100_000)).maskedWith(-2);
        Frame received = FrameCodec.read(new Intake(new ByteArrayInputStream(FrameCodec.encode(sent))), 1000);
        assertThat(received).isEqualTo(sent);
        assertThat(received).isNotNull().extracting(Frame::retained).isEqualTo(false);
    }

    @Test
    void tellsTheEndOfTheStreamBetweenFramesFromOneInside() throws IOException {
        byte[] bytes = FrameCodec.encode(Frame.text("Hello"));
        assertThat(read(new byte[0])).isNull();
        for (int cut = 1; cut < bytes.length; cut++) {
            byte[] part = java.util.Arrays.copyOf(bytes, cut);
            assertThatThrownBy(() -> read(part)).isInstanceOf(EOFException.class);
        }
    }

    @Test
    void comparesByMeaning() {
        assertThat(Frame.text("a").maskedWith(7)).isEqualTo(Frame.text("a"));
        assertThat(Frame.text("a")).isNotEqualTo(Frame.text("b"));
        assertThat(Frame.text("a")).isNotEqualTo(Frame.text("a").withFin(false));
        assertThat(Frame.text("a")).isNotEqualTo(Frame.text("a").withRsv(4));
        assertThat(Frame.text("a")).isNotEqualTo(Frame.continuation("a"));
    }

    @Test
    void readsCodeAndReasonOfAClose() {
        assertThat(Frame.close(4001, "bye").closeCode()).isEqualTo(4001);
        assertThat(Frame.close(4001, "bye").closeReason()).isEqualTo("bye");
        assertThat(Frame.close().closeCode()).isEqualTo(Frame.NO_CODE);
        assertThat(Frame.close()).isNotEqualTo(Frame.close(1005, ""));
    }

    @Test
    void givesTheSamePatternWhereverItIsCut() {
        Pattern pattern = new Pattern(42);
        byte[] whole = pattern.bytes(1000);
        byte[] cut = FrameCodec.concat(pattern.bytes(0, 13), pattern.bytes(13, 501), pattern.bytes(514, 486));
        assertThat(cut).isEqualTo(whole);
        assertThat(pattern.crc(0, 1000)).isEqualTo(Frame.crcOf(whole));
        assertThat(new Pattern(43).bytes(1000)).isNotEqualTo(whole);
    }

    @SuppressWarnings("NullAway") // null is asserted
    private static Frame read(byte[] bytes) throws IOException {
        return FrameCodec.read(new Intake(new ByteArrayInputStream(bytes)), 1 << 20);
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }
}
