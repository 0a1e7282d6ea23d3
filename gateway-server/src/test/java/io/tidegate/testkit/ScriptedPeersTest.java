package io.tidegate.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidegate.testkit.Ending.How;
import io.tidegate.testkit.FrameCodec.LengthEncoding;
import io.tidegate.testkit.ScriptedClient.Response;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The client against the upstream, without a gateway. */
@Timeout(60)
class ScriptedPeersTest {
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable each : open) {
            each.close();
        }
    }

    @Test
    void echoes() {
        ScriptedClient client = connect(upstream(Script.ECHO));
        client.send(Frame.text("hello"), Frame.ping("p"), Frame.binary((byte) 1, (byte) 2));
        assertThat(client.awaitFrames(3))
                .containsExactly(Frame.text("hello"), Frame.pong("p"), Frame.binary((byte) 1, (byte) 2));
        client.sendClose(4000, "enough");
        assertThat(client.awaitClose()).isEqualTo(Frame.close(4000, "enough"));
        assertThat(client.awaitEnd().how()).isEqualTo(How.FIN);
    }

    @Test
    void recordsTheRequestByteForByte() {
        ScriptedUpstream upstream = upstream(Script.ACCEPT);
        Handshake handshake =
                Handshake.of("/a%20b?x=1&y=%2F").add("X-Twice: one").add("x-twice:   two");
        ScriptedClient client = open(upstream).handshake(handshake);
        HttpHead request = upstream.awaitConnection().request();
        assertThat(request.raw()).isEqualTo(client.bytesOf(handshake));
        assertThat(request.startLine()).isEqualTo("GET /a%20b?x=1&y=%2F HTTP/1.1");
        assertThat(request.headers("X-Twice")).containsExactly("one", "two");
    }

    @Test
    void recordsHeadersOfFramesByteForByte() {
        ScriptedUpstream upstream = upstream(Script.ACCEPT);
        ScriptedClient client = connect(upstream);
        byte[] sent = FrameCodec.encode(Frame.text("a").withRsv(2).maskedWith(0x0A0B0C0D), LengthEncoding.BITS_64);
        client.sendByteByByte(sent);
        client.sendExactly(Frame.text("b"));
        List<Frame> received = upstream.awaitConnection().awaitFrames(2);
        assertThat(received.get(0).header()).isEqualTo(java.util.Arrays.copyOf(sent, sent.length - 1));
        assertThat(received.get(0).maskKey()).isEqualTo(0x0A0B0C0D);
        assertThat(received.get(0).text()).isEqualTo("a");
        assertThat(received.get(1).masked()).isFalse();
    }

    @Test
    void masksWhatClientsSendWithEverNewKeysAndNothingElse() {
        ScriptedUpstream upstream = upstream(Script.ECHO);
        ScriptedClient client = connect(upstream);
        client.sendFragmented("one", "two", "three");
        List<Frame> sent = upstream.awaitConnection().awaitFrames(3);
        assertThat(sent).allMatch(Frame::masked).extracting(Frame::maskKey).doesNotHaveDuplicates();
        assertThat(sent).extracting(Frame::opcode).containsExactly(Frame.TEXT, Frame.CONTINUATION, Frame.CONTINUATION);
        assertThat(sent).extracting(Frame::fin).containsExactly(false, false, true);
        assertThat(client.awaitFrames(3)).noneMatch(Frame::masked);
    }

    @Test
    void sendsFramesInTheSameWriteAsTheHandshakeOnBothSides() {
        ScriptedUpstream upstream = upstream(c -> c.accept(
                a -> a.subprotocol("v2").extensions("x-y").add("X-Z: 1").followedBy(Frame.text("hi"))));
        ScriptedClient client = open(upstream).handshakeWith(Handshake.of("/"), Frame.text("there"));
        Response response = client.awaitUpgrade();
        assertThat(response.header("Sec-WebSocket-Protocol")).isEqualTo("v2");
        assertThat(response.header("Sec-WebSocket-Extensions")).isEqualTo("x-y");
        assertThat(response.header("X-Z")).isEqualTo("1");
        assertThat(client.awaitFrame()).isEqualTo(Frame.text("hi"));
        assertThat(upstream.awaitConnection().awaitFrame()).isEqualTo(Frame.text("there"));
    }

    @Test
    void acceptsAHandshakeCutAnywhere() {
        ScriptedUpstream upstream = upstream(Script.ECHO);
        ScriptedClient client = open(upstream);
        client.sendByteByByte(FrameCodec.concat(
                client.bytesOf(Handshake.of("/")),
                FrameCodec.encode(Frame.text("x").maskedWith(9))));
        client.awaitUpgrade();
        assertThat(client.awaitFrame()).isEqualTo(Frame.text("x"));
    }

    @Test
    void echoesWhatHadArrivedBeforeItWasTold() {
        ScriptedUpstream upstream = upstream(Script.ACCEPT);
        ScriptedClient client = connect(upstream);
        client.send(Frame.text("early"));
        UpstreamConnection connection = upstream.awaitConnection();
        connection.awaitFrame();
        connection.echo();
        client.send(Frame.text("late"));
        assertThat(client.awaitFrames(2)).containsExactly(Frame.text("early"), Frame.text("late"));
    }

    @Test
    void refuses() {
        ScriptedUpstream upstream = upstream(
                Script.refuse(401, "no entry", "WWW-Authenticate: Basic", "Set-Cookie: a=1", "Set-Cookie: b=2"));
        Response response = request(upstream).awaitResponse();
        assertThat(response.status()).isEqualTo(401);
        assertThat(response.text()).isEqualTo("no entry");
        assertThat(response.complete()).isTrue();
        assertThat(response.head().headers("Set-Cookie")).containsExactly("a=1", "b=2");
    }

    @Test
    void readsBodiesHoweverTheyAreDelimited() {
        ScriptedUpstream upstream = upstream(Script.reply(
                "HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n"));
        assertThat(request(upstream).awaitResponse().text()).isEqualTo("abcde");
        upstream.script(c -> {
            c.request();
            c.sendBytes("HTTP/1.0 500\r\n\r\nuntil the end".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            c.close();
        });
        assertThat(request(upstream).awaitResponse().text()).isEqualTo("until the end");
        upstream.script(c -> {
            c.refuse(500, "half", "Content-Length: 100");
            c.close();
        });
        assertThat(request(upstream).awaitResponse().complete()).isFalse();
    }

    @Test
    void redirects() {
        assertThat(request(upstream(Script.redirect("ws://elsewhere/")))
                        .awaitResponse()
                        .header("Location"))
                .isEqualTo("ws://elsewhere/");
    }

    @Test
    void provesNothingWithAWrongOrMissingAccept() {
        ScriptedUpstream upstream =
                upstream(c -> c.accept(a -> a.with("Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=")));
        assertThatThrownBy(() -> connect(upstream))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("not a valid answer");
        upstream.script(c -> c.accept(a -> a.without("Sec-WebSocket-Accept")));
        assertThatThrownBy(() -> connect(upstream))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("not a valid answer");
    }

    @Test
    void answersGarbageOrHalfAResponse() {
        ScriptedUpstream upstream = upstream(Script.GARBAGE);
        ScriptedClient client = open(upstream);
        client.sendBytes(client.bytesOf(Handshake.of("/")));
        assertThat(client.awaitEnd().how()).isEqualTo(How.UNREADABLE);
        upstream.script(Script.CUT_OFF);
        assertThat(failedHandshake(upstream))
                .isEqualTo(new Ending(
                        How.FIN, null, true, failedHandshake(upstream).detail()));
        upstream.script(Script.CUT_OFF_HARD);
        assertThat(failedHandshake(upstream).how()).isEqualTo(How.RESET);
        upstream.script(Script.HANG_UP);
        assertThat(failedHandshake(upstream)).isEqualTo(new Ending(How.FIN, null, false, ""));
        upstream.script(Script.HANG_UP_HARD);
        assertThat(failedHandshake(upstream).how()).isEqualTo(How.RESET);
    }

    @Test
    void answersLateOrNever() {
        CountDownLatch latch = new CountDownLatch(1);
        ScriptedUpstream upstream = upstream(Script.ACCEPT.after(latch));
        ScriptedClient client = open(upstream);
        client.sendBytes(client.bytesOf(Handshake.of("/")));
        upstream.awaitConnection().request();
        assertThat(client.bytesReceived()).isZero();
        latch.countDown();
        client.awaitUpgrade();
        upstream.script(Script.ACCEPT.after(Duration.ofMillis(1)));
        connect(upstream);
    }

    @Test
    void tellsHowAPeerDied() {
        ScriptedUpstream upstream = upstream(Script.ACCEPT);
        ScriptedClient client = connect(upstream);
        upstream.awaitConnection().reset();
        assertThat(client.awaitEnd()).extracting(Ending::how, Ending::close).containsExactly(How.RESET, null);

        client = connect(upstream);
        upstream.awaitConnection().close();
        assertThat(client.awaitEnd().how()).isEqualTo(How.FIN);

        client = connect(upstream);
        UpstreamConnection connection = upstream.awaitConnection();
        connection.sendClose(1000, "");
        connection.sendBytes(new byte[] {(byte) 0x82, 5, 1});
        connection.shutdownOutput();
        Ending ending = client.awaitEnd();
        assertThat(ending.insideFrame()).isTrue();
        assertThat(ending.close()).isEqualTo(Frame.close(1000, ""));
        client.send(Frame.text("the other half lives"));
        assertThat(connection.awaitFrame()).isEqualTo(Frame.text("the other half lives"));
        client.reset();
        assertThat(connection.awaitEnd().how()).isEqualTo(How.RESET);
    }

    @Test
    void holdsASenderBackByNotReadingAndLosesNothing() {
        ScriptedUpstream upstream = track(ScriptedUpstream.start(Script.ACCEPT, 64 * 1024));
        ScriptedClient client = connect(upstream);
        UpstreamConnection connection = upstream.awaitConnection();
        connection.retainPayloadsUpTo(0);
        connection.pauseReading();
        Flood flood = client.flood(new Pattern(1), 100_000, 400);
        assertThat(flood.awaitStall()).isLessThan(flood.total());
        assertThat(flood.isDone()).isFalse();
        connection.permitReading(1_000_000);
        connection.readSlowly(500_000_000);
        flood.awaitDone();
        assertThat(connection.awaitFrames(400)).isEqualTo(flood.frames());
        assertThat(flood.written()).isEqualTo(flood.total());
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 16 * 1024, 16 * 1024 + 1, 20_000_000})
    void streamsOneFrameOfAnyLength(long length) {
        ScriptedUpstream upstream = upstream(Script.ACCEPT);
        ScriptedClient client = connect(upstream);
        client.retainPayloadsUpTo(1000);
        Flood flood = upstream.awaitConnection().flood(new Pattern(2), length, 2);
        assertThat(client.awaitFrames(2)).isEqualTo(flood.frames());
        flood.awaitDone();
        assertThat(flood.written()).isEqualTo(flood.total());
    }

    @Test
    void diesAndComesBackOnItsPort() {
        ScriptedUpstream upstream = upstream(Script.ECHO);
        ScriptedClient first = connect(upstream);
        upstream.kill();
        assertThat(first.awaitEnd().how()).isEqualTo(How.RESET);
        assertThatThrownBy(() -> open(upstream)).isInstanceOf(UncheckedIOException.class);
        int port = upstream.port();
        upstream.restart();
        assertThat(upstream.port()).isEqualTo(port);
        ScriptedClient second = connect(upstream);
        second.send(Frame.text("back"));
        assertThat(second.awaitFrame()).isEqualTo(Frame.text("back"));
        upstream.stop();
        assertThat(second.awaitEnd().how()).isEqualTo(How.FIN);
    }

    @Test
    void givesEachConnectionTheScriptThatIsNext() {
        ScriptedUpstream upstream = upstream(Script.ECHO);
        upstream.next(Script.refuse(503, "later"));
        upstream.next(Script.refuse(502, "still not"));
        assertThat(request(upstream).awaitResponse().status()).isEqualTo(503);
        assertThat(request(upstream).awaitResponse().status()).isEqualTo(502);
        assertThat(request(upstream).awaitResponse().status()).isEqualTo(101);
    }

    @Test
    void failsWithWhatHadArrived() {
        ScriptedUpstream upstream = upstream(Script.ACCEPT);
        ScriptedClient client = connect(upstream);
        upstream.awaitConnection().send(Frame.text("only this"));
        client.awaitFrame();
        assertThatThrownBy(() -> client.awaitFrame(Duration.ofMillis(50)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("1 frames received: [Text 9 bytes \"only this\"], still open");
        upstream.resetConnections();
        assertThatThrownBy(client::awaitClose)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("ended: RESET without a Close");
    }

    @Test
    void reportsAScriptThatFailed() {
        ScriptedUpstream upstream = ScriptedUpstream.start(c -> {
            c.request();
            c.accept();
            throw new IllegalStateException("a mistake");
        });
        connect(upstream);
        assertThatThrownBy(upstream::close).hasMessageContaining("a mistake");
    }

    @Test
    void keepsDialsWaitingInABlackhole() {
        try (Blackhole blackhole = new Blackhole()) {
            assertThatThrownBy(() -> {
                        try (java.net.Socket socket = new java.net.Socket()) {
                            socket.connect(blackhole.address(), 200);
                        }
                    })
                    .isInstanceOf(java.net.SocketTimeoutException.class);
        }
    }

    private static Ending failedHandshake(ScriptedUpstream upstream) {
        try (ScriptedClient client = ScriptedClient.open(upstream.address())) {
            client.sendBytes(client.bytesOf(Handshake.of("/")));
            return client.awaitEnd();
        }
    }

    private ScriptedUpstream upstream(Script script) {
        return track(ScriptedUpstream.start(script));
    }

    private ScriptedClient connect(ScriptedUpstream upstream) {
        return track(ScriptedClient.connect(upstream.address(), "/"));
    }

    private ScriptedClient request(ScriptedUpstream upstream) {
        return track(ScriptedClient.request(upstream.address(), "/"));
    }

    private ScriptedClient open(ScriptedUpstream upstream) {
        return track(ScriptedClient.open(upstream.address()));
    }

    private <T extends AutoCloseable> T track(T resource) {
        open.add(0, resource);
        return resource;
    }
}
