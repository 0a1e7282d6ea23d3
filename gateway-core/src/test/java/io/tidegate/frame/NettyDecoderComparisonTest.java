package io.tidegate.frame;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.PrematureChannelClosureException;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.tidegate.testkit.WireFrame;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Gives thousands of streams, right and wrong, to Netty's own decoder and to the scanner, and expects the same frames and
 * the same verdict. Where the two rightly differ:
 *
 * <ul>
 *   <li>Netty checks that a Close reason is UTF-8 (1007); the scanner judges headers and the close code only.
 *   <li>Netty lets close codes of 5000 and more pass; RFC 6455, section 7.4.2, defines none, and the scanner refuses them.
 *   <li>With extensions Netty lets any reserved bit pass on any frame; the scanner only RSV1 on the first frame of a
 *       message, as RFC 7692 has it. So bits are set at random only where no extension was negotiated.
 * </ul>
 */
class NettyDecoderComparisonTest {

    private static final int STREAMS = 3000;
    private static final int LIMIT = 2_000;

    /** Without leak records: this is about frames, and there are millions of reads. */
    private static final ByteBufAllocator UNTRACKED = new UnpooledByteBufAllocator(false, true);

    @ParameterizedTest
    @EnumSource
    void validStreamsGiveTheSameFrames(Sender sender) {
        for (int seed = 0; seed < STREAMS; seed++) {
            Random random = new Random(seed);
            List<WireFrame> frames = frames(random, sender);
            byte[] stream = WireFrame.stream(frames);

            Outcome outcome = scanned(sender, stream, random);
            assertThat(outcome).as("seed %d", seed).isEqualTo(decoded(sender, stream, random));
            assertThat(outcome.code()).as("seed %d", seed).isZero();
            assertThat(outcome.frames()).hasSameSizeAs(frames);
        }
    }

    @ParameterizedTest
    @EnumSource
    void oneBrokenRuleIsFoundByBothAtTheSameFrame(Sender sender) {
        int wrong = 0;
        for (int seed = 10_000; seed < 10_000 + STREAMS; seed++) {
            Random random = new Random(seed);
            List<WireFrame> frames = new ArrayList<>(frames(random, sender));
            int victim = random.nextInt(frames.size());
            frames.set(victim, broken(frames.get(victim), random, sender));
            Outcome outcome = assertSame(sender, WireFrame.stream(frames), random, seed);
            wrong += outcome.code() == 0 ? 0 : 1;
        }
        assertThat(wrong).as("streams that were wrong").isGreaterThan(STREAMS / 2);
    }

    @ParameterizedTest
    @EnumSource
    void flippedBitsGetTheSameVerdict(Sender sender) {
        int wrong = 0;
        for (int seed = 20_000; seed < 20_000 + STREAMS; seed++) {
            Random random = new Random(seed);
            byte[] stream = WireFrame.stream(frames(random, sender));
            for (int i = 0; i <= random.nextInt(3); i++) {
                stream[random.nextInt(Math.min(stream.length, 40))] ^= (byte) (1 << random.nextInt(8));
            }
            wrong += assertSame(sender, stream, random, seed).code() == 0 ? 0 : 1;
        }
        assertThat(wrong).as("streams that were wrong").isGreaterThan(STREAMS / 10);
    }

    @ParameterizedTest
    @EnumSource
    void garbageGetsTheSameVerdict(Sender sender) {
        for (int seed = 30_000; seed < 30_000 + STREAMS; seed++) {
            Random random = new Random(seed);
            byte[] stream = new byte[1 + random.nextInt(60)];
            random.nextBytes(stream);
            if (random.nextBoolean()) {
                stream[0] &= (byte) 0x8f;
            }
            assertSame(sender, stream, random, seed);
        }
    }

    /** Netty's aggregator, too, lets control frames go ahead of the message they come in. */
    @ParameterizedTest
    @EnumSource
    void wholeMessagesAreThoseOfNettysAggregator(Sender sender) {
        for (int seed = 40_000; seed < 40_000 + STREAMS; seed++) {
            Random random = new Random(seed);
            List<WireFrame> frames = frames(random, sender);
            if (random.nextInt(4) == 0) {
                // Ends inside of a message, perhaps, and is closed there.
                frames = new ArrayList<>(frames.subList(0, random.nextInt(frames.size())));
                frames.add(WireFrame.close(1001, "").by(sender));
            }
            byte[] stream = WireFrame.stream(frames);

            assertThat(walked(sender, stream, random))
                    .as("seed %d", seed)
                    .isEqualTo(aggregated(sender, stream, random));
        }
    }

    @Test
    void onlyNettyRefusesAReasonThatIsNotUtf8() {
        byte[] stream = WireFrame.of(WireFrame.CLOSE, new byte[] {0x03, (byte) 0xe8, (byte) 0xff})
                .bytes();

        assertThat(decoded(Sender.SERVER, stream, new Random(1)).code()).isEqualTo(1007);
        assertThat(scanned(Sender.SERVER, stream, new Random(1)).code()).isZero();
    }

