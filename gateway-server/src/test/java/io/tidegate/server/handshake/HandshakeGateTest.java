package io.tidegate.server.handshake;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.local.LocalChannel;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HandshakeGateTest {

    private static final String HEAD = "GET /chat HTTP/1.1\r\nHost: h\r\nX: y\r\n\r\n";

    private EmbeddedChannel channel = channel();

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                HEAD,
                "GET / HTTP/1.1\nHost: h\n\n",
                "GET / HTTP/1.1\r\nHost: h\n\r\n",
                "GET / HTTP/1.1\nHost: h\r\n\n",
                "\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n",
                "\nGET / HTTP/1.1\nHost: h\n\n",
                "GET / HTTP/1.1\r\n\r\n",
                "GET / HTTP/1.1\r\nX: a\rb\r\n\r\n"
            })
    void exactlyTheHeadPassesWhereverItIsCut(String head) {
        String stream = head + "\r\n\r\nframes\n\n";
        for (int first = 0; first <= stream.length(); first++) {
            channel = channel();
            read(stream.substring(0, first));
            read(stream.substring(first));

            assertThat(passed()).as("cut at %d", first).isEqualTo(head);
            channel.pipeline().remove(HandshakeGate.NAME);
            assertThat(passed()).as("cut at %d", first).isEqualTo("\r\n\r\nframes\n\n");
            close();
        }
    }

    @Test
    void headPassesByteByByte() {
        for (char c : (HEAD + "behind").toCharArray()) {
            read(String.valueOf(c));
        }

        assertThat(passed()).isEqualTo(HEAD);
        channel.pipeline().remove(HandshakeGate.NAME);
        assertThat(passed()).isEqualTo("behind");
    }

    @Test
    void secondRequestDoesNotPass() {
        read(HEAD + HEAD);

        assertThat(passed()).isEqualTo(HEAD);
    }

    @Test
    void headIsPassedOnWithoutACopy() {
        ByteBuf head = Unpooled.copiedBuffer(HEAD, ISO_8859_1);
        channel.writeInbound(head);

        assertThat((Object) channel.readInbound()).isSameAs(head);
        head.release();
    }

    @Test
    void nothingIsHandedOnWhenNothingWasKept() {
        read(HEAD);
        assertThat(passed()).isEqualTo(HEAD);
        channel.pipeline().remove(HandshakeGate.NAME);

        assertThat((Object) channel.readInbound()).isNull();
    }

    @Test
    void afterRemovalBytesPassFreely() {
        read(HEAD);
        passed();
        channel.pipeline().remove(HandshakeGate.NAME);
        read("free");

        assertThat(passed()).isEqualTo("free");
    }

    @Test
    void otherMessagesPass() {
        channel.writeInbound("not bytes");

        assertThat((Object) channel.readInbound()).isEqualTo("not bytes");
    }

    @Test
    void readingStopsWhenTooMuchCameBehindTheHead() {
        int[] reads = {0};
        channel = new EmbeddedChannel();
        channel.config().setAutoRead(false);
        channel.pipeline().addLast(new ChannelOutboundHandlerAdapter() {
            @Override
            public void read(ChannelHandlerContext ctx) {
                reads[0]++;
                ctx.read();
            }
        });
        channel.pipeline().addLast(HandshakeGate.NAME, new HandshakeGate());
        channel.read();
        read(HEAD.substring(0, 20));
        channel.read();
        assertThat(reads[0]).isEqualTo(2);

        read(HEAD.substring(20) + "x".repeat(1000));
        channel.read();
        assertThat(reads[0]).isEqualTo(3);

        read("x".repeat(64 * 1024));
        channel.read();
        assertThat(reads[0]).isEqualTo(3);
        assertThat(channel.config().isAutoRead()).isFalse();

        channel.pipeline().remove(HandshakeGate.NAME);
        channel.read();
        assertThat(reads[0]).isEqualTo(4);
        channel.releaseInbound();
    }

    /** In a real pipeline, whose end releases what nobody wanted. */
    @Test
    void keptBytesAreReleasedWhenTheChannelClosesBefore() throws InterruptedException {
        DefaultEventLoop loop = new DefaultEventLoop();
        ByteBuf bytes = Unpooled.copiedBuffer(HEAD + "kept", ISO_8859_1);
        ByteBuf more = Unpooled.copiedBuffer("kept too", ISO_8859_1);
        try {
            LocalChannel local = new LocalChannel();
            loop.register(local).sync();
            local.pipeline().addLast(HandshakeGate.NAME, new HandshakeGate());
            loop.submit(() -> local.pipeline().fireChannelRead(bytes).fireChannelRead(more))
                    .sync();
            local.close().sync();
            local.deregister().await();
            loop.submit(() -> {}).sync();
        } finally {
            loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
        }

        assertThat(bytes.refCnt()).isZero();
        assertThat(more.refCnt()).isZero();
    }

    private static EmbeddedChannel channel() {
        EmbeddedChannel channel = new EmbeddedChannel();
        channel.pipeline().addLast(HandshakeGate.NAME, new HandshakeGate());
        return channel;
    }

    private void read(String bytes) {
        channel.writeInbound(Unpooled.copiedBuffer(bytes, ISO_8859_1));
    }

    private String passed() {
        StringBuilder passed = new StringBuilder();
        for (ByteBuf bytes = channel.readInbound(); bytes != null; bytes = channel.readInbound()) {
            passed.append(bytes.toString(ISO_8859_1));
            bytes.release();
        }
        return passed.toString();
    }
}
