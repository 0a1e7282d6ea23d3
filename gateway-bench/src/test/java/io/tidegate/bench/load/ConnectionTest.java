package io.tidegate.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ConnectionTest {

    private static final int NUMBER = 3;
    private static final int SIZE = 64;

    private final Payload payload = new SequencePayload(SIZE);
    private final Tally tally = new Tally();
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final LoadConfig config = new LoadConfig(
            Target.of(URI.create("ws://a.example")),
            Opening.of(1),
            Traffic.openLoop(1, SIZE),
            Phases.of(Duration.ofSeconds(1)),
            1);
    private final LoadLoop loop = new LoadLoop(0, channel.eventLoop(), config, payload, tally);
    private final Connection connection = new Connection(NUMBER, loop);

    @BeforeEach
    void open() {
        channel.pipeline().addLast(connection);
        loop.opened(connection, channel, 1);
    }

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    @Test
    void latencyCountsFromTheDueTimeHoweverLateItWasSent() {
        long due = System.nanoTime() - Duration.ofMinutes(10).toNanos();
        loop.start(due, due, due + 1);
        channel.flushOutbound();

        echo(0);

        Histogram latency = Recorders.empty();
        loop.recorders().takeLatency(latency);
        assertThat(latency.getTotalCount()).isEqualTo(1);
        assertThat(latency.getMinValue())
                .isGreaterThanOrEqualTo(Duration.ofMillis(599_500).toNanos());
        assertThat(tally.messages().behind()).isEqualTo(1);
    }

    @Test
    void whatTheChannelCannotTakeWaitsInOrder() {
        channel.config().setWriteBufferWaterMark(new WriteBufferWaterMark(1, 2));
        for (int i = 0; i < 5; i++) {
            connection.send(System.nanoTime());
        }
        assertThat(connection.waiting()).isEqualTo(4);
        assertThat(connection.missing()).isEqualTo(1);

        connection.flush();

        assertThat(connection.waiting()).isZero();
        assertThat(connection.missing()).isEqualTo(5);
        for (int i = 0; i < 5; i++) {
            echo(i);
        }
        assertThat(tally.messages().received()).isEqualTo(5);
        assertThat(tally.messages().reordered()).isZero();
    }

    @Test
    void pingsAreAnswered() {
        receive("890141");

        assertThat(unmasked()).isEqualTo("8a41");
    }

    @Test
    void aCloseIsAnsweredAndCounted() {
        connection.send(System.nanoTime());
        connection.flush();
        channel.releaseOutbound();

        receive("880403f46279");

        assertThat(unmasked()).as("Close with the same code").isEqualTo("8803f4");
        assertThat(channel.isOpen()).isFalse();
        assertThat(tally.closed()).isEqualTo(Map.of("1012", 1L));
        assertThat(tally.messages().lost()).isEqualTo(1);
    }

    @Test
    void anEmptyCloseIs1005() {
        receive("8800");

        assertThat(unmasked()).isEqualTo("88");
        assertThat(tally.closed()).isEqualTo(Map.of("1005", 1L));
    }

    @Test
    void aVanishedServerIs1006() {
        assertThat(channel.close().isSuccess()).isTrue();

        assertThat(tally.closed()).isEqualTo(Map.of("1006", 1L));
        assertThat(loop.alive()).isZero();
    }

    @Test
    void aProtocolErrorClosesAndIsCounted() {
        receive("8300");

        assertThat(channel.isOpen()).isFalse();
        assertThat(tally.closed()).containsOnlyKeys("protocol error: opcode 3 (expected: 0, 1, 2, 8, 9 or 10)");
    }

    @Test
    void ourOwnGoodbyeIsNotCounted() {
        connection.close();
        assertThat(unmasked()).isEqualTo("8803e8");
        receive("880203e8");

        assertThat(channel.isOpen()).isFalse();
        assertThat(tally.closed()).isEmpty();
        assertThat(loop.alive()).isZero();
    }

    private void echo(long sequence) {
        byte[] bytes = new byte[SIZE];
        payload.fill(bytes, MessageId.of(NUMBER, sequence));
        channel.writeInbound(Unpooled.wrappedBuffer(new byte[] {(byte) 0x81, SIZE}, bytes));
    }

    private void receive(String hex) {
        channel.writeInbound(Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(hex)));
    }

    /** The next frame sent: its first byte and its payload. */
    private String unmasked() {
        ByteBuf frame = channel.readOutbound();
        String first = ByteBufUtil.hexDump(frame, 0, 1);
        int key = frame.getInt(2);
        StringBuilder hex = new StringBuilder(first);
        for (int i = 6; i < frame.writerIndex(); i++) {
            hex.append("%02x".formatted((frame.getByte(i) ^ key >>> (24 - 8 * ((i - 6) & 3))) & 0xFF));
        }
        frame.release();
        return hex.toString();
    }
}
