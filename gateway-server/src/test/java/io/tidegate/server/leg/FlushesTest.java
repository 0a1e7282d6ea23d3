package io.tidegate.server.leg;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@link Flushes} tells, by a channel whose socket takes as many writes as the test lets it. */
class FlushesTest {

    /** Writes are told apart by the age of what they carry: in units so long that no test is as slow. */
    private static final long UNIT = TimeUnit.HOURS.toNanos(10);

    /** A time in units, and how many messages took it. */
    private record Told(long age, int messages) {}

    private final List<Told> told = new ArrayList<>();
    private final List<Throwable> caught = new ArrayList<>();
    private final Socket channel = new Socket();
    private final Flushes flushes = new Flushes(
            channel,
            new LegMeter() {
                @Override
                public void onMessages(long payloadBytes, int messages) {
                    throw new AssertionError("nothing was received");
                }

                @Override
                public void onFlushed(long nanos, int messages) {
                    told.add(new Told(nanos / UNIT, messages));
                }
            },
            LoopClock.of(channel.eventLoop()));

    /** Netty's own channel and outbound buffer; only how much a flush gets through is up to the test. */
    private static final class Socket extends EmbeddedChannel {

        private int takes;
        private IOException failure;

        /** Lets the next writes through, as soon as there is a flush. */
        void take(int writes) {
            takes += writes;
            flush();
        }

        /** The next write fails. */
        void fail(IOException cause) {
            failure = cause;
            flush();
        }

        @Override
        protected void doWrite(ChannelOutboundBuffer in) {
            if (failure != null) {
                IOException cause = failure;
                failure = null;
                in.remove(cause);
            }
            while (takes > 0 && in.remove()) {
                takes--;
            }
        }
    }

