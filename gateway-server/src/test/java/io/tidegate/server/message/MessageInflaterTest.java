package io.tidegate.server.message;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.extensions.WebSocketExtensionUtil;
import io.netty.handler.codec.http.websocketx.extensions.compression.PerMessageDeflateServerExtensionHandshaker;
import io.tidegate.server.message.MessageInflater.Outcome;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import org.java_websocket.extensions.permessage_deflate.PerMessageDeflateExtension;
import org.java_websocket.framing.BinaryFrame;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MessageInflaterTest {

    private static final long PLENTY = 10_000_000;

    private final MessageInflater inflater = new MessageInflater();
    private final ByteBuf target = PooledByteBufAllocator.DEFAULT.directBuffer(16);

    @AfterEach
    void release() {
        inflater.close();
        target.release();
    }

    /** RFC 7692, section 7.2.3. */
    @ParameterizedTest
    @CsvSource({
        "f248cdc9c90700, Hello", // one block
        "000500faff48656c6c6f00, Hello", // a block without compression
        "f348cdc9c9070000, Hello", // a block with BFINAL set
        "f24805000000ffffcac9c90700, Hello", // two blocks
        "00, ''", // an empty message
    })
    void examplesOfTheRfc(String hex, String text) {
        assertThat(inflate(ByteBufUtil.decodeHexDump(hex))).isEqualTo(Outcome.INFLATED);
        assertThat(target.toString(UTF_8)).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "f348cdc9c90700", // a final block at the very end
                "f348cdc9c90700f24802000000ffff00", // another block behind a final one; the tail not left out
            })
    void finalBlocksDoNotEndIt(String hex) {
        assertThat(inflate(ByteBufUtil.decodeHexDump(hex))).isEqualTo(Outcome.INFLATED);
        assertThat(target.toString(UTF_8)).startsWith("Hello");
    }

    interface Peer {
        byte[] deflate(byte[] message);
    }

    static Stream<Named<Peer>> peers() {
        return Stream.of(
                Named.of("zlib", MessageInflaterTest::deflated),
                Named.of("Netty", MessageInflaterTest::deflatedByNetty),
                Named.of("Java-WebSocket", javaWebSocket()));
    }

    @ParameterizedTest
    @MethodSource("peers")
    void whatPeersDeflateIsInflatedEachMessageByItself(Peer peer) {
        Random random = new Random(42);
        for (int size : new int[] {1_100, 1_100, 5_000, 100_000, 1_500_000}) {
            byte[] message = textual(random, size);
            target.clear();

            assertThat(inflate(peer.deflate(message))).isEqualTo(Outcome.INFLATED);
            assertThat(ByteBufUtil.getBytes(target)).isEqualTo(message);
        }
    }

    @Test
    void payloadMayBeInPartsOnOrOffTheHeapAndStaysAsItIs() {
        byte[] message = textual(new Random(1), 20_000);
        byte[] deflated = deflated(message);
        for (int cut = 0; cut <= deflated.length; cut += 97) {
            ByteBuf direct = Unpooled.directBuffer().writeBytes(deflated, cut, deflated.length - cut);
            ByteBuf parts = Unpooled.wrappedBuffer(Unpooled.wrappedBuffer(deflated, 0, cut), direct);
            target.clear();

            assertThat(inflater.inflate(parts, target, PLENTY))
                    .as("cut at %d", cut)
                    .isEqualTo(Outcome.INFLATED);
            assertThat(ByteBufUtil.getBytes(target)).isEqualTo(message);
            assertThat(parts.readableBytes()).isEqualTo(deflated.length);
            parts.release();
        }
    }

    @Test
    void messageIsAppended() {
        target.writeCharSequence("before ", UTF_8);
        inflate(deflated("this".getBytes(UTF_8)));

        assertThat(target.toString(UTF_8)).isEqualTo("before this");
    }

    @Test
    void limitIsInclusive() {
        byte[] deflated = deflated(new byte[5_000]);

        assertThat(inflate(deflated, 5_000)).isEqualTo(Outcome.INFLATED);
        target.clear();
        assertThat(inflate(deflated, 4_999)).isEqualTo(Outcome.TOO_BIG);
        assertThat(target.readableBytes()).isEqualTo(4_999);
        target.clear();
        assertThat(inflate(deflated(new byte[0]), 1)).isEqualTo(Outcome.INFLATED);
    }

    @Test
    void bombStopsAtTheLimit() {
        byte[] bomb = deflated(new byte[100_000_000]);

        assertThat(bomb.length).isLessThan(110_000);
        assertThat(inflate(bomb, 1_000_000)).isEqualTo(Outcome.TOO_BIG);
        assertThat(target.readableBytes()).isEqualTo(1_000_000);
        assertThat(target.capacity()).isLessThan(4_000_000);
    }

    @Test
    void limitMustLetSomethingThrough() {
        assertThatThrownBy(() -> inflate(new byte[1], 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("limit: 0 (expected: > 0)");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", // not even an empty block
                "f200110000", // "Hello" by what the message before it held
                "07", // a kind of block that there is not
                "000500faff4865", // a block without compression that is cut
                "000500fafe48656c6c6f00", // a length that does not match its complement
                "f348cdc9c9070007", // nonsense behind a final block
            })
    void whatIsNotDeflatedIsBroken(String hex) {
        assertThat(inflate(ByteBufUtil.decodeHexDump(hex))).isEqualTo(Outcome.BROKEN);
    }

    @Test
    void cutMessageIsBrokenWhereverItIsCut() {
        byte[] deflated = deflated(textual(new Random(2), 300));
        for (int length = 0; length < deflated.length - 1; length++) {
            byte[] cut = Arrays.copyOf(deflated, length);

            assertThat(inflate(cut)).as("cut at %d", length).isEqualTo(Outcome.BROKEN);
        }
    }

    @Test
    void isOfUseAfterABrokenOrTooBigMessage() {
        byte[] right = deflated("right".getBytes(UTF_8));
        inflate(new byte[] {7});
        inflate(deflated(new byte[5_000]), 10);
        target.clear();

        assertThat(inflate(right)).isEqualTo(Outcome.INFLATED);
        assertThat(target.toString(UTF_8)).isEqualTo("right");
    }

    private Outcome inflate(byte[] payload) {
        return inflate(payload, PLENTY);
    }

    private Outcome inflate(byte[] payload, long limit) {
        return inflater.inflate(Unpooled.wrappedBuffer(payload), target, limit);
    }

    /** Text-like bytes that deflate to about half their size. */
    private static byte[] textual(Random random, int size) {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = (byte) ("etaoin shrdlu {}:,\"".charAt(random.nextInt(19)));
        }
        return bytes;
    }

    /** Without context, and without the tail (RFC 7692, section 7.2.1). */
    private static byte[] deflated(byte[] message) {
        Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
        try {
            byte[] deflated = new byte[message.length + 1_000];
            deflater.setInput(message);
            int length = deflater.deflate(deflated, 0, deflated.length, Deflater.SYNC_FLUSH);
            if (message.length == 0) {
                return new byte[1];
            }
            return Arrays.copyOf(deflated, length - 4);
        } finally {
            deflater.end();
        }
    }

    private static byte[] deflatedByNetty(byte[] message) {
        EmbeddedChannel channel =
                new EmbeddedChannel(new PerMessageDeflateServerExtensionHandshaker(6, true, 15, true, false, 0)
                        .handshakeExtension(WebSocketExtensionUtil.extractExtensions(
                                        "permessage-deflate; server_no_context_takeover")
                                .get(0))
                        .newExtensionEncoder());
        channel.writeOutbound(new BinaryWebSocketFrame(Unpooled.wrappedBuffer(message)));
        WebSocketFrame frame = channel.readOutbound();
        byte[] payload = ByteBufUtil.getBytes(frame.content());
        frame.release();
        channel.finishAndReleaseAll();
        return payload;
    }

    private static Peer javaWebSocket() {
        PerMessageDeflateExtension extension = new PerMessageDeflateExtension();
        extension.acceptProvidedExtensionAsServer("permessage-deflate; server_no_context_takeover");
        extension.setServerNoContextTakeover(true);
        return message -> {
            BinaryFrame frame = new BinaryFrame();
            frame.setPayload(ByteBuffer.wrap(message));
            extension.encodeFrame(frame);
            assertThat(frame.isRSV1()).isTrue();
            byte[] payload = new byte[frame.getPayloadData().remaining()];
            frame.getPayloadData().duplicate().get(payload);
            return payload;
        };
    }
}
