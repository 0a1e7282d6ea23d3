package io.tidegate.server;

import static io.tidegate.server.GatewayFixture.UNLIMITED;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.internal.PlatformDependent;
import io.tidegate.server.GatewayFixture.Ends;
import io.tidegate.server.GatewayFixture.Side;
import io.tidegate.testkit.Flood;
import io.tidegate.testkit.Frame;
import io.tidegate.testkit.Handshake;
import io.tidegate.testkit.Pattern;
import io.tidegate.testkit.Script;
import io.tidegate.testkit.ScriptedClient;
import io.tidegate.testkit.ScriptedUpstream;
import io.tidegate.testkit.UpstreamConnection;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A reader that can't keep up slows its sender down; it costs the gateway little memory and nothing is lost. */
@Timeout(180)
class BackpressureTest {

    private static final int SMALL_BUFFER = 64 * 1024;

    /** What the kernel keeps for the sender and for both of the gateway's sockets, and a few MiB for the gateway. */
    private static final long MOST_UNDER_WAY = kernelBuffer("tcp_rmem") + 2 * kernelBuffer("tcp_wmem") + (4L << 20);

    /** Of each session that is held back. */
    private static final long MOST_MEMORY = 2L << 20;

    /** A chunk of Netty's allocator for each of two event loops, which has room for sessions to come. */
    private static final long CHUNKS = 2 * (8L << 20);

    private static final long TOTAL = Math.max(96L << 20, 2 * MOST_UNDER_WAY);

    @RegisterExtension
    final GatewayFixture fixture = new GatewayFixture();

    static Stream<Arguments> floods() {
        return Stream.of(Side.values())
                .flatMap(side -> Stream.of(
                        Arguments.of(side, TOTAL, 1),
                        Arguments.of(side, 64L << 10, (int) (TOTAL >> 16)),
                        Arguments.of(side, 1000L, (int) (TOTAL / 1000))));
    }

