package io.tidegate.bench.fault.upstream;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.websocketx.WebSocketServerProtocolHandler;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An upstream that is asked to end tells each of its sessions. */
class UpstreamSessionTest {

    private static final String REQUEST = """
            GET / HTTP/1.1\r
            Host: a\r
            Upgrade: websocket\r
            Connection: Upgrade\r
            Sec-WebSocket-Version: 13\r
            Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
            \r
            """;

    /** An unmasked Close with code 1012 and the reason {@code restart}. */
    private static final byte[] CLOSE = {(byte) 0x88, 9, 3, (byte) 0xF4, 'r', 'e', 's', 't', 'a', 'r', 't'};

    @TempDir
    private Path directory;

    @Test
    void oneThatIsOpenIsToldAtOnce() throws Exception {
        try (Journal.Writer journal = new Journal.Writer(directory.resolve("journal"), 0)) {
            EmbeddedChannel channel = channel(journal);
            channel.writeInbound(Unpooled.copiedBuffer(REQUEST, US_ASCII));
            assertThat(written(channel)).startsWith("HTTP/1.1 101 ".getBytes(US_ASCII));

            channel.pipeline().fireUserEventTriggered(new UpstreamSession.Farewell(1012));

            assertThat(written(channel)).isEqualTo(CLOSE);
        }
    }

    @Test
    void oneAmidItsHandshakeIsToldWhenThatIsOver() throws Exception {
        try (Journal.Writer journal = new Journal.Writer(directory.resolve("journal"), 0)) {
            EmbeddedChannel channel = channel(journal);
            channel.pipeline().fireUserEventTriggered(new UpstreamSession.Farewell(1012));
            assertThat(written(channel)).isEmpty();

            channel.writeInbound(Unpooled.copiedBuffer(REQUEST, US_ASCII));

            assertThat(written(channel))
                    .startsWith("HTTP/1.1 101 ".getBytes(US_ASCII))
                    .endsWith(CLOSE);
        }
    }

    private static EmbeddedChannel channel(Journal.Writer journal) {
        return new EmbeddedChannel(
                new HttpServerCodec(),
                new HttpObjectAggregator(1 << 16),
                new WebSocketServerProtocolHandler("/"),
                new UpstreamSession(journal));
    }

    private static byte[] written(EmbeddedChannel channel) {
        ByteBuf all = Unpooled.buffer();
        for (ByteBuf next = channel.readOutbound(); next != null; next = channel.readOutbound()) {
            all.writeBytes(next);
            next.release();
        }
        byte[] bytes = new byte[all.readableBytes()];
        all.readBytes(bytes);
        return bytes;
    }
}
