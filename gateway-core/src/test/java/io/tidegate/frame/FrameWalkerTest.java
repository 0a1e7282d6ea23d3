package io.tidegate.frame;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.tidegate.testkit.WireFrame;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FrameWalkerTest {

    private final FrameWalker walker = new FrameWalker();

    @Test
    void seesNothingInNothing() {
        walker.open(Unpooled.EMPTY_BUFFER, Sender.CLIENT);

        assertThat(walker.next()).isFalse();
        assertThat(walker.next()).isFalse();
    }

    @Test
    void tellsKindsApart() {
        walker.open(
                Unpooled.wrappedBuffer(WireFrame.stream(
                        WireFrame.text("text"),
                        WireFrame.of(WireFrame.BINARY, 70_000).rsv(1).fragment(),
                        WireFrame.of(WireFrame.CONTINUATION, 300).fragment(),
                        WireFrame.of(WireFrame.CONTINUATION, 0),
                        WireFrame.of(WireFrame.PONG, 7),
                        WireFrame.of(WireFrame.PING, 0),
                        WireFrame.of(WireFrame.CLOSE, 0))),
                Sender.SERVER);

        assertThat(walker.next()).isTrue();
        assertThat(walker.isText()).isTrue();
        assertThat(walker.isControl()).isFalse();
        assertThat(walker.isCompressed()).isFalse();
        assertThat(walker.payloadBytes()).isEqualTo(4);
        assertThat(walker.from()).isZero();
        assertThat(walker.to()).isEqualTo(6);

        assertThat(walker.next()).isTrue();
        assertThat(walker.opcode()).isEqualTo(WireFrame.BINARY);
        assertThat(walker.isText()).isFalse();
        assertThat(walker.isControl()).isFalse();
        assertThat(List.of(walker.isClose(), walker.isPing(), walker.isPong())).containsOnly(false);
        assertThat(walker.isCompressed()).isTrue();
        assertThat(walker.payloadBytes()).isEqualTo(70_300);
        assertThat(walker.from()).isEqualTo(6);
        assertThat(walker.to()).isEqualTo(6 + 70_010 + 304 + 2);

        assertThat(walker.next()).isTrue();
        assertThat(walker.opcode()).isEqualTo(WireFrame.PONG);
        assertThat(walker.isControl()).isTrue();
        assertThat(List.of(walker.isClose(), walker.isPing(), walker.isPong())).containsExactly(false, false, true);
        assertThat(walker.payloadBytes()).isEqualTo(7);

        assertThat(walker.next()).isTrue();
        assertThat(List.of(walker.isClose(), walker.isPing(), walker.isPong())).containsExactly(false, true, false);

        assertThat(walker.next()).isTrue();
        assertThat(List.of(walker.isClose(), walker.isPing(), walker.isPong())).containsExactly(true, false, false);

        assertThat(walker.next()).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void findsEachMessageAndItsPayload(Sender sender) {
        for (int seed = 0; seed < 100; seed++) {
            Random random = new Random(seed);
            List<List<WireFrame>> units = units(new RandomFrames(random, sender).next(6, seed % 10 == 0));
            ByteBuf bytes = buffer(random, units);
            int from = bytes.readerIndex();
            int to = bytes.writerIndex();
            walker.open(bytes, sender);
            for (List<WireFrame> unit : units) {
                WireFrame first = unit.get(0);
                assertThat(walker.next()).as("seed %d", seed).isTrue();
                assertThat(walker.opcode()).isEqualTo(first.opcode());
                assertThat(walker.isControl()).isEqualTo(first.isControl());
                assertThat(ByteBufUtil.getBytes(bytes, walker.from(), walker.to() - walker.from()))
                        .isEqualTo(WireFrame.stream(unit));
                byte[] payload = payload(unit);
                assertThat(walker.payloadBytes()).isEqualTo(payload.length);
                ByteBuf target = target(random);
                int written = target.writerIndex();
                assertThat(walker.copyPayload(target)).isEqualTo(payload.length);
                assertThat(ByteBufUtil.getBytes(target, written, target.writerIndex() - written))
                        .as("seed %d", seed)
                        .isEqualTo(payload);
                target.release();
            }
            assertThat(walker.next()).isFalse();
            assertThat(bytes.readerIndex()).isEqualTo(from);
            assertThat(bytes.writerIndex()).isEqualTo(to);
            assertThat(bytes.refCnt()).isEqualTo(1);
            bytes.release();
        }
    }

    @Test
    void refusesBytesThatEndInside() {
        byte[] stream = WireFrame.stream(
                WireFrame.of(WireFrame.TEXT, 200).fragment().by(Sender.CLIENT),
                WireFrame.of(WireFrame.CONTINUATION, 2).by(Sender.CLIENT));
        for (int length = 1; length < stream.length; length++) {
            walker.open(Unpooled.wrappedBuffer(stream, 0, length), Sender.CLIENT);
            assertThatThrownBy(walker::next)
                    .as("length %d", length)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageEndingWith("(expected: whole messages)");
        }
    }

    @Test
    void refusesALengthBeyondAllBuffers() {
        walker.open(Unpooled.wrappedBuffer(WireFrame.of(WireFrame.BINARY, 0).header(Long.MAX_VALUE)), Sender.SERVER);

        assertThatThrownBy(walker::next).isInstanceOf(IllegalStateException.class);
    }

    /** Messages, each with its fragments in a row, and control frames. */
    private static List<List<WireFrame>> units(List<WireFrame> frames) {
        List<List<WireFrame>> units = new ArrayList<>();
        List<WireFrame> message = new ArrayList<>();
        for (WireFrame frame : frames) {
            if (frame.isControl()) {
                units.add(List.of(frame));
                continue;
            }
            message.add(frame);
            if (frame.isFinal()) {
                units.add(List.copyOf(message));
                message.clear();
            }
        }
        return units;
    }

    /** In one buffer or in several, with and without an array, not at the beginning. */
    private static ByteBuf buffer(Random random, List<List<WireFrame>> units) {
        byte[] stream = WireFrame.stream(units.stream().flatMap(List::stream).toList());
        int before = random.nextInt(20);
        ByteBuf first = random.nextBoolean() ? Unpooled.buffer() : Unpooled.directBuffer();
        first.writeZero(before);
        if (random.nextBoolean()) {
            return first.writeBytes(stream).skipBytes(before);
        }
        int cut = random.nextInt(stream.length + 1);
        return Unpooled.compositeBuffer()
                .addComponent(true, first.writeBytes(stream, 0, cut))
                .addComponent(true, Unpooled.directBuffer().writeBytes(stream, cut, stream.length - cut))
                .skipBytes(before);
    }

    private static ByteBuf target(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> Unpooled.buffer(16);
            case 1 -> Unpooled.directBuffer(16).writeZero(random.nextInt(9));
            case 2 -> Unpooled.buffer(2000).writeZero(random.nextInt(9));
            default ->
                Unpooled.buffer(700_000 + 9)
                        .writeZero(9)
                        .slice(9, 700_000)
                        .clear()
                        .writeZero(random.nextInt(9));
        };
    }

    private static byte[] payload(List<WireFrame> unit) {
        ByteArrayOutputStream payload = new ByteArrayOutputStream();
        unit.forEach(frame -> payload.writeBytes(frame.payload()));
        return payload.toByteArray();
    }
}
