package io.tidegate.server.leg;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.tidegate.frame.CloseStatus;
import io.tidegate.frame.FrameBatch;
import io.tidegate.frame.FrameLimits;
import io.tidegate.frame.Granularity;
import io.tidegate.frame.ProtocolViolation;
import io.tidegate.frame.Sender;
import io.tidegate.testkit.WireFrame;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscription;
import reactor.core.publisher.BaseSubscriber;
import reactor.test.StepVerifier;

/** A leg towards a server, so that frames are easy to read, and what it makes of its connection. */
class LegTest {

    private static final WireFrame ONE = WireFrame.text("one");
    private static final WireFrame TWO = WireFrame.text("two");

    private final Leg leg =
            new Leg(Sender.SERVER, new FrameLimits(0, 100_000), Granularity.FRAMES, false, LegMeter.NONE);
    private final EmbeddedChannel channel = new EmbeddedChannel(leg);
    private final List<ByteBuf> received = new ArrayList<>();

    @AfterEach
    void nothingIsLeft() {
        channel.finishAndReleaseAll();
        assertThat(received).allSatisfy(buffer -> assertThat(buffer.refCnt()).isZero());
    }

    @Nested
    class Demand {

        @Test
        void eachTurnOfReadingIsOneBatch() {
            StepVerifier.create(leg.receive())
                    .then(() -> receive(ONE, TWO))
                    .assertNext(batch -> assertBatch(batch, ONE, TWO))
                    .then(() -> receive(ONE))
                    .assertNext(batch -> assertBatch(batch, ONE))
                    .thenCancel()
                    .verify();
        }

        @Test
        void readsOfOneTurnGoTogether() {
            StepVerifier.create(leg.receive())
                    .then(() -> {
                        channel.writeOneInbound(buffer(ONE));
                        channel.writeOneInbound(buffer(TWO));
                        channel.flushInbound();
                    })
                    .assertNext(batch -> assertBatch(batch, ONE, TWO))
                    .thenCancel()
                    .verify();
        }

        @Test
        void nothingIsHandedOutUnasked() {
            StepVerifier.create(leg.receive(), 0)
                    .expectSubscription()
                    .then(() -> receive(ONE))
                    .then(() -> receive(TWO))
                    .then(() -> assertThat(reading()).isFalse())
                    .thenRequest(1)
                    .assertNext(batch -> assertBatch(batch, ONE, TWO))
                    .thenCancel()
                    .verify();
        }

        @Test
        void readingFollowsDemand() {
            Frames frames = new Frames(0);
            assertThat(reading()).as("nobody asked").isFalse();

            frames.request(2);
            assertThat(reading()).as("two asked for").isTrue();
            receive(ONE);
            assertThat(reading()).as("one asked for").isTrue();
            receive(TWO);
            assertThat(reading()).as("none asked for").isFalse();
            frames.request(1);
            assertThat(reading()).as("one more asked for").isTrue();
            assertThat(frames.batches).isEqualTo(2);
        }

        @Test
        void readingStopsAfterATurnThatNobodySubscribedTo() {
            receive(ONE);
            assertThat(reading()).isFalse();

            StepVerifier.create(leg.receive())
                    .assertNext(batch -> assertBatch(batch, ONE))
                    .then(() -> assertThat(reading()).isTrue())
                    .thenCancel()
                    .verify();
        }

        @Test
        void partOfAFrameUsesNoDemand() {
            byte[] bytes = ONE.bytes();
            Frames frames = new Frames(1);
            receive(Arrays.copyOf(bytes, 3));
            assertThat(reading()).isTrue();
            assertThat(frames.batches).isZero();

            receive(Arrays.copyOfRange(bytes, 3, bytes.length));
            assertThat(frames.batches).isEqualTo(1);
            assertThat(reading()).isFalse();
        }

        @Test
        void askingFromWithinASignalIsServedInOrder() {
            receive(ONE);
            Frames frames = new Frames(1) {
                @Override
                protected void hookOnNext(FrameBatch batch) {
                    super.hookOnNext(batch);
                    request(1);
                }
            };
            receive(TWO);
            receive(WireFrame.close(1000, ""));

            assertThat(frames.batches).isEqualTo(3);
            assertThat(frames.ended).isEqualTo("complete");
        }
    }

    @Nested
    class Ending {

        @Test
        void completesBehindTheBatchWithTheClose() {
            WireFrame close = WireFrame.close(1001, "bye");

            StepVerifier.create(leg.receive())
                    .then(() -> receive(ONE, close))
                    .assertNext(batch -> {
                        assertThat(batch.close()).isEqualTo(new CloseStatus(1001, "bye"));
                        assertBatch(batch, ONE, close);
                    })
                    .verifyComplete();
            assertThat(leg.receivedClose()).isEqualTo(new CloseStatus(1001, "bye"));
        }

        @Test
        void completionWaitsForTheLastBatchToBeAskedFor() {
            Frames frames = new Frames(0);
            receive(ONE, WireFrame.close(1000, ""));
            assertThat(frames.ended).isNull();

            frames.request(1);
            assertThat(frames.batches).isEqualTo(1);
            assertThat(frames.ended).isEqualTo("complete");
        }

