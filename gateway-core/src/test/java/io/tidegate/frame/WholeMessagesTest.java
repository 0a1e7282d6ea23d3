package io.tidegate.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.tidegate.testkit.WireFrame;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@link FrameAssembler} with {@link Granularity#MESSAGES}. */
class WholeMessagesTest {

    private static final FrameLimits LIMITS = new FrameLimits(0, 1 << 20);

    /** Knows to the byte what isn't released. Without Netty's leak records, which would make millions of reads slow. */
    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false, true);

    @AfterEach
    void everythingIsReleased() {
        assertThat(kept()).as("bytes not released").isZero();
    }

    @Test
    void needsALimit() {
        assertThatThrownBy(() -> assembler(Sender.CLIENT, new FrameLimits(1000, 0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("messageBytes: 0 (expected: > 0 where messages are kept whole)");
    }

    @ParameterizedTest
    @EnumSource
    void cutInTwoAtEveryByteTheyAreTheSame(Sender sender) {
        for (int seed = 0; seed < 20; seed++) {
            RandomFrames random = new RandomFrames(new Random(seed), sender);
            Expected expected = new Expected(random.next(3, false), seed % 2 == 0 ? random.close() : null);
            for (int cut = 1; cut <= expected.bytes.length; cut++) {
                int at = cut;
                expected.check(
                        sender, left -> left == expected.bytes.length ? at : left, "seed " + seed + " cut " + cut);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void cutIntoSingleBytesTheyAreTheSame(Sender sender) {
        for (int seed = 100; seed < 120; seed++) {
            RandomFrames random = new RandomFrames(new Random(seed), sender);
            new Expected(random.next(3, false), random.close()).check(sender, left -> 1, "seed " + seed);
        }
    }

    @ParameterizedTest
    @EnumSource
    void cutIntoRandomPiecesTheyAreTheSame(Sender sender) {
        for (int seed = 1000; seed < 1300; seed++) {
            Random random = new Random(seed);
            RandomFrames frames = new RandomFrames(random, sender);
            List<WireFrame> stream = frames.next(1 + random.nextInt(8), true);
            if (random.nextInt(3) == 0) {
                // Ends somewhere inside of a message, perhaps.
                stream = stream.subList(0, 1 + random.nextInt(stream.size()));
            }
            Expected expected = new Expected(stream, random.nextBoolean() ? frames.close() : null);
            int size = 1 << 4 + random.nextInt(14);
            expected.check(sender, left -> 1 + random.nextInt(size), "seed " + seed);
        }
    }

    @ParameterizedTest
    @EnumSource
    void thoseThatAreNotTakenAtOnceAddUp(Sender sender) {
        for (int seed = 2000; seed < 2100; seed++) {
            Random random = new Random(seed);
            RandomFrames frames = new RandomFrames(random, sender);
            Expected expected = new Expected(frames.next(5, true), frames.close());
            FrameAssembler assembler = assembler(sender);
            for (int at = 0; at < expected.bytes.length; ) {
                int to = Math.min(expected.bytes.length, at + 1 + random.nextInt(3000));
                assembler.append(buffer(expected.bytes, at, to));
                at = to;
            }
            FrameBatch batch = assembler.take();
            assertThat(ByteBufUtil.getBytes(batch.bytes())).isEqualTo(expected.out);
            expected.checkCounts(batch, 0, expected.units.size(), "seed " + seed);
            batch.release();
            assertThat(assembler.take()).isNull();
        }
    }

    @Test
    void wholeReadIsHandedOutAsItIs() {
        byte[] stream = WireFrame.stream(
                WireFrame.of(WireFrame.TEXT, 10).fragment(),
                WireFrame.of(WireFrame.CONTINUATION, 10),
                WireFrame.of(WireFrame.PING, 3),
                WireFrame.of(WireFrame.BINARY, 50_000));
        FrameAssembler assembler = assembler(Sender.SERVER);
        ByteBuf in = buffer(stream, 0, stream.length);
        assembler.append(in);

        FrameBatch batch = assembler.take();
        assertThat(batch.bytes()).isSameAs(in);
        assertThat(batch.controls()).isEqualTo(1);
        batch.release();
    }

    @Test
    void largeMessageIsKeptUntilItIsWhole() {
        byte[] message = WireFrame.of(WireFrame.BINARY, 500_000).bytes();
        FrameAssembler assembler = assembler(Sender.SERVER);
        for (int at = 0; at < message.length; at += 65_536) {
            assertThat(assembler.isReady()).isFalse();
            assertThat(assembler.take()).isNull();
            assembler.append(buffer(message, at, Math.min(at + 65_536, message.length)));
        }

        FrameBatch batch = assembler.take();
        assertThat(batch.endsInsideFrame()).isFalse();
        assertThat(batch.messages()).isEqualTo(1);
        assertThat(ByteBufUtil.getBytes(batch.bytes())).isEqualTo(message);
        batch.release();
    }

    @Test
    void pingInsideAMessageGoesAhead() {
        byte[] ping = WireFrame.of(WireFrame.PING, 5).bytes();
        FrameAssembler assembler = assembler(Sender.SERVER);
        append(assembler, WireFrame.of(WireFrame.TEXT, 70).fragment());
        append(assembler, WireFrame.of(WireFrame.PING, 5));

        FrameBatch first = assembler.take();
        assertThat(ByteBufUtil.getBytes(first.bytes())).isEqualTo(ping);
        assertThat(first.frames()).isEqualTo(1);
        assertThat(first.controls()).isEqualTo(1);
        assertThat(first.messages()).isZero();
        assertThat(first.payloadBytes()).isZero();
        first.release();

        append(assembler, WireFrame.of(WireFrame.CONTINUATION, 80));
        FrameBatch second = assembler.take();
        assertThat(ByteBufUtil.getBytes(second.bytes()))
                .isEqualTo(WireFrame.stream(
                        WireFrame.of(WireFrame.TEXT, 70).fragment(), WireFrame.of(WireFrame.CONTINUATION, 80)));
        assertThat(second.frames()).isEqualTo(2);
        assertThat(second.controls()).isZero();
        assertThat(second.payloadBytes()).isEqualTo(150);
        second.release();
    }

    @Test
    void closeInsideAMessageDropsIt() {
        FrameAssembler assembler = assembler(Sender.SERVER);
        append(assembler, WireFrame.text("whole"));
        append(assembler, WireFrame.of(WireFrame.TEXT, 70).fragment());
        append(assembler, WireFrame.of(WireFrame.CONTINUATION, 70).fragment());
        append(assembler, WireFrame.close(1001, "bye"));

        FrameBatch batch = assembler.take();
        assertThat(ByteBufUtil.getBytes(batch.bytes()))
                .isEqualTo(WireFrame.stream(WireFrame.text("whole"), WireFrame.close(1001, "bye")));
        assertThat(batch.close()).isEqualTo(new CloseStatus(1001, "bye"));
        assertThat(batch.frames()).isEqualTo(2);
        assertThat(batch.messages()).isEqualTo(1);
        assertThat(batch.payloadBytes()).isEqualTo(5);
        batch.release();
        assertThat(assembler.isOver()).isTrue();
        assertThat(kept()).as("without a release").isZero();
    }

    @Test
    void onlyWholeMessagesComeBeforeAViolation() {
        byte[] stream = WireFrame.stream(
                WireFrame.text("whole"),
                WireFrame.of(WireFrame.TEXT, 5).fragment(),
                WireFrame.of(WireFrame.PONG, 2),
                WireFrame.text("inside"));
        byte[] right = WireFrame.stream(WireFrame.text("whole"), WireFrame.of(WireFrame.PONG, 2));
        for (int cut = 0; cut <= stream.length; cut++) {
            FrameAssembler assembler = assembler(Sender.SERVER);
            assembler.append(buffer(stream, 0, cut));
            assembler.append(buffer(stream, cut, stream.length));

            assertThat(assembler.violation())
                    .hasMessage("new message inside a fragmented one (expected: continuation)");
            FrameBatch batch = assembler.take();
            assertThat(ByteBufUtil.getBytes(batch.bytes())).isEqualTo(right);
            assertThat(batch.frames()).isEqualTo(2);
            batch.release();
            assertThat(kept()).as("without a release").isZero();
        }
    }

    @Test
    void messageAboveTheLimitIsRefusedByItsHeader() {
        FrameAssembler assembler = assembler(Sender.SERVER, new FrameLimits(0, 1000));
        append(assembler, WireFrame.of(WireFrame.TEXT, 600).fragment());
        byte[] more = WireFrame.of(WireFrame.CONTINUATION, 401).bytes();
        assembler.append(buffer(more, 0, 4));

        assertThat(assembler.violation().closeCode()).isEqualTo(CloseStatus.TOO_BIG);
        assertThat(assembler.take()).isNull();
        assertThat(kept()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {1000, 100_000})
    void endlessEmptyFragmentsAreRefused(int limit) {
        FrameAssembler assembler = assembler(Sender.SERVER, new FrameLimits(0, limit));
        append(assembler, WireFrame.of(WireFrame.TEXT, 1).fragment());
        byte[] read = new byte[2048];
        long bytes = 3;
        while (!assembler.isOver()) {
            assembler.append(buffer(read, 0, read.length));
            bytes += read.length;
            assertThat(kept()).isLessThanOrEqualTo(2L * (limit + Math.max(limit, 65_536) + 2048));
        }

        assertThat(bytes).isBetween((long) limit + Math.max(limit, 65_536), (long) limit + 102_048);
        assertThat(assembler.violation().closeCode()).isEqualTo(CloseStatus.TOO_BIG);
        assertThat(assembler.violation()).hasMessage("message in too many frames for its limit of " + limit + " bytes");
        assertThat(assembler.take()).isNull();
    }

    @Test
    void messageInFragmentsOfOneByteStaysSmallInMemory() {
        ByteArrayOutputStream sent = new ByteArrayOutputStream();
        FrameAssembler assembler = assembler(Sender.SERVER);
        long most = 0;
        for (int i = 0; i < 20_000; i++) {
            WireFrame frame = WireFrame.of(i == 0 ? WireFrame.TEXT : WireFrame.CONTINUATION, 1);
            byte[] bytes = (i < 19_999 ? frame.fragment() : frame).bytes();
            sent.writeBytes(bytes);
            // As a socket does: a small piece in a large buffer.
            assembler.append(allocator.buffer(65_536).writeBytes(bytes));
            most = Math.max(most, kept());
        }

        assertThat(most).isLessThanOrEqualTo(2 * 60_000 + 65_536);
        FrameBatch batch = assembler.take();
        // Four of 16 KiB at most, and what was read last.
        assertThat(batch.bytes().nioBufferCount()).isLessThanOrEqualTo(5);
        assertThat(ByteBufUtil.getBytes(batch.bytes())).isEqualTo(sent.toByteArray());
        batch.release();
    }

    @Test
    void largePiecesAreKeptAsTheyAre() {
        byte[] message = WireFrame.of(WireFrame.BINARY, 300_000).bytes();
        FrameAssembler assembler = assembler(Sender.SERVER);
        List<ByteBuf> reads = new ArrayList<>();
        for (int at = 0; at < message.length; at += 40_000) {
            reads.add(buffer(message, at, Math.min(at + 40_000, message.length)));
            assembler.append(reads.get(reads.size() - 1));
        }

        assertThat(kept()).as("no copies").isEqualTo(message.length);
        FrameBatch batch = assembler.take();
        assertThat(batch.bytes().nioBufferCount()).isEqualTo(reads.size());
        batch.release();
    }

    @Test
    void smallRestOfALargeReadDoesNotKeepTheRead() {
        byte[] stream = WireFrame.stream(WireFrame.of(WireFrame.BINARY, 30_000), WireFrame.of(WireFrame.BINARY, 100));
        FrameAssembler assembler = assembler(Sender.SERVER);
        assembler.append(buffer(stream, 0, stream.length - 1));
        assembler.take().release();

        assertThat(kept()).isLessThanOrEqualTo(104);
        assembler.release();
    }

    @Test
    void releaseGivesUpWhateverIsKeptInEveryState() {
        byte[] stream = WireFrame.stream(
                WireFrame.text("whole"),
                WireFrame.of(WireFrame.BINARY, 1000).fragment(),
                WireFrame.of(WireFrame.PING, 100),
                WireFrame.of(WireFrame.CONTINUATION, 50_000).fragment(),
                WireFrame.of(WireFrame.CONTINUATION, 0),
                WireFrame.close(1000, "done"));
        for (int cut = 0; cut < stream.length; cut += cut < 1300 || cut > 51_000 ? 1 : 997) {
            for (boolean take : new boolean[] {false, true}) {
                for (int piece : new int[] {cut + 1, 700}) {
                    FrameAssembler assembler = assembler(Sender.SERVER);
                    for (int at = 0; at < cut; at += piece) {
                        assembler.append(buffer(stream, at, Math.min(at + piece, cut)));
                    }
                    FrameBatch batch = take ? assembler.take() : null;
                    if (batch != null) {
                        batch.release();
                    }
                    assembler.release();
                    assertThat(kept())
                            .as("cut %d, taken %s, pieces of %d", cut, take, piece)
                            .isZero();
                    assembler.release();
                }
            }
        }
    }

    /** With the pool and the leak detector that the gateway runs with. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void nothingLeaksFromThePool(boolean take) {
        for (int seed = 0; seed < 10; seed++) {
            Random random = new Random(seed);
            byte[] stream = WireFrame.stream(new RandomFrames(random, Sender.CLIENT).next(3, false));
            List<ByteBuf> appended = new ArrayList<>();
            FrameAssembler assembler = new FrameAssembler(
                    new FrameScanner(Sender.CLIENT, LIMITS, false),
                    PooledByteBufAllocator.DEFAULT,
                    Granularity.MESSAGES);
            for (int at = 0; at < stream.length - 1; ) {
                int to = Math.min(stream.length - 1, at + 1 + random.nextInt(400));
                ByteBuf in = PooledByteBufAllocator.DEFAULT.directBuffer().writeBytes(stream, at, to - at);
                appended.add(in);
                assembler.append(in);
                FrameBatch batch = take ? assembler.take() : null;
                if (batch != null) {
                    batch.release();
                }
                at = to;
            }
            assembler.release();

            assertThat(appended).allSatisfy(in -> assertThat(in.refCnt()).isZero());
        }
    }

    @Test
    void batchWithoutItsCloseIsTheRest() {
        FrameAssembler assembler = assembler(Sender.CLIENT);
        append(assembler, WireFrame.text("message").by(Sender.CLIENT));
        append(assembler, WireFrame.of(WireFrame.PING, 1).by(Sender.CLIENT));
        append(assembler, WireFrame.close(1001, "señor").by(Sender.CLIENT));

        FrameBatch rest = assembler.take().withoutClose();
        assertThat(ByteBufUtil.getBytes(rest.bytes()))
                .isEqualTo(WireFrame.stream(
                        WireFrame.text("message").by(Sender.CLIENT),
                        WireFrame.of(WireFrame.PING, 1).by(Sender.CLIENT)));
        assertThat(rest.frames()).isEqualTo(2);
        assertThat(rest.controls()).isEqualTo(1);
        assertThat(rest.messages()).isEqualTo(1);
        assertThat(rest.payloadBytes()).isEqualTo(7);
        assertThat(rest.close()).isNull();
        assertThat(rest.withoutClose()).isSameAs(rest);
        rest.release();
    }

    @Test
    void nothingIsLeftOfACloseAlone() {
        FrameAssembler assembler = assembler(Sender.SERVER);
        append(assembler, WireFrame.of(WireFrame.CLOSE, 0));

        FrameBatch rest = assembler.take().withoutClose();
        assertThat(rest.bytes().isReadable()).isFalse();
        assertThat(rest.frames()).isZero();
        assertThat(rest.controls()).isZero();
        rest.release();
    }

    private void append(FrameAssembler assembler, WireFrame frame) {
        byte[] bytes = frame.bytes();
        assembler.append(buffer(bytes, 0, bytes.length));
    }

    private FrameAssembler assembler(Sender sender) {
        return assembler(sender, LIMITS);
    }

    private FrameAssembler assembler(Sender sender, FrameLimits limits) {
        return new FrameAssembler(new FrameScanner(sender, limits, false), allocator, Granularity.MESSAGES);
    }

    private ByteBuf buffer(byte[] bytes, int from, int to) {
        return allocator.buffer(Math.max(1, to - from)).writeBytes(bytes, from, to - from);
    }

    private long kept() {
        return allocator.metric().usedHeapMemory() + allocator.metric().usedDirectMemory();
    }

    /**
     * What goes out at once: a message, or a control frame.
     *
     * @param readEnd index of the stream behind its last byte
     * @param outEnd the same for what is handed out
     */
    private record Unit(List<WireFrame> frames, int readEnd, int outEnd) {

        boolean isControl() {
            return frames.get(0).isControl();
        }

        long payloadBytes() {
            return isControl()
                    ? 0
                    : frames.stream().mapToLong(frame -> frame.payload().length).sum();
        }
    }

    /** A stream, and what must hold of the batches made of it, however it is cut. */
    private final class Expected {

        private final byte[] bytes;
        private final byte[] out;
        private final List<Unit> units = new ArrayList<>();
        private final boolean closes;

        Expected(List<WireFrame> data, WireFrame close) {
            List<WireFrame> stream = new ArrayList<>(data);
            closes = close != null;
            if (closes) {
                stream.add(close);
            }
            bytes = WireFrame.stream(stream);
            ByteArrayOutputStream handedOut = new ByteArrayOutputStream();
            List<WireFrame> message = new ArrayList<>();
            int read = 0;
            for (WireFrame frame : stream) {
                read += frame.bytes().length;
                List<WireFrame> unit = List.of(frame);
                if (!frame.isControl()) {
                    message.add(frame);
                    if (!frame.isFinal()) {
                        continue;
                    }
                    unit = List.copyOf(message);
                    message.clear();
                }
                handedOut.writeBytes(WireFrame.stream(unit));
                units.add(new Unit(unit, read, handedOut.size()));
            }
            out = handedOut.toByteArray();
        }

        void check(Sender sender, IntUnaryOperator pieces, String as) {
            FrameAssembler assembler = assembler(sender);
            ByteArrayOutputStream got = new ByteArrayOutputStream();
            int unit = 0;
            for (int at = 0; at < bytes.length; ) {
                int to = Math.min(bytes.length, at + pieces.applyAsInt(bytes.length - at));
                assembler.append(buffer(bytes, at, to));
                int next = unit;
                while (next < units.size() && units.get(next).readEnd() <= to) {
                    next++;
                }
                FrameBatch batch = assembler.take();
                if ((batch == null) != (next == unit)) {
                    throw new AssertionError(
                            as + ": " + batch + " at " + to + " (expected: units " + unit + " to " + next + ')');
                }
                if (batch != null) {
                    got.writeBytes(ByteBufUtil.getBytes(batch.bytes()));
                    checkCounts(batch, unit, next, as);
                    batch.release();
                    if (got.size() != units.get(next - 1).outEnd()) {
                        throw new AssertionError(as + ": out " + got.size() + " (expected: "
                                + units.get(next - 1).outEnd() + ')');
                    }
                }
                unit = next;
                at = to;
            }
            assertThat(got.toByteArray()).as(as).isEqualTo(out);
            assertThat(unit).as(as).isEqualTo(units.size());
            assertThat(assembler.violation()).as(as).isNull();
            assembler.release();
            assertThat(kept()).as(as).isZero();
        }

        private void checkCounts(FrameBatch batch, int first, int end, String as) {
            List<Unit> in = units.subList(first, end);
            int frames = in.stream().mapToInt(unit -> unit.frames().size()).sum();
            int controls = (int) in.stream().filter(Unit::isControl).count();
            long payloadBytes = in.stream().mapToLong(Unit::payloadBytes).sum();
            if (batch.frames() != frames
                    || batch.controls() != controls
                    || batch.messages() != in.size() - controls
                    || batch.payloadBytes() != payloadBytes
                    || batch.endsInsideFrame()
                    || (batch.close() != null) != (closes && end == units.size())) {
                throw new AssertionError(as + ": " + batch + ", controls " + batch.controls() + ", payload "
                        + batch.payloadBytes() + " (expected: frames " + frames + ", controls " + controls
                        + ", payload " + payloadBytes + ')');
            }
        }
    }
}
