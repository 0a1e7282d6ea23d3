package io.tidegate.frame;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.buffer.UnpooledHeapByteBuf;
import io.tidegate.testkit.WireFrame;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class FrameAssemblerTest {

    private static final int WHOLE = FrameAssembler.WHOLE_FRAME_BYTES;

    /** Knows to the byte what isn't released. Without Netty's leak records, which would make millions of reads slow. */
    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false, true);

    @AfterEach
    void everythingIsReleased() {
        assertThat(kept()).as("bytes not released").isZero();
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MAX_VALUE, Long.MAX_VALUE - 13, 1L << 40})
    void aFrameOfTheLargestLengthThatCanBeDeclaredIsStreamed(long length) {
        for (Sender sender : Sender.values()) {
            FrameAssembler frames = new FrameAssembler(
                    new FrameScanner(sender, FrameLimits.NONE, false), allocator, Granularity.FRAMES);
            boolean masked = sender == Sender.CLIENT;
            ByteBuf header = allocator
                    .buffer()
                    .writeByte(0x82)
                    .writeByte(masked ? 0xff : 0x7f)
                    .writeLong(length);
            frames.append(masked ? header.writeInt(0) : header);
            for (int i = 0; i < 100; i++) {
                frames.append(allocator.buffer().writeZero(1000));
                FrameBatch batch = frames.take();
                assertThat(batch).isNotNull();
                assertThat(batch.endsInsideFrame()).isTrue();
                batch.release();
            }
            assertThat(kept()).isZero();
        }
    }

    @Nested
    class AnyCut {

        @ParameterizedTest
        @EnumSource
        void inTwoAtEveryByteGivesTheSameBytes(Sender sender) {
            for (int seed = 0; seed < 20; seed++) {
                RandomFrames random = new RandomFrames(new Random(seed), sender);
                Expected expected = new Expected(random.next(2, false), random.close());
                for (int cut = 1; cut <= expected.bytes.length; cut++) {
                    int at = cut;
                    expected.check(
                            sender, left -> left == expected.bytes.length ? at : left, "seed " + seed + " cut " + cut);
                }
            }
        }

        @ParameterizedTest
        @EnumSource
        void inTwoAroundEveryBorderOfALargeFrameGivesTheSameBytes(Sender sender) {
            List<WireFrame> frames = List.of(
                    WireFrame.text("before").by(sender),
                    WireFrame.of(WireFrame.BINARY, WHOLE - 4 - (sender == Sender.CLIENT ? 4 : 0))
                            .by(sender),
                    WireFrame.of(WireFrame.BINARY, WHOLE).by(sender),
                    WireFrame.of(WireFrame.PING, 3).by(sender),
                    WireFrame.of(WireFrame.BINARY, 70_000).by(sender),
                    WireFrame.text("behind").by(sender));
            Expected expected = new Expected(frames, null);
            int start = 0;
            for (WireFrame frame : frames) {
                for (int cut = Math.max(1, start - 3); cut < start + 18; cut++) {
                    int at = Math.min(cut, expected.bytes.length);
                    expected.check(sender, left -> left == expected.bytes.length ? at : left, "cut " + cut);
                }
                start += frame.bytes().length;
            }
        }

        @ParameterizedTest
        @EnumSource
        void intoSingleBytesGivesTheSameBytes(Sender sender) {
            for (int seed = 100; seed < 120; seed++) {
                RandomFrames random = new RandomFrames(new Random(seed), sender);
                new Expected(random.next(3, false), random.close()).check(sender, left -> 1, "seed " + seed);
            }
        }

        @ParameterizedTest
        @EnumSource
        void intoRandomPiecesGivesTheSameBytes(Sender sender) {
            for (int seed = 1000; seed < 1200; seed++) {
                Random random = new Random(seed);
                RandomFrames frames = new RandomFrames(random, sender);
                Expected expected = new Expected(
                        frames.next(1 + random.nextInt(8), true), random.nextBoolean() ? frames.close() : null);
                int size = 1 << 4 + random.nextInt(14);
                expected.check(sender, left -> 1 + random.nextInt(size), "seed " + seed);
            }
        }

        @ParameterizedTest
        @EnumSource
        void piecesThatAreNotTakenAtOnceAddUp(Sender sender) {
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
                assertThat(batch).isNotNull();
                assertThat(ByteBufUtil.getBytes(batch.bytes())).isEqualTo(expected.bytes);
                assertThat(batch.frames()).isEqualTo(expected.ends.size());
                batch.release();
                assertThat(assembler.take()).isNull();
            }
        }
    }

    @Nested
    class Batches {

        @Test
        void smallFrameComesOnlyWhole() {
            byte[] frame = WireFrame.of(WireFrame.BINARY, 1000).bytes();
            FrameAssembler assembler = assembler(Sender.SERVER);

            assembler.append(buffer(frame, 0, 500));
            assertThat(assembler.isReady()).isFalse();
            assertThat(assembler.take()).isNull();

            assembler.append(buffer(frame, 500, frame.length));
            assertThat(assembler.isReady()).isTrue();
            assertBatch(assembler.take(), frame, 1, 1, 1000, false);
        }

        @Test
        void wholeFramesDoNotWaitForTheBegunOneBehindThem() {
            byte[] first = WireFrame.text("first").bytes();
            byte[] second = WireFrame.text("second").bytes();
            FrameAssembler assembler = assembler(Sender.SERVER);

            assembler.append(buffer(WireFrame.stream(WireFrame.text("first"), WireFrame.text("second")), 0, 10));
            assertBatch(assembler.take(), first, 1, 1, 5, false);

            assembler.append(buffer(second, 3, second.length));
            assertBatch(assembler.take(), second, 1, 1, 6, false);
        }

        @Test
        void frameOfExactlyTheBoundIsKeptWhole() {
            byte[] frame = WireFrame.of(WireFrame.BINARY, WHOLE - 4).bytes();
            assertThat(frame).hasSize(WHOLE);
            FrameAssembler assembler = assembler(Sender.SERVER);

            assembler.append(buffer(frame, 0, WHOLE - 1));
            assertThat(assembler.take()).isNull();

            assembler.append(buffer(frame, WHOLE - 1, WHOLE));
            assertBatch(assembler.take(), frame, 1, 1, WHOLE - 4, false);
        }

        @Test
        void frameOneByteAboveTheBoundIsStreamed() {
            byte[] frame = WireFrame.of(WireFrame.BINARY, WHOLE - 3).bytes();
            FrameAssembler assembler = assembler(Sender.SERVER);

            assembler.append(buffer(frame, 0, 100));
            assertBatch(assembler.take(), Arrays.copyOf(frame, 100), 0, 0, 0, true);
            assembler.append(buffer(frame, 100, frame.length - 1));
            assertBatch(assembler.take(), Arrays.copyOfRange(frame, 100, frame.length - 1), 0, 0, 0, true);
            assembler.append(buffer(frame, frame.length - 1, frame.length));
            assertBatch(
                    assembler.take(),
                    Arrays.copyOfRange(frame, frame.length - 1, frame.length),
                    1,
                    1,
                    WHOLE - 3,
                    false);
        }

        @Test
        void endOfAStreamedFrameGoesOutWithTheSmallOnesBehindIt() {
            byte[] large = WireFrame.of(WireFrame.BINARY, 100_000).bytes();
            byte[] small = WireFrame.text("small").bytes();
            byte[] stream = WireFrame.stream(
                    WireFrame.of(WireFrame.BINARY, 100_000), WireFrame.text("small"), WireFrame.text("begun"));
            FrameAssembler assembler = assembler(Sender.SERVER);

            assembler.append(buffer(stream, 0, 60_000));
            assertBatch(assembler.take(), Arrays.copyOf(stream, 60_000), 0, 0, 0, true);
            assembler.append(buffer(stream, 60_000, stream.length - 1));
            assertBatch(
                    assembler.take(),
                    Arrays.copyOfRange(stream, 60_000, large.length + small.length),
                    2,
                    2,
                    100_005,
                    false);
            assembler.release();
        }

        @Test
        void closeComesInTheLastBatch() {
            byte[] stream = WireFrame.stream(WireFrame.text("last words"), WireFrame.close(1001, "bye"));
            FrameAssembler assembler = assembler(Sender.SERVER);
            assembler.append(buffer(stream, 0, stream.length));

            FrameBatch batch = assembler.take();
            assertThat(batch.close()).isEqualTo(new CloseStatus(1001, "bye"));
            assertThat(assembler.close()).isEqualTo(new CloseStatus(1001, "bye"));
            assertThat(assembler.isOver()).isTrue();
            assertBatch(batch, stream, 2, 1, 10, false);
        }

        @Test
        void whatComesBehindACloseIsDropped() {
            byte[] close = WireFrame.close(1000, "").bytes();
            FrameAssembler assembler = assembler(Sender.SERVER);
            byte[] stream = WireFrame.stream(WireFrame.close(1000, ""), WireFrame.text("late"));
            assembler.append(buffer(stream, 0, stream.length));
            assembler.append(buffer(close, 0, close.length));

            assertBatch(assembler.take(), close, 1, 0, 0, false);
            assertThat(assembler.take()).isNull();
        }

        @Test
        void framesBeforeAViolationCanStillBeTaken() {
            byte[] right = WireFrame.text("right").bytes();
            byte[] stream = WireFrame.stream(WireFrame.text("right"), WireFrame.of(0x3, 5), WireFrame.text("late"));
            for (int cut = 0; cut <= stream.length; cut++) {
                FrameAssembler assembler = assembler(Sender.SERVER);
                assembler.append(buffer(stream, 0, cut));
                assembler.append(buffer(stream, cut, stream.length));

                assertThat(assembler.isOver()).isTrue();
                assertThat(assembler.violation()).hasMessage("reserved opcode 0x3 (expected: 0-2 or 8-a)");
                assertBatch(assembler.take(), right, 1, 1, 5, false);
                assertThat(assembler.take()).isNull();
            }
        }

        @Test
        void controlFrameBehindABegunStreamedFrameIsNotMistaken() {
            byte[] ping = WireFrame.of(WireFrame.PING, 20).bytes();
            byte[] stream = WireFrame.stream(WireFrame.of(WireFrame.BINARY, 40_000), WireFrame.of(WireFrame.PING, 20));
            FrameAssembler assembler = assembler(Sender.SERVER);

            assembler.append(buffer(stream, 0, stream.length - 1));
            assertBatch(assembler.take(), Arrays.copyOf(stream, stream.length - ping.length), 1, 1, 40_000, false);
            assembler.append(buffer(stream, stream.length - 1, stream.length));
            assertBatch(assembler.take(), ping, 1, 0, 0, false);
        }

        @Test
        void emptyReadMakesNoBatch() {
            FrameAssembler assembler = assembler(Sender.SERVER);
            assembler.append(allocator.buffer());
            assertThat(assembler.isReady()).isFalse();

            byte[] frame = WireFrame.text("begun").bytes();
            assembler.append(buffer(frame, 0, 4));
            assembler.append(allocator.buffer());
            assertThat(assembler.isReady()).isFalse();

            assembler.append(buffer(frame, 4, frame.length));
            assertBatch(assembler.take(), frame, 1, 1, 5, false);
        }

        @Test
        void readerIndexOfWhatIsAppendedIsRespected() {
            byte[] frame = WireFrame.text("behind something else").bytes();
            ByteBuf in = allocator.buffer().writeZero(17).writeBytes(frame).skipBytes(17);
            FrameAssembler assembler = assembler(Sender.SERVER);
            assembler.append(in);

            assertBatch(assembler.take(), frame, 1, 1, 21, false);
        }

        @Test
        void composedReadsKeepTheirOrder() {
            byte[] frame = WireFrame.of(WireFrame.BINARY, 600).bytes();
            FrameAssembler assembler = assembler(Sender.SERVER);
            for (int i = 0; i < 3; i++) {
                assembler.append(allocator
                        .compositeBuffer()
                        .addComponent(true, buffer(frame, 0, 300))
                        .addComponent(true, buffer(frame, 300, frame.length)));
            }

            FrameBatch batch = assembler.take();
            assertThat(ByteBufUtil.getBytes(batch.bytes(), 0, frame.length)).isEqualTo(frame);
            assertThat(ByteBufUtil.getBytes(batch.bytes(), frame.length, frame.length))
                    .isEqualTo(frame);
            assertThat(ByteBufUtil.getBytes(batch.bytes(), 2 * frame.length, frame.length))
                    .isEqualTo(frame);
            batch.release();
        }
    }

    @Nested
    class Memory {

        @ParameterizedTest
        @ValueSource(ints = {7, 100, 1000, 4096, 65_536})
        void keptBetweenTakesIsBoundedWhateverThePieces(int piece) {
            RandomFrames random = new RandomFrames(new Random(piece), Sender.CLIENT);
            byte[] stream = WireFrame.stream(random.next(piece < 1000 ? 10 : 60, true));
            FrameAssembler assembler = assembler(Sender.CLIENT);
            long most = 0;
            for (int at = 0; at < stream.length; at += piece) {
                assembler.append(buffer(stream, at, Math.min(at + piece, stream.length)));
                release(assembler.take());
                most = Math.max(most, kept());
            }

            // A part that is at least half of its buffer keeps the buffer: hence twice the frame.
            assertThat(most).isLessThanOrEqualTo(2L * WHOLE + 131);
        }

        @Test
        void smallRestOfALargeReadDoesNotKeepTheRead() {
            byte[] stream =
                    WireFrame.stream(WireFrame.of(WireFrame.BINARY, 30_000), WireFrame.of(WireFrame.BINARY, 100));
            FrameAssembler assembler = assembler(Sender.SERVER);
            assembler.append(buffer(stream, 0, stream.length - 1));
            release(assembler.take());

            assertThat(kept()).isLessThanOrEqualTo(104);
            assembler.release();
        }

        @Test
        void nothingIsKeptInsideAStreamedFrame() {
            FrameAssembler assembler = assembler(Sender.SERVER);
            byte[] header = WireFrame.of(WireFrame.BINARY, 0).header(1L << 40);
            assembler.append(buffer(header, 0, header.length));
            release(assembler.take());
            for (int i = 0; i < 50; i++) {
                assembler.append(allocator.buffer(65_536).writeZero(65_536));
                FrameBatch batch = assembler.take();
                assertThat(batch.endsInsideFrame()).isTrue();
                batch.release();
                assertThat(kept()).isZero();
            }
        }

        @Test
        void frameThatComesByteByByteIsKeptInFewPieces() {
            byte[] frame = WireFrame.of(WireFrame.BINARY, WHOLE - 4).bytes();
            FrameAssembler assembler = assembler(Sender.SERVER);
            long most = 0;
            for (int i = 0; i < frame.length; i++) {
                assembler.append(buffer(frame, i, i + 1));
                most = Math.max(most, kept());
            }

            assertThat(most).isLessThanOrEqualTo(2L * WHOLE + 131);
            FrameBatch batch = assembler.take();
            assertThat(batch.bytes().nioBufferCount()).isLessThanOrEqualTo(17);
            assertBatch(batch, frame, 1, 1, WHOLE - 4, false);
        }

        @Test
        void frameThatComesByteByByteIsNotCopiedForEachByte() {
            CountingAllocator counting = new CountingAllocator();
            byte[] frame = WireFrame.of(WireFrame.BINARY, WHOLE - 4).bytes();
            FrameAssembler assembler = new FrameAssembler(
                    new FrameScanner(Sender.SERVER, FrameLimits.NONE, false), counting, Granularity.FRAMES);
            for (byte b : frame) {
                assembler.append(counting.buffer(1).writeByte(b));
            }
            assertBatch(assembler.take(), frame, 1, 1, WHOLE - 4, false);

            // Copied whenever 16 pieces have come together: half the frame on average.
            long everyTime = (long) WHOLE * WHOLE / 2;
            assertThat(counting.allocated).isLessThan(everyTime / 12);
        }
    }

    @Nested
    class Ownership {

        @Test
        void batchIsWhatWasReadWithoutACopyWhenItIsAllWhole() {
            byte[] frame = WireFrame.text("as it is").bytes();
            FrameAssembler assembler = assembler(Sender.SERVER);
            ByteBuf in = buffer(frame, 0, frame.length);
            assembler.append(in);

            FrameBatch batch = assembler.take();
            assertThat(batch.bytes()).isSameAs(in);
            assertThat(in.refCnt()).isEqualTo(1);
            batch.release();
            assertThat(in.refCnt()).isZero();
        }

        @Test
        void whatIsAppendedAfterTheEndIsReleasedAtOnce() {
            FrameAssembler closed = assembler(Sender.SERVER);
            byte[] close = WireFrame.close(1000, "").bytes();
            closed.append(buffer(close, 0, close.length));
            FrameAssembler violated = assembler(Sender.SERVER);
            byte[] wrong = WireFrame.of(0x3, 0).bytes();
            violated.append(buffer(wrong, 0, wrong.length));

            for (FrameAssembler assembler : List.of(closed, violated)) {
                ByteBuf late = buffer(close, 0, close.length);
                assembler.append(late);
                assertThat(late.refCnt()).isZero();
                assembler.release();
            }
        }

        @Test
        void releaseGivesUpWhateverIsKeptInEveryState() {
            byte[] stream = WireFrame.stream(
                    WireFrame.text("whole"),
                    WireFrame.of(WireFrame.BINARY, 1000),
                    WireFrame.of(WireFrame.PING, 100),
                    WireFrame.of(WireFrame.BINARY, 50_000),
                    WireFrame.close(1000, "done"));
            for (int cut = 0; cut < stream.length; cut += cut < 1300 || cut > 51_000 ? 1 : 997) {
                for (boolean take : new boolean[] {false, true}) {
                    for (int piece : new int[] {cut + 1, 700}) {
                        FrameAssembler assembler = assembler(Sender.SERVER);
                        for (int at = 0; at < cut; at += piece) {
                            assembler.append(buffer(stream, at, Math.min(at + piece, cut)));
                        }
                        if (take) {
                            release(assembler.take());
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

        @Test
        void batchOutlivesTheAssembler() {
            byte[] stream =
                    WireFrame.stream(WireFrame.of(WireFrame.BINARY, 1000), WireFrame.of(WireFrame.BINARY, 1000));
            FrameAssembler assembler = assembler(Sender.SERVER);
            assembler.append(buffer(stream, 0, stream.length - 1));
            FrameBatch batch = assembler.take();
            assembler.release();

            assertBatch(batch, Arrays.copyOf(stream, 1004), 1, 1, 1000, false);
        }

        /** With the pool and the leak detector that the gateway runs with. */
        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void nothingLeaksFromThePool(boolean take) {
            for (int seed = 0; seed < 10; seed++) {
                Random random = new Random(seed);
                RandomFrames frames = new RandomFrames(random, Sender.CLIENT);
                byte[] stream = WireFrame.stream(frames.next(3, false));
                List<ByteBuf> appended = new ArrayList<>();
                FrameAssembler assembler = new FrameAssembler(
                        new FrameScanner(Sender.CLIENT, FrameLimits.NONE, false),
                        PooledByteBufAllocator.DEFAULT,
                        Granularity.FRAMES);
                for (int at = 0; at < stream.length - 1; ) {
                    int to = Math.min(stream.length - 1, at + 1 + random.nextInt(400));
                    ByteBuf in = PooledByteBufAllocator.DEFAULT.directBuffer().writeBytes(stream, at, to - at);
                    appended.add(in);
                    assembler.append(in);
                    if (take) {
                        release(assembler.take());
                    }
                    at = to;
                }
                assembler.release();

                assertThat(appended).allSatisfy(in -> assertThat(in.refCnt()).isZero());
            }
        }
    }

    private FrameAssembler assembler(Sender sender) {
        return new FrameAssembler(new FrameScanner(sender, FrameLimits.NONE, false), allocator, Granularity.FRAMES);
    }

    private ByteBuf buffer(byte[] bytes, int from, int to) {
        return allocator.buffer(Math.max(1, to - from)).writeBytes(bytes, from, to - from);
    }

    private long kept() {
        return allocator.metric().usedHeapMemory() + allocator.metric().usedDirectMemory();
    }

    private static void release(FrameBatch batch) {
        if (batch != null) {
            batch.release();
        }
    }

    /** Checks a batch, and releases it. */
    private static void assertBatch(
            FrameBatch batch, byte[] bytes, int frames, int messages, long payloadBytes, boolean endsInsideFrame) {
        assertThat(batch).isNotNull();
        assertThat(ByteBufUtil.getBytes(batch.bytes())).isEqualTo(bytes);
        assertThat(batch.frames()).as("frames").isEqualTo(frames);
        assertThat(batch.messages()).as("messages").isEqualTo(messages);
        assertThat(batch.payloadBytes()).as("payload bytes").isEqualTo(payloadBytes);
        assertThat(batch.endsInsideFrame()).as("ends inside a frame").isEqualTo(endsInsideFrame);
        assertThat(batch.bytes().refCnt()).isEqualTo(1);
        batch.release();
    }

    /** Sums the sizes of the buffers that it made. */
    private static final class CountingAllocator extends AbstractByteBufAllocator {

        private long allocated;

        @Override
        protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
            allocated += initialCapacity;
            return new UnpooledHeapByteBuf(this, initialCapacity, maxCapacity);
        }

        @Override
        protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
            return newHeapBuffer(initialCapacity, maxCapacity);
        }

        @Override
        public CompositeByteBuf compositeHeapBuffer(int maxNumComponents) {
            return new CompositeByteBuf(this, false, maxNumComponents);
        }

        @Override
        public boolean isDirectBufferPooled() {
            return false;
        }
    }

    /** A stream, and what must hold of the batches made of it, however it is cut. */
    private final class Expected {

        private final byte[] bytes;
        private final List<Integer> ends = new ArrayList<>();
        private final List<WireFrame> frames;

        Expected(List<WireFrame> data, WireFrame close) {
            frames = new ArrayList<>(data);
            if (close != null) {
                frames.add(close);
            }
            bytes = WireFrame.stream(frames);
            int end = 0;
            for (WireFrame frame : frames) {
                end += frame.bytes().length;
                ends.add(end);
            }
        }

        void check(Sender sender, IntUnaryOperator pieces, String as) {
            FrameAssembler assembler = assembler(sender);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            int frame = 0;
            for (int at = 0; at < bytes.length; ) {
                int to = Math.min(bytes.length, at + pieces.applyAsInt(bytes.length - at));
                assembler.append(buffer(bytes, at, to));
                FrameBatch batch = assembler.take();
                if (batch != null) {
                    frame = check(batch, out, frame, as);
                    batch.release();
                }
                at = to;
            }
            assertThat(out.toByteArray()).as(as).isEqualTo(bytes);
            assertThat(frame).as(as).isEqualTo(frames.size());
            assertThat(assembler.violation()).as(as).isNull();
            assertThat(kept()).as(as).isZero();
        }

        /** Checks one batch; the first frame that doesn't end in it is returned. */
        private int check(FrameBatch batch, ByteArrayOutputStream out, int first, String as) {
            out.writeBytes(ByteBufUtil.getBytes(batch.bytes()));
            int frame = first;
            int messages = 0;
            long payloadBytes = 0;
            while (frame < frames.size() && ends.get(frame) <= out.size()) {
                WireFrame ended = frames.get(frame);
                if (!ended.isControl()) {
                    payloadBytes += ended.payload().length;
                    messages += ended.isFinal() ? 1 : 0;
                }
                frame++;
            }
            boolean inside = out.size() > (frame == 0 ? 0 : ends.get(frame - 1));
            if (batch.frames() != frame - first
                    || batch.messages() != messages
                    || batch.payloadBytes() != payloadBytes
                    || batch.endsInsideFrame() != inside
                    || (batch.close() != null)
                            != (frame == frames.size() && frames.get(frame - 1).opcode() == 8)) {
                throw new AssertionError(as + ": " + batch + " at " + out.size() + " (expected: frames "
                        + (frame - first) + ", messages " + messages + ", payload " + payloadBytes + ", inside "
                        + inside + ')');
            }
            int start = frame == 0 ? 0 : ends.get(frame - 1);
            if (inside && ends.get(frame) - start <= WHOLE) {
                throw new AssertionError(as + ": a frame of " + (ends.get(frame) - start) + " bytes is torn");
            }
            return frame;
        }
    }
}
