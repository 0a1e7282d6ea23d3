package io.tidegate.bench.load;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The generator's own frames, judged by Netty's, and by RFC 6455 section 5 byte for byte. */
class FramesTest {

    private static final ByteBufAllocator ALLOCATOR = UnpooledByteBufAllocator.DEFAULT;

    private final List<String> seen = new ArrayList<>();

    @ParameterizedTest
    @ValueSource(ints = {24, 125, 126, 127, 65_535, 65_536, 100_001})
    void nettyReadsWhatIsWritten(int size) {
        FrameWriter writer = new FrameWriter(new SequencePayload(size), FrameWriter.TEXT);
        EmbeddedChannel server = server();

        server.writeInbound(writer.message(ALLOCATOR, MessageId.of(2, 3)));

        TextWebSocketFrame frame = server.readInbound();
        byte[] expected = new byte[size];
        new SequencePayload(size).fill(expected, MessageId.of(2, 3));
        assertThat(ByteBufUtil.getBytes(frame.content())).isEqualTo(expected);
        frame.release();
        server.finishAndReleaseAll();
    }

    @Test
    void nettyReadsControlFrames() {
        FrameWriter writer = new FrameWriter(new SequencePayload(24), FrameWriter.TEXT);
        EmbeddedChannel server = server();

        server.writeInbound(writer.control(ALLOCATOR, FrameWriter.PONG, Unpooled.wrappedBuffer(new byte[125]), 0, 125));
        server.writeInbound(writer.close(ALLOCATOR, 1000));

        PongWebSocketFrame pong = server.readInbound();
        assertThat(pong.content().readableBytes()).isEqualTo(125);
        pong.release();
        CloseWebSocketFrame close = server.readInbound();
        assertThat(close.statusCode()).isEqualTo(1000);
        close.release();
        server.finishAndReleaseAll();
    }

    @Test
    void readsWhateverTheReadsAreCutInto() {
        String stream = "8103414243" // "ABC"
                + "0101" + "41" + "8900" + "0001" + "42" + "8001" + "43" // "A" ping "B" "C"
                + "827E0080" + "44".repeat(128)
                + "82020000"
                + "8802" + "03E8";
        byte[] bytes = ByteBufUtil.decodeHexDump(stream);
        List<String> expected = List.of(
                "message ABC",
                "control 9 0",
                "message ABC",
                "message " + "D".repeat(128),
                "message \0\0",
                "control 8 2");
        for (int first = 0; first < bytes.length; first++) {
            for (int second = first; second < bytes.length; second += 7) {
                seen.clear();
                FrameReader reader = reader(1 << 16);
                reader.read(Unpooled.copiedBuffer(bytes, 0, first), ALLOCATOR);
                reader.read(Unpooled.copiedBuffer(bytes, first, second - first), ALLOCATOR);
                reader.read(Unpooled.copiedBuffer(bytes, second, bytes.length - second), ALLOCATOR);
                reader.release();
                assertThat(seen).as("cut at %d and %d", first, second).isEqualTo(expected);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "818000000000, masked",
        "C100, reserved",
        "8300, opcode 3",
        "8B00, control frame",
        "0900, control frame",
        "897E0000, control frame",
        "8000, continuation of nothing",
        "01008100, new message inside",
        "817F7FFFFFFFFFFFFFFF, at most 65536",
        "817FFFFFFFFFFFFFFFFF, at most 65536"
    })
    void endsAtAViolation(String hex, String words) {
        FrameReader reader = reader(1 << 16);
        reader.read(Unpooled.copiedBuffer(ByteBufUtil.decodeHexDump(hex + "810141")), ALLOCATOR);
        reader.release();

        assertThat(seen).hasSize(1);
        assertThat(seen.get(0)).startsWith("violation").contains(words);
    }

    private FrameReader reader(int limit) {
        return new FrameReader(
                new FrameReader.Sink() {
                    @Override
                    public void message(ByteBuf from, int index, int length) {
                        seen.add("message " + from.toString(index, length, US_ASCII));
                    }

                    @Override
                    public void control(int opcode, ByteBuf from, int index, int length) {
                        seen.add("control " + opcode + " " + length);
                    }

                    @Override
                    public void violation(String what) {
                        seen.add("violation " + what);
                    }
                },
                limit);
    }

    private static EmbeddedChannel server() {
        return new EmbeddedChannel(new WebSocket13FrameDecoder(true, false, 1 << 20));
    }
}