        @Test
        void violationComesBehindTheLastRightBatch() {
            StepVerifier.create(leg.receive())
                    .then(() -> receive(ONE, WireFrame.of(0x3, 0), TWO))
                    .assertNext(batch -> assertBatch(batch, ONE))
                    .verifyErrorSatisfies(failure -> assertThat(failure)
                            .isInstanceOf(ProtocolViolation.class)
                            .hasMessage("reserved opcode 0x3 (expected: 0-2 or 8-a)"));
        }

        @Test
        void violationNeedsNoDemandWhenNothingIsBeforeIt() {
            Frames frames = new Frames(0);
            receive(WireFrame.of(0x3, 0));

            assertThat(frames.ended).startsWith("reserved opcode");
        }

        @Test
        void limitsHold() {
            StepVerifier.create(leg.receive())
                    .then(() -> receive(WireFrame.of(WireFrame.BINARY, 0).header(100_001)))
                    .verifyErrorSatisfies(failure -> assertThat(((ProtocolViolation) failure).closeCode())
                            .isEqualTo(CloseStatus.TOO_BIG));
        }

        @Test
        void closedConnectionWithoutACloseFrameIsALostLeg() {
            StepVerifier.create(leg.receive())
                    .then(() -> receive(ONE))
                    .assertNext(batch -> assertBatch(batch, ONE))
                    .then(channel::close)
                    .verifyErrorSatisfies(failure -> assertThat(failure)
                            .isInstanceOf(LegLostException.class)
                            .hasMessage("connection closed without a Close frame"));
            assertThat(leg.isClosed()).isTrue();
        }

        @Test
        void causeOfTheLossIsTold() {
            IOException reset = new IOException("connection reset");

            StepVerifier.create(leg.receive())
                    .then(() -> channel.pipeline().fireExceptionCaught(reset))
                    .verifyErrorSatisfies(failure -> assertThat(failure)
                            .isInstanceOf(LegLostException.class)
                            .hasMessage("connection reset")
                            .hasCause(reset));
        }

        @Test
        void endOfInputWithoutACloseFrameIsALostLegBehindWhatCame() {
            Frames frames = new Frames(0);
            receive(ONE);
            channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
            assertThat(leg.isInputEnded()).isTrue();
            assertThat(frames.ended).isNull();

            frames.request(5);
            assertThat(frames.batches).isEqualTo(1);
            assertThat(frames.ended).isEqualTo("connection ended without a Close frame");
        }

        @Test
        void endOfInputBehindACloseFrameIsNoLoss() {
            Frames frames = new Frames(5);
            receive(WireFrame.close(1000, ""));
            channel.pipeline().fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
            channel.close();

            assertThat(frames.ended).isEqualTo("complete");
        }

        @Test
        void begunFrameIsGivenUpWithTheConnection() {
            Frames frames = new Frames(5);
            receive(Arrays.copyOf(WireFrame.of(WireFrame.BINARY, 1000).bytes(), 700));
            channel.close();

            assertThat(frames.batches).isZero();
            assertThat(frames.ended).isEqualTo("connection closed without a Close frame");
        }

        @Test
        void whatComesBehindTheEndIsReleasedAndReadingGoesOn() {
            Frames frames = new Frames(5);
            receive(WireFrame.close(1000, ""));
            receive(ONE);
            receive(TWO);

            assertThat(frames.batches).isEqualTo(1);
            assertThat(reading())
                    .as("so that the end of the connection is seen")
                    .isTrue();
        }

        @Test
        void framesKeptWhenTheConnectionClosesAreHandedOutBeforeTheLoss() {
            Frames frames = new Frames(0);
            receive(ONE);
            channel.close();
            assertThat(frames.ended).isNull();

            frames.request(1);
            assertThat(frames.batches).isEqualTo(1);
            assertThat(frames.ended).isEqualTo("connection closed without a Close frame");
        }

        @Test
        void closeFrameKeptWhenTheConnectionClosesIsHandedOutBeforeCompletion() {
            Frames frames = new Frames(0);
            receive(ONE, WireFrame.close(1000, "bye"));
            channel.close();
            frames.request(1);

            assertThat(frames.batches).isEqualTo(1);
            assertThat(frames.ended).isEqualTo("complete");
        }

        @Test
        void onlyOneSubscriberIsServed() {
            new Frames(1);

            StepVerifier.create(leg.receive()).verifyErrorMessage("a leg's frames allow only one subscriber");
        }
    }

    @Nested
    class Cancel {

        @Test
        void dropsWhatIsKeptAndWhatComes() {
            Frames frames = new Frames(0);
            receive(ONE);
            receive(Arrays.copyOf(TWO.bytes(), 2));
            frames.cancel();
            receive(TWO);

            assertThat(frames.batches).isZero();
            assertThat(received)
                    .hasSize(3)
                    .allSatisfy(buffer -> assertThat(buffer.refCnt()).isZero());
            assertThat(reading()).isTrue();
        }

