package io.tidegate.frame;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.tidegate.testkit.WireFrame;
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
        ByteBuf frame = ControlFrames.close(UnpooledByteBufAllocator.DEFAULT, sender, status);
        try {
            return ByteBufUtil.getBytes(frame);
        } finally {
            frame.release();
        }
    }
}