    @Test
    void onlyTheScannerRefusesCloseCodesFrom5000() {
        byte[] stream = WireFrame.close(5000, "").bytes();

        assertThat(decoded(Sender.SERVER, stream, new Random(1)).code()).isZero();
        assertThat(scanned(Sender.SERVER, stream, new Random(1)).code()).isEqualTo(1002);
    }

    private static Outcome assertSame(Sender sender, byte[] stream, Random random, int seed) {
        Outcome ours = scanned(sender, stream, random);
        Outcome netty = decoded(sender, stream, random);
        if (netty.code() == 1007 && ours.highCloseCode()) {
            assertThat(ours.frames()).as("seed %d", seed).isEqualTo(netty.frames());
        } else if (netty.code() == 1007) {
            assertThat(ours.code()).as("seed %d", seed).isZero();
            assertThat(last(ours.frames())).as("seed %d", seed).startsWith("88 ");
            assertThat(withoutLast(ours.frames())).as("seed %d", seed).isEqualTo(netty.frames());
        } else if (ours.highCloseCode()) {
            assertThat(netty.code()).as("seed %d", seed).isZero();
            assertThat(withoutLast(netty.frames())).as("seed %d", seed).isEqualTo(ours.frames());
        } else {
            assertThat(ours)
                    .as("seed %d: %s", seed, ByteBufUtil.hexDump(stream))
                    .isEqualTo(netty);
        }
        return ours;
    }

    private static List<WireFrame> frames(Random random, Sender sender) {
        RandomFrames made = new RandomFrames(random, sender);
        List<WireFrame> frames = new ArrayList<>(made.next(1 + random.nextInt(4), false));
        if (random.nextInt(3) == 0) {
            frames.add(made.close());
        }
        return frames;
    }

    private static WireFrame broken(WireFrame frame, Random random, Sender sender) {
        int length = frame.payload().length;
        return switch (random.nextInt(9)) {
            case 0 -> sender == Sender.CLIENT ? frame.by(Sender.SERVER) : frame.masked(random.nextInt());
            case 1 -> frame.rsv(1 + random.nextInt(3));
            case 2 -> with(frame, frame.firstByte() & 0xf0 | 3 + random.nextInt(5));
            case 3 -> with(frame, frame.firstByte() & 0xf0 | 0xb + random.nextInt(5));
            case 4 -> frame.fragment();
            case 5 -> length < 126 ? frame.lengthIn(16) : frame.lengthIn(64);
            case 6 -> with(frame, frame.firstByte() & 0xf0 | random.nextInt(3));
            case 7 ->
                WireFrame.of(WireFrame.PING + random.nextInt(2), 126 + random.nextInt(100))
                        .by(sender);
            default ->
                random.nextInt(3) == 0
                        ? WireFrame.of(WireFrame.CLOSE, 1).by(sender)
                        : WireFrame.close(900 + random.nextInt(200), "x").by(sender);
        };
    }

    private static WireFrame with(WireFrame frame, int firstByte) {
        return new WireFrame(firstByte, frame.maskKey(), frame.lengthBits(), frame.payload());
    }

    /** What Netty's decoder makes of the stream, given in random pieces. */
    private static Outcome decoded(Sender sender, byte[] stream, Random random) {
        EmbeddedChannel channel = new EmbeddedChannel(new WebSocket13FrameDecoder(WebSocketDecoderConfig.newBuilder()
                .expectMaskedFrames(sender == Sender.CLIENT)
                .allowExtensions(false)
                .allowMaskMismatch(false)
                .maxFramePayloadLength(LIMIT)
                .closeOnProtocolViolation(false)
                .withUTF8Validator(false)
                .build()));
        channel.config().setAllocator(UNTRACKED);
        int code = 0;
        try {
            for (int at = 0; at < stream.length; ) {
                int to = Math.min(stream.length, at + 1 + random.nextInt(300));
                channel.writeInbound(Unpooled.copiedBuffer(stream, at, to - at));
                at = to;
            }
        } catch (CorruptedWebSocketFrameException e) {
            code = e.closeStatus().code();
        }
        List<String> frames = new ArrayList<>();
        for (WebSocketFrame frame = channel.readInbound(); frame != null; frame = channel.readInbound()) {
            int first = (frame.isFinalFragment() ? 0x80 : 0) | frame.rsv() << 4 | opcode(frame);
            frames.add(described(first, frame.content()));
            frame.release();
        }
        try {
            channel.finishAndReleaseAll();
        } catch (CorruptedWebSocketFrameException e) {
            // Known already.
        }
        return new Outcome(code, false, frames);
    }