        @Test
        void fromWithinASignalDropsTheRest() {
            Frames frames = new Frames(5) {
                @Override
                protected void hookOnNext(FrameBatch batch) {
                    super.hookOnNext(batch);
                    cancel();
                }
            };
            receive(ONE);
            receive(TWO);

            assertThat(frames.batches).isEqualTo(1);
            assertThat(frames.ended).isNull();
        }
    }

    @Nested
    class Sending {

        @Test
        void batchIsWrittenAndFlushedAsItIs() {
            Frames frames = passingOn();
            receive(ONE, TWO);

            assertThat(sent()).isEqualTo(WireFrame.stream(ONE, TWO));
            assertThat(frames.batches).isEqualTo(1);
        }

        @Test
        void ownCloseIsMaskedTowardsAServerAndSentOnce() {
            leg.sendClose(new CloseStatus(1001, "drain"));
            leg.sendClose(new CloseStatus(1011, "late"));
            byte[] frame = sent();

            assertThat(frame).hasSize(2 + 4 + 2 + 5).startsWith(0x88, 0x80 | 7);
            assertThat(leg.sentClose()).isEqualTo(new CloseStatus(1001, "drain"));
            assertThat(leg.isOpen()).isFalse();
            assertThat(channel.isOpen()).isTrue();
        }

        @Test
        void ownCloseIsNotMaskedTowardsAClient() {
            Leg client = new Leg(Sender.CLIENT, FrameLimits.NONE, Granularity.FRAMES, false, LegMeter.NONE);
            EmbeddedChannel connection = new EmbeddedChannel(client);
            client.sendClose(new CloseStatus(1001, "drain"));
            ByteBuf frame = connection.readOutbound();

            assertThat(ByteBufUtil.getBytes(frame))
                    .isEqualTo(WireFrame.close(1001, "drain").bytes());
            frame.release();
            connection.finishAndReleaseAll();
        }

        @Test
        void batchBehindACloseIsDropped() {
            leg.sendClose(CloseStatus.EMPTY);
            sent();
            passingOn();
            receive(ONE);

            assertThat(sent()).isEmpty();
        }

        @Test
        void relayedCloseCountsAsSent() {
            passingOn();
            receive(WireFrame.close(1000, "bye"));

            assertThat(leg.sentClose()).isEqualTo(new CloseStatus(1000, "bye"));
            assertThat(leg.isOpen()).isFalse();
        }

        @Test
        void ownCloseNeverTearsAFrameThatIsHalfSent() {
            passingOn();
            byte[] half = Arrays.copyOf(WireFrame.of(WireFrame.BINARY, 50_000).bytes(), 40_000);
            receive(half);
            leg.sendClose(new CloseStatus(1001, "drain"));

            assertThat(sent()).isEqualTo(half);
            assertThat(channel.isOpen()).isFalse();
        }

        @Test
        void finishClosesBehindWhatWasWritten() {
            leg.sendClose(CloseStatus.EMPTY);
            leg.finish();

            assertThat(sent()).hasSize(6);
            assertThat(channel.isOpen()).isFalse();
            leg.finish();
            leg.closeNow();
        }

        /** Writes back what is received. */
        private Frames passingOn() {
            return new Frames(Long.MAX_VALUE) {
                @Override
                protected void hookOnNext(FrameBatch batch) {
                    batches++;
                    leg.write(batch, 0);
                }
            };
        }
    }

    private void receive(WireFrame... frames) {
        receive(WireFrame.stream(frames));
    }

    private void receive(byte[] bytes) {
        ByteBuf buffer = channel.alloc().buffer(bytes.length).writeBytes(bytes);
        received.add(buffer);
        channel.writeInbound(buffer);
    }

    private ByteBuf buffer(WireFrame frame) {
        byte[] bytes = frame.bytes();
        ByteBuf buffer = channel.alloc().buffer(bytes.length).writeBytes(bytes);
        received.add(buffer);
        return buffer;
    }

    private byte[] sent() {
        ByteBuf all = channel.alloc().buffer();
        for (ByteBuf bytes = channel.readOutbound(); bytes != null; bytes = channel.readOutbound()) {
            all.writeBytes(bytes);
            bytes.release();
        }
        byte[] sent = ByteBufUtil.getBytes(all);
        all.release();
        return sent;
    }

    private boolean reading() {
        return channel.config().isAutoRead();
    }

    private static void assertBatch(FrameBatch batch, WireFrame... frames) {
        assertThat(ByteBufUtil.getBytes(batch.bytes())).isEqualTo(WireFrame.stream(frames));
        batch.release();
    }

    /** Subscribes, and counts and releases what it gets. */
    private class Frames extends BaseSubscriber<FrameBatch> {

        int batches;
        String ended;

        Frames(long demand) {
            leg.receive().subscribe(this);
            if (demand > 0) {
                request(demand);
            }
        }

        @Override
        protected void hookOnSubscribe(Subscription subscription) {}

        @Override
        protected void hookOnNext(FrameBatch batch) {
            batches++;
            batch.release();
        }

        @Override
        protected void hookOnComplete() {
            ended = "complete";
        }

        @Override
        protected void hookOnError(Throwable failure) {
            ended = failure.getMessage();
        }
    }
}
