package io.tidegate.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.tidegate.testkit.WireFrame;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ControlFramesTest {

    @Test
    void serversCloseIsNotMasked() {
        assertThat(bytes(Sender.SERVER, new CloseStatus(1001, "bye")))
                .isEqualTo(WireFrame.close(1001, "bye").bytes());
    }

    @Test
    void clientsCloseIsMaskedWithTheKeyInItsHeader() {
        byte[] frame = bytes(Sender.CLIENT, new CloseStatus(1001, "bye"));

        int key = (frame[2] & 0xff) << 24 | (frame[3] & 0xff) << 16 | (frame[4] & 0xff) << 8 | (frame[5] & 0xff);
        assertThat(frame).isEqualTo(WireFrame.close(1001, "bye").masked(key).bytes());
    }

    @Test
    void eachMaskKeyIsFresh() {
        Set<String> keys = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            keys.add(Arrays.toString(Arrays.copyOfRange(bytes(Sender.CLIENT, CloseStatus.EMPTY), 2, 6)));
        }

        assertThat(keys).hasSizeGreaterThan(90);
    }

    @Test
    void emptyStatusMakesAnEmptyPayload() {
        assertThat(bytes(Sender.SERVER, CloseStatus.EMPTY)).containsExactly(0x88, 0);
        assertThat(bytes(Sender.CLIENT, CloseStatus.EMPTY)).hasSize(6).startsWith(0x88, 0x80);
    }

    @ParameterizedTest
    @EnumSource
    void scannerReadsBackWhatWasWritten(Sender sender) {
        CloseStatus status = new CloseStatus(4321, "größer als gedacht 🌊");

        assertThat(readBack(sender, status)).isEqualTo(status);
        assertThat(readBack(sender, new CloseStatus(1000, ""))).isEqualTo(new CloseStatus(1000, ""));
        assertThat(readBack(sender, CloseStatus.EMPTY)).isEqualTo(CloseStatus.EMPTY);
    }

    @Test
    void reasonOfUpTo123BytesStays() {
        assertThat(readBack(Sender.SERVER, new CloseStatus(1000, "x".repeat(123)))
                        .reason())
                .isEqualTo("x".repeat(123));
    }

    @ParameterizedTest
    @CsvSource({"x, 200, 123", "é, 62, 61", "€, 42, 41", "🌊, 31, 30", "🌊, 500, 30"})
    void longerReasonIsCutAtACharacter(String character, int given, int left) {
        CloseStatus read = readBack(Sender.CLIENT, new CloseStatus(1000, character.repeat(given)));

        assertThat(read.reason()).isEqualTo(character.repeat(left));
    }

    @Test
    void cutNeverSplitsACharacterWhereverItFalls() {
        for (int before = 115; before <= 123; before++) {
            String reason = "x".repeat(before) + "🌊🌊";
            String read = readBack(Sender.SERVER, new CloseStatus(1000, reason)).reason();
            assertThat(reason).startsWith(read);
            assertThat(read.getBytes(StandardCharsets.UTF_8)).hasSizeBetween(120, 123);
        }
    }

    @ParameterizedTest
    @EnumSource
    void pingsAndPongsCarryTheirPayload(Sender sender) {
        for (int length = 0; length <= 125; length++) {
            byte[] payload = WireFrame.of(WireFrame.PING, length).payload();
            for (int opcode : new int[] {WireFrame.PING, WireFrame.PONG}) {
                boolean ping = opcode == WireFrame.PING;
                byte[] fromArray = bytes(
                        ping
                                ? ControlFrames.ping(UnpooledByteBufAllocator.DEFAULT, sender, payload)
                                : ControlFrames.pong(UnpooledByteBufAllocator.DEFAULT, sender, payload));
                assertThat(fromArray).isEqualTo(wire(opcode, payload, sender, fromArray, 2));

                ByteBuf buffer =
                        Unpooled.directBuffer().writeZero(3).writeBytes(payload).skipBytes(3);
                byte[] fromBuffer = bytes(
                        ping
                                ? ControlFrames.ping(UnpooledByteBufAllocator.DEFAULT, sender, buffer)
                                : ControlFrames.pong(UnpooledByteBufAllocator.DEFAULT, sender, buffer));
                assertThat(fromBuffer).isEqualTo(wire(opcode, payload, sender, fromBuffer, 2));
                assertThat(buffer.readableBytes()).isEqualTo(length);
                assertThat(buffer.release()).isTrue();
            }
        }
    }

    @Test
    void longerPayloadIsRefused() {
        assertThatThrownBy(() -> ControlFrames.ping(UnpooledByteBufAllocator.DEFAULT, Sender.SERVER, new byte[126]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("payload: 126 bytes (expected: <= 125)");
        assertThatThrownBy(() -> ControlFrames.pong(UnpooledByteBufAllocator.DEFAULT, Sender.CLIENT, new byte[126]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @EnumSource
    void textsStandInOneFrame(Sender sender) {
        for (int length : new int[] {0, 1, 7, 8, 9, 125, 126, 127, 65_535, 65_536, 70_001}) {
            byte[] payload = WireFrame.of(WireFrame.TEXT, length).payload();
            int header = length < 126 ? 2 : length < 65_536 ? 4 : 10;
            byte[] fromArray = bytes(DataFrames.text(UnpooledByteBufAllocator.DEFAULT, sender, payload));
            assertThat(fromArray).isEqualTo(wire(WireFrame.TEXT, payload, sender, fromArray, header));

            ByteBuf buffer = Unpooled.wrappedBuffer(payload);
            byte[] fromBuffer = bytes(DataFrames.text(UnpooledByteBufAllocator.DEFAULT, sender, buffer));
            assertThat(fromBuffer).isEqualTo(wire(WireFrame.TEXT, payload, sender, fromBuffer, header));
            assertThat(buffer.readableBytes()).isEqualTo(length);
        }
    }

    @Test
    void eachTextHasAFreshMaskKey() {
        Set<String> keys = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            byte[] frame = bytes(DataFrames.text(UnpooledByteBufAllocator.DEFAULT, Sender.CLIENT, new byte[0]));
            keys.add(Arrays.toString(Arrays.copyOfRange(frame, 2, 6)));
        }

        assertThat(keys).hasSizeGreaterThan(90);
    }

    /** What it should be, with the mask key of the frame that was made. */
    private static byte[] wire(int opcode, byte[] payload, Sender sender, byte[] made, int header) {
        WireFrame frame = WireFrame.of(opcode, payload);
        return sender == Sender.SERVER
                ? frame.bytes()
                : frame.masked(ByteBuffer.wrap(made).getInt(header)).bytes();
    }

    private static byte[] bytes(ByteBuf frame) {
        try {
            return ByteBufUtil.getBytes(frame);
        } finally {
            frame.release();
        }
    }

    private static CloseStatus readBack(Sender sender, CloseStatus status) {
        byte[] frame = bytes(sender, status);
        assertThat(frame).hasSizeLessThanOrEqualTo(131);
        FrameScanner scanner = new FrameScanner(sender, FrameLimits.NONE, false);
        int scanned = scanner.scan(Unpooled.wrappedBuffer(frame), 0, frame.length);
        assertThat(scanner.violation()).isNull();
        assertThat(scanned).isEqualTo(frame.length);
        return scanner.close();
    }

    private static byte[] bytes(Sender sender, CloseStatus status) {
        return bytes(ControlFrames.close(UnpooledByteBufAllocator.DEFAULT, sender, status));
    }
}