    @ParameterizedTest
    @MethodSource("floods")
    void aSenderIsHeldBackWhileTheReaderPausesAndNothingIsLost(Side from, long length, int count) {
        Ends ends = session();
        ends.other(from).retainPayloadsUpTo(0);
        ends.other(from).pauseReading();
        long before = PlatformDependent.usedDirectMemory();
        Flood flood = ends.end(from).flood(new Pattern(length), length, count);
        assertThat(flood.awaitStall()).isLessThan(MOST_UNDER_WAY);
        assertThat(PlatformDependent.usedDirectMemory() - before).isLessThan(CHUNKS + MOST_MEMORY);
        ends.other(from).resumeReading();
        flood.awaitDone();
        assertThat(ends.other(from).awaitFrames(count)).isEqualTo(flood.frames());
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void aReaderThatStopsAndGoesLosesNothing(Side from) {
        Ends ends = session();
        ends.other(from).retainPayloadsUpTo(0);
        ends.other(from).permitReading(1);
        Flood flood = ends.end(from).flood(new Pattern(1), 100_000, 300);
        for (int i = 0; i < 100; i++) {
            ends.other(from).awaitBytes(ends.other(from).bytesReceived());
            ends.other(from).permitReading(100_000 + 1000 * i);
        }
        ends.other(from).resumeReading();
        flood.awaitDone();
        assertThat(ends.other(from).awaitFrames(300)).isEqualTo(flood.frames());
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void theOtherDirectionFlowsWhileOneIsHeldBack(Side from) {
        Ends ends = session();
        ends.other(from).retainPayloadsUpTo(1000);
        ends.other(from).pauseReading();
        Flood flood = ends.end(from).flood(new Pattern(1), 64 << 10, (int) (TOTAL >> 16));
        assertThat(flood.awaitStall()).isLessThan(flood.total());
        for (int i = 0; i < 100; i++) {
            Frame frame = Frame.binary(new Pattern(i).bytes(50_000));
            ends.other(from).send(Frame.text("number " + i), frame, Frame.ping("p"));
            assertThat(ends.end(from).awaitFrames(3))
                    .containsExactly(Frame.text("number " + i), frame, Frame.ping("p"));
        }
        ends.other(from).resumeReading();
        flood.awaitDone();
        assertThat(ends.other(from).awaitFrames((int) (TOTAL >> 16))).isEqualTo(flood.frames());
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void manySessionsHeldBackCostLittleMemoryEach(Side from) {
        int sessions = 6;
        ScriptedUpstream upstream = fixture.track(ScriptedUpstream.start(Script.ACCEPT, SMALL_BUFFER));
        fixture.start(UNLIMITED, upstream);
        // The first ones have the allocator take its chunks.
        holdBack(2, upstream, from);
        long before = PlatformDependent.usedDirectMemory();
        holdBack(sessions, upstream, from);
        assertThat(PlatformDependent.usedDirectMemory() - before).isLessThan(sessions * MOST_MEMORY);
    }

    @Test
    void aClientThatTalksBeforeItIsUpgradedIsHeldBackAndNothingIsLost() {
        CountDownLatch latch = new CountDownLatch(1);
        ScriptedUpstream upstream = fixture.upstream(Script.ACCEPT.after(latch));
        fixture.start(UNLIMITED, upstream);
        ScriptedClient client = fixture.open();
        client.sendBytes(client.bytesOf(Handshake.of("/")));
        UpstreamConnection connection = upstream.awaitConnection();
        connection.retainPayloadsUpTo(0);
        long before = PlatformDependent.usedDirectMemory();
        Flood flood = client.flood(new Pattern(1), 64 << 10, (int) (TOTAL >> 16));
        long underWay = flood.awaitStall();
        assertThat(PlatformDependent.usedDirectMemory() - before).isLessThan(CHUNKS + MOST_MEMORY);
        assertThat(client.ending())
                .as("stopped by backpressure, not by a timeout")
                .isNull();
        assertThat(underWay).isLessThan(MOST_UNDER_WAY);
        latch.countDown();
        client.awaitUpgrade();
        flood.awaitDone();
        assertThat(connection.awaitFrames((int) (TOTAL >> 16))).isEqualTo(flood.frames());
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void aSenderThatDiesWhileHeldBackIsNoticedOnceItsReaderGoesOn(Side from) {
        Ends ends = session();
        ends.other(from).pauseReading();
        ends.end(from).flood(new Pattern(1), 16 << 10, (int) (TOTAL >> 14)).awaitStall();
        ends.end(from).reset();
        ends.other(from).resumeReading();
        assertThat(ends.other(from).awaitClose().closeCode()).isEqualTo(from == Side.CLIENT ? 1001 : 1014);
        fixture.awaitNoSession(Duration.ofSeconds(30));
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void aReaderThatDiesWhileItHoldsItsSenderBackIsNoticed(Side from) {
        Ends ends = session();
        ends.other(from).pauseReading();
        ends.end(from).flood(new Pattern(1), 64 << 10, (int) (TOTAL >> 16)).awaitStall();
        ends.other(from).reset();
        assertThat(ends.end(from).awaitClose().closeCode()).isEqualTo(from == Side.CLIENT ? 1014 : 1001);
        ends.end(from).awaitEnd();
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void aReaderThatClosesWhileItHoldsItsSenderBackIsHeard(Side from) {
        Ends ends = session();
        ends.other(from).pauseReading();
        ends.end(from).flood(new Pattern(1), 64 << 10, (int) (TOTAL >> 16)).awaitStall();
        ends.other(from).sendClose(4000, "too much");
        assertThat(ends.end(from).awaitClose()).isEqualTo(Frame.close(4000, "too much"));
    }

    private Ends session() {
        ScriptedUpstream upstream = fixture.track(ScriptedUpstream.start(Script.ACCEPT, SMALL_BUFFER));
        fixture.start(UNLIMITED, upstream);
        return session(upstream);
    }

    private Ends session(ScriptedUpstream upstream) {
        ScriptedClient client = fixture.track(ScriptedClient.open(fixture.address(), SMALL_BUFFER));
        client.handshake(Handshake.of("/"));
        return new Ends(client, upstream.awaitConnection());
    }

    /** The most that the kernel gives one socket for receiving ({@code tcp_rmem}) or sending ({@code tcp_wmem}). */
    private static long kernelBuffer(String name) {
        Path limits = Path.of("/proc/sys/net/ipv4", name);
        if (!Files.isReadable(limits)) {
            return 8L << 20;
        }
        try (BufferedReader reader =
                Files.newBufferedReader(limits)) { // the kernel hands it out in one read or not at all
            return Long.parseLong(reader.readLine().split("\\s+", 3)[2]);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void holdBack(int sessions, ScriptedUpstream upstream, Side from) {
        List<Flood> floods = new ArrayList<>();
        for (int i = 0; i < sessions; i++) {
            Ends ends = session(upstream);
            ends.other(from).pauseReading();
            floods.add(ends.end(from).flood(new Pattern(i), 64 << 10, (int) (TOTAL >> 16)));
        }
        for (Flood flood : floods) {
            assertThat(flood.awaitStall()).isLessThan(MOST_UNDER_WAY);
        }
    }
}