    FlushesTest() {
        channel.pipeline().addLast(new ChannelInboundHandlerAdapter() {
            @Override
            public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                caught.add(cause);
            }
        });
    }

    @AfterEach
    void itIsNeverDone() {
        assertThat(flushes.isDone()).isFalse();
        assertThat(flushes.isSuccess()).isFalse();
        assertThat(flushes.cause()).isNull();
        channel.finishAndReleaseAll();
        assertThat(flushes.isDone()).as("not even when the channel is closed").isFalse();
    }

    @Test
    void eachEndIsThatOfTheOldestWriteUnderWay() {
        write(3, 1);
        write(1, 7);
        write(2, 1_000_000);
        assertThat(told).as("nothing is in the socket").isEmpty();
        channel.take(1);
        assertThat(told).containsExactly(new Told(3, 1));
        write(9, 2);
        channel.take(3);
        assertThat(told).containsExactly(new Told(3, 1), new Told(1, 7), new Told(2, 1_000_000), new Told(9, 2));
    }

    @Test
    void writesThatCarryNoMessagesHaveNoPartInIt() {
        write(1, 1);
        channel.write(bytes(), channel.voidPromise());
        write(2, 1);
        channel.take(2);
        assertThat(told).containsExactly(new Told(1, 1));
        channel.take(1);
        assertThat(told).containsExactly(new Told(1, 1), new Told(2, 1));
        assertThat(caught).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {7, 8, 9, 63, 64, 65, 1000})
    void theOrderIsKeptHoweverManyAreUnderWay(int writes) {
        // So that the ring begins somewhere in the middle when it has to grow.
        write(5, 5);
        write(6, 6);
        write(7, 7);
        channel.take(2);
        told.clear();
        List<Told> expected = new ArrayList<>(List.of(new Told(7, 7)));
        for (int i = 0; i < writes; i++) {
            write(i, 1 + i);
            expected.add(new Told(i, 1 + i));
        }
        channel.take(writes + 1);
        assertThat(told).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void isLikeAQueueWhateverComesInWhichOrder(long seed) {
        Random random = new Random(seed);
        Deque<Told> model = new ArrayDeque<>();
        List<Told> expected = new ArrayList<>();
        List<String> failures = new ArrayList<>();
        for (int step = 0; step < 5_000; step++) {
            // Phases that pile up and phases that drain, so that the ring grows, wraps and is let go.
            boolean pilesUp = step / 200 % 2 == 0;
            int what = random.nextInt(20);
            if (what == 0 && !model.isEmpty()) {
                model.remove();
                failures.add("failure " + step);
                channel.fail(new IOException("failure " + step));
            } else if (what < (pilesUp ? 13 : 5)) {
                Told next = new Told(random.nextInt(1000), 1 + random.nextInt(100));
                model.add(next);
                write(next.age, next.messages);
            } else {
                int count = Math.min(model.size(), random.nextInt(pilesUp ? 3 : 9));
                for (int i = 0; i < count; i++) {
                    expected.add(model.remove());
                }
                channel.take(count);
            }
            assertThat(told).as("seed %d, step %d", seed, step).hasSameSizeAs(expected);
        }
        expected.addAll(model);
        channel.take(model.size());
        assertThat(told).isEqualTo(expected);
        assertThat(caught).extracting(Throwable::getMessage).isEqualTo(failures);
    }

    @Test
    void aWriteThatFailsIsNotMeasuredAndIsHeardOf() {
        write(1, 1);
        write(2, 2);
        write(3, 3);
        IOException failure = new IOException("broken pipe");
        channel.take(1);
        channel.fail(failure);
        channel.take(1);
        assertThat(told).containsExactly(new Told(1, 1), new Told(3, 3));
        assertThat(caught).containsExactly(failure);
    }

    @Test
    void whatIsUnderWayWhenTheConnectionClosesFails() {
        write(1, 1);
        write(2, 2);
        channel.flush();
        channel.close();
        assertThat(told).isEmpty();
        assertThat(caught).hasSize(2).hasOnlyElementsOfType(ClosedChannelException.class);
    }

    @Test
    void aWriteToAClosedConnectionFailsAndLeavesNothingUnderWay() {
        channel.close();
        write(1, 1);
        channel.flush();
        assertThat(told).isEmpty();
        assertThat(flushes.underWay()).isZero();
    }

    @Test
    void anEndWithoutAWriteIsNone() {
        assertThat(flushes.trySuccess(null)).isTrue();
        assertThat(flushes.setSuccess(null)).isSameAs(flushes);
        assertThat(flushes.tryFailure(new IOException("nobody's"))).isTrue();
        assertThat(told).isEmpty();
        assertThat(caught).isEmpty();
        write(4, 1);
        channel.take(1);
        assertThat(told).containsExactly(new Told(4, 1));
    }

    @Test
    void theRoomOfABurstIsLetGoWhenItIsOverAndThatOfAFewIsKept() {
        assertThat(flushes.room()).as("before the first").isZero();
        for (int i = 0; i < 64; i++) {
            write(i, 1);
        }
        channel.take(64);
        assertThat(flushes.room()).as("after a few").isEqualTo(64);
        for (int i = 0; i < 65; i++) {
            write(i, 1);
        }
        assertThat(flushes.room()).isEqualTo(128);
        channel.take(64);
        assertThat(flushes.room()).as("while one is under way").isEqualTo(128);
        channel.take(1);
        assertThat(flushes.room()).as("after a burst").isZero();
        write(77, 3);
        channel.take(1);
        assertThat(told).endsWith(new Told(77, 3)).hasSize(64 + 65 + 1);
    }

    @Test
    void theRoomOfABurstThatFailsIsLetGo() {
        for (int i = 0; i < 1000; i++) {
            write(i, 1);
        }
        channel.flush();
        channel.close();
        assertThat(flushes.room()).isZero();
        assertThat(flushes.underWay()).isZero();
    }

    @Test
    void theMeanFollowsWithAnEighthOfTheDifference() {
        assertThat(flushes.meanNanos()).as("before the first").isZero();
        write(16, 1);
        channel.take(1);
        assertThat(flushes.meanNanos() / UNIT).isEqualTo(16);
        write(96, 50);
        channel.take(1);
        assertThat(flushes.meanNanos() / UNIT).as("16 + 80 / 8").isEqualTo(26);
    }

    private void write(long age, int messages) {
        ChannelPromise promise = flushes.written(System.nanoTime() - age * UNIT, messages);
        assertThat(promise).isSameAs(flushes);
        channel.write(bytes(), promise);
    }

    private static ByteBuf bytes() {
        return Unpooled.wrappedBuffer(new byte[] {1});
    }
}