    /** What the assembler makes of the stream, given in random pieces. */
    private static Outcome scanned(Sender sender, byte[] stream, Random random) {
        FrameAssembler assembler = new FrameAssembler(
                new FrameScanner(sender, new FrameLimits(LIMIT, 0), false), UNTRACKED, Granularity.FRAMES);
        List<String> frames = new ArrayList<>();
        for (int at = 0; at < stream.length; ) {
            int to = Math.min(stream.length, at + 1 + random.nextInt(300));
            assembler.append(Unpooled.copiedBuffer(stream, at, to - at));
            FrameBatch batch = assembler.take();
            if (batch != null) {
                describe(ByteBuffer.wrap(ByteBufUtil.getBytes(batch.bytes())), frames);
                batch.release();
            }
            at = to;
        }
        ProtocolViolation violation = assembler.violation();
        assembler.release();
        return new Outcome(
                violation == null ? 0 : violation.closeCode(),
                violation != null && violation.getMessage().matches("close code ([5-9]\\d{3}|\\d{5}) .*"),
                frames);
    }

    /** What Netty's decoder and aggregator make of the stream, given in random pieces. */
    private static List<String> aggregated(Sender sender, byte[] stream, Random random) {
        EmbeddedChannel channel = new EmbeddedChannel(
                new WebSocket13FrameDecoder(WebSocketDecoderConfig.newBuilder()
                        .expectMaskedFrames(sender == Sender.CLIENT)
                        .maxFramePayloadLength(LIMIT)
                        .withUTF8Validator(false)
                        .build()),
                new WebSocketFrameAggregator(10 * LIMIT));
        channel.config().setAllocator(UNTRACKED);
        for (int at = 0; at < stream.length; ) {
            int to = Math.min(stream.length, at + 1 + random.nextInt(300));
            channel.writeInbound(Unpooled.copiedBuffer(stream, at, to - at));
            at = to;
        }
        List<String> messages = new ArrayList<>();
        for (WebSocketFrame frame = channel.readInbound(); frame != null; frame = channel.readInbound()) {
            messages.add(described(opcode(frame), frame.content()));
            frame.release();
        }
        try {
            channel.finishAndReleaseAll();
        } catch (PrematureChannelClosureException e) {
            // A message was begun; it is released.
        }
        return messages;
    }

    /** What assembler and walker make of the stream, given in random pieces. */
    private static List<String> walked(Sender sender, byte[] stream, Random random) {
        FrameAssembler assembler = new FrameAssembler(
                new FrameScanner(sender, new FrameLimits(LIMIT, 10 * LIMIT), false), UNTRACKED, Granularity.MESSAGES);
        FrameWalker walker = new FrameWalker();
        List<String> messages = new ArrayList<>();
        for (int at = 0; at < stream.length; ) {
            int to = Math.min(stream.length, at + 1 + random.nextInt(300));
            assembler.append(Unpooled.copiedBuffer(stream, at, to - at));
            FrameBatch batch = assembler.take();
            if (batch != null) {
                int before = messages.size();
                int controls = 0;
                walker.open(batch.bytes(), sender);
                while (walker.next()) {
                    ByteBuf payload = Unpooled.buffer();
                    walker.copyPayload(payload);
                    messages.add(described(walker.opcode(), payload));
                    controls += walker.isControl() ? 1 : 0;
                }
                assertThat(batch.controls()).isEqualTo(controls);
                assertThat(batch.messages()).isEqualTo(messages.size() - before - controls);
                batch.release();
            }
            at = to;
        }
        assertThat(assembler.violation()).isNull();
        assembler.release();
        return messages;
    }

    /** A decoder of whole, valid frames: no more is needed to read a batch. */
    private static void describe(ByteBuffer batch, List<String> frames) {
        while (batch.hasRemaining()) {
            int first = batch.get() & 0xff;
            int second = batch.get() & 0xff;
            int length = (second & 0x7f) == 126 ? batch.getShort() & 0xffff : second & 0x7f;
            byte[] key = new byte[4];
            if ((second & 0x80) != 0) {
                batch.get(key);
            }
            byte[] payload = new byte[length];
            batch.get(payload);
            for (int i = 0; i < length; i++) {
                payload[i] ^= key[i % 4];
            }
            frames.add(described(first, Unpooled.wrappedBuffer(payload)));
        }
    }

    private static String described(int firstByte, ByteBuf payload) {
        return Integer.toHexString(firstByte) + ' ' + ByteBufUtil.hexDump(payload);
    }

    private static int opcode(WebSocketFrame frame) {
        return frame instanceof ContinuationWebSocketFrame
                ? WireFrame.CONTINUATION
                : frame instanceof TextWebSocketFrame
                        ? WireFrame.TEXT
                        : frame instanceof BinaryWebSocketFrame
                                ? WireFrame.BINARY
                                : frame instanceof CloseWebSocketFrame
                                        ? WireFrame.CLOSE
                                        : frame instanceof PingWebSocketFrame ? WireFrame.PING : WireFrame.PONG;
    }

    private static String last(List<String> frames) {
        return frames.get(frames.size() - 1);
    }

    private static List<String> withoutLast(List<String> frames) {
        return frames.subList(0, frames.size() - 1);
    }

    /**
     * @param code the close code of the verdict; 0 when all was right
     * @param highCloseCode whether a close code of 5000 or more was refused
     */
    private record Outcome(int code, boolean highCloseCode, List<String> frames) {}
}
