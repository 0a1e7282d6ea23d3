package io.tidegate.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.queue.Departure;
import io.tidegate.server.GatewayFixture.Ends;
import io.tidegate.server.session.SessionState;
import io.tidegate.testkit.Frame;
import io.tidegate.testkit.FrameCodec;
import io.tidegate.testkit.Handshake;
import io.tidegate.testkit.Script;
import io.tidegate.testkit.ScriptedClient;
import io.tidegate.testkit.ScriptedUpstream;
import io.tidegate.testkit.UpstreamConnection;
import java.io.ByteArrayOutputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Exactly one reply to each request reaches the client, over however many legs. */
@Timeout(60)
class RequestReplayTest {

    private static final String RECONNECT = "continuity: reconnect\n";
    private static final String REPLAY_ALL = RECONNECT + "requests: {protocol: json-rpc}\n";
    private static final String REPLAY_NONE = RECONNECT + "requests: {protocol: json-rpc, replay: none}\n";
    private static final Frame MARKER = Frame.text("{\"jsonrpc\":\"2.0\",\"method\":\"marker\"}");

    @RegisterExtension
    final GatewayFixture fixture = new GatewayFixture();

    private final ScriptedUpstream upstream = ScriptedUpstream.start(Script.ACCEPT);

    @Test
    void requestsWithoutAReplyGoToTheNextLegAndTheirSecondReplyIsDropped() {
        Ends ends = session(REPLAY_ALL);
        ends.client().send(request(1), request(2), request(3));
        ends.upstream().awaitFrames(3);
        ends.upstream().send(reply(2));
        assertThat(ends.client().awaitFrame()).isEqualTo(reply(2));
        fixture.awaitAccounting(now -> now.delivered() == 1 && now.unconfirmed() == 2);
        UpstreamConnection next = fixture.replace(ends.upstream(), upstream);
        assertThat(next.awaitFrames(2)).containsExactly(request(1), request(3));
        next.send(reply(3), reply(3), reply(2), reply(1), reply(1), MARKER);
        assertThat(ends.client().awaitFrames(3)).containsExactly(reply(3), reply(1), MARKER);
        fixture.awaitAccounting(now -> now.delivered() == 3);
    }

    @Test
    void aRequestThatMayNotBeReplayedIsReportedAtOnce() {
        Ends ends = session(REPLAY_NONE);
        ends.client().send(request(1));
        ends.upstream().awaitFrame();
        upstream.kill();
        Frame error = ends.client().awaitFrame();
        assertThat(error.text()).contains("\"id\":1", "\"error\"");
        ends.client().send(request(2));
        fixture.awaitAccounting(now -> now.queued() == 1 && now.dropped(Departure.NOT_REPLAYED) == 1);
        upstream.restart();
        UpstreamConnection next = fixture.nextLeg(upstream);
        assertThat(next.awaitFrame()).as("that one was never written to a leg").isEqualTo(request(2));
        next.send(reply(1), reply(2));
        assertThat(ends.client().awaitFrame()).isEqualTo(reply(2));
    }

    @Test
    void whichMayBeReplayedCanBeSaidByTheirMethods() {
        Ends ends = session(RECONNECT + "requests: {protocol: json-rpc, replay: [get]}");
        Frame pay = Frame.text("{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"pay\"}");
        ends.client().send(pay, request(1));
        ends.upstream().awaitFrames(2);
        UpstreamConnection next = fixture.replace(ends.upstream(), upstream);
        assertThat(next.awaitFrame()).isEqualTo(request(1));
        assertThat(ends.client().awaitFrame().text()).contains("\"id\":\"a\"", "\"error\"");
        next.send(reply(1));
        assertThat(ends.client().awaitFrame()).isEqualTo(reply(1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"close", "reconnect"})
    void aRequestWhoseTimeIsOverIsReportedAndItsReplyComesTooLate(String continuity) {
        Ends ends = session("continuity: " + continuity + "\nrequests: {protocol: json-rpc, timeout: 100ms}");
        ends.client().send(request(1));
        ends.upstream().awaitFrame();
        assertThat(ends.client().awaitFrame().text()).contains("\"id\":1", "\"error\"");
        fixture.awaitAccounting(now -> now.dropped(Departure.UNANSWERED) == 1);
        ends.upstream().send(reply(1), MARKER);
        assertThat(ends.client().awaitFrame()).isEqualTo(MARKER);
    }

    @Test
    void aRequestThatTimesOutWhileItWaitsIsNotSent() {
        Ends ends = session(RECONNECT + "requests: {protocol: json-rpc, timeout: 100ms}");
        upstream.kill();
        fixture.awaitState(SessionState.RECONNECTING, 1);
        ends.client().send(request(1), MARKER);
        assertThat(ends.client().awaitFrame().text()).contains("\"id\":1", "\"error\"");
        upstream.restart();
        assertThat(fixture.nextLeg(upstream).awaitFrame()).isEqualTo(MARKER);
        fixture.awaitAccounting(now -> now.dropped(Departure.UNANSWERED) == 1 && now.delivered() == 1);
    }

    @Test
    void aRequestThatWasSentOutlivesTheDeadlineForWaiting() {
        Ends ends = session(REPLAY_ALL + "queue: {ttl: 100ms}\n");
        ends.client().send(request(1));
        ends.upstream().awaitFrame();
        upstream.kill();
        fixture.awaitState(SessionState.RECONNECTING, 1);
        // Both wait for longer than they may; the first one was sent.
        ends.client().send(request(2));
        assertThat(ends.client().awaitFrame().text()).contains("\"id\":2", "\"error\"");
        fixture.awaitAccounting(now -> now.queued() == 1 && now.expired() == 1);
    }

    @Test
    void aRequestThatExpiresOrFindsNoRoomIsReported() {
        Ends ends = session(REPLAY_ALL + "queue: {ttl: 100ms, maxMessages: 1, overflow: drop-newest}");
        upstream.kill();
        fixture.awaitState(SessionState.RECONNECTING, 1);
        ends.client().send(request(1), request(2));
        assertThat(ends.client().awaitFrame().text()).contains("\"id\":2", "\"error\"");
        assertThat(ends.client().awaitFrame().text()).contains("\"id\":1", "\"error\"");
        fixture.awaitAccounting(now -> now.expired() == 1 && now.dropped(Departure.OVERFLOW) == 1);
    }

    @Test
    void batchesAreReplayedAsAWhole() {
        Ends ends = session(REPLAY_ALL);
        Frame batch = Frame.text("[" + request(1).text() + "," + request(2).text() + "]");
        Frame replies = Frame.text("[" + reply(2).text() + "," + reply(1).text() + "]");
        ends.client().send(batch);
        ends.upstream().awaitFrame();
        UpstreamConnection next = fixture.replace(ends.upstream(), upstream);
        assertThat(next.awaitFrame()).isEqualTo(batch);
        next.send(replies, replies, MARKER);
        assertThat(ends.client().awaitFrames(2)).containsExactly(replies, MARKER);
        fixture.awaitAccounting(now -> now.delivered() == 1);
    }

    @Test
    void aBatchOfRepliesMakesRoomForMoreRequestsThanOne() {
        Ends ends = session(REPLAY_ALL + "queue: {maxMessages: 2}");
        for (int i = 1; i <= 6; i++) {
            ends.client().send(request(i));
        }
        ends.upstream().awaitFrames(2);
        fixture.awaitAccounting(now -> now.unconfirmed() == 2);
        Frame replies = Frame.text("[" + reply(1).text() + "," + reply(2).text() + "]");
        ends.upstream().send(replies);
        assertThat(ends.client().awaitFrame()).isEqualTo(replies);
        assertThat(ends.upstream().awaitFrames(2)).containsExactly(request(3), request(4));
        ends.upstream().send(Frame.text("[" + reply(4).text() + "," + reply(3).text() + "]"));
        assertThat(ends.upstream().awaitFrames(2)).containsExactly(request(5), request(6));
        ends.upstream().send(reply(5), reply(6));
        fixture.awaitAccounting(now -> now.delivered() == 6);
        assertThat(ends.client().awaitFrames(3)).hasSize(3);
    }

    @Test
    void notificationsHaveWhatTheRoutePromises() {
        Ends ends = session(REPLAY_ALL);
        Frame notification = Frame.text("{\"jsonrpc\":\"2.0\",\"method\":\"log\"}");
        ends.client().send(notification, request(1));
        ends.upstream().awaitFrames(2);
        UpstreamConnection next = fixture.replace(ends.upstream(), upstream);
        assertThat(next.awaitFrame()).as("what was written may be lost").isEqualTo(request(1));
    }

    @Test
    void confirmedNotificationsAreReplayedInTheirPlace() {
        Ends ends = session(REPLAY_ALL + "confirm: ping");
        Frame notification = Frame.text("{\"jsonrpc\":\"2.0\",\"method\":\"log\"}");
        ends.client().send(request(1), notification, request(2));
        ends.upstream().awaitFrames(3);
        UpstreamConnection next = fixture.replace(ends.upstream(), upstream);
        assertThat(next.awaitFrames(3)).containsExactly(request(1), notification, request(2));
    }

    @Test
    void aRequestOfTheUpstreamIsNoReply() {
        Ends ends = session(REPLAY_ALL);
        ends.client().send(request(1));
        ends.upstream().awaitFrame();
        ends.upstream().send(request(1), reply(1), request(1));
        assertThat(ends.client().awaitFrames(3)).containsExactly(request(1), reply(1), request(1));
        ends.client().send(reply(1));
        assertThat(ends.upstream().awaitFrame()).isEqualTo(reply(1));
        fixture.awaitAccounting(now -> now.delivered() == 2);
    }

    @Test
    void aRequestThatIsPendingIsNotSentTwice() {
        Ends ends = session(REPLAY_ALL);
        ends.client().send(request(1), request(1), MARKER);
        assertThat(ends.upstream().awaitFrames(2)).containsExactly(request(1), MARKER);
        ends.upstream().send(reply(1));
        assertThat(ends.client().awaitFrame()).isEqualTo(reply(1));
        fixture.awaitAccounting(now -> now.duplicate() == 1);
    }

    @Test
    void oneThatTimedOutWhileItWaitedTakesNoRoom() {
        Ends ends = session(
                RECONNECT + "requests: {protocol: json-rpc, timeout: 200ms}\nqueue: {maxMessages: 2, ttl: 0s}\n");
        upstream.kill();
        fixture.awaitState(SessionState.RECONNECTING, 1);
        ends.client().send(request(1), request(2), request(3));
        List<Frame> errors = ends.client().awaitFrames(3);
        assertThat(errors).allMatch(error -> error.text().contains("request timed out"));
        fixture.awaitAccounting(now -> now.dropped(Departure.UNANSWERED) == 3 && now.queued() == 0);
    }

    @Test
    void aClientThatReadsNoErrorsIsNotReadFrom() {
        Ends ends = session(REPLAY_ALL + "queue: {maxMessages: 1, overflow: drop-newest}\n");
        upstream.kill();
        fixture.awaitState(SessionState.RECONNECTING, 1);
        ends.client().pauseReading();
        int each = 1000;
        byte[] some = IntStream.range(0, each)
                .mapToObj(i -> FrameCodec.encode(request(i).maskedWith(i)))
                .collect(ByteArrayOutputStream::new, ByteArrayOutputStream::writeBytes, (a, b) -> {})
                .toByteArray();
        AtomicInteger sent = new AtomicInteger();
        Thread writer = new Thread(() -> {
            try {
                for (int i = 0; i < 2000; i++) {
                    ends.client().sendBytes(some);
                    sent.incrementAndGet();
                }
            } catch (UncheckedIOException e) {
                // Reset, at the end.
            }
        });
        writer.setDaemon(true);
        writer.start();
        // Held back for as long as two looks at it, a second apart: the kernel's buffers are full.
        int before = -1;
        while (sent.get() != before && sent.get() < 2000) {
            before = sent.get();
            pause();
        }
        assertThat(sent.get()).isLessThan(2000);
        ends.client().reset();
    }

    private static void pause() {
        try {
            Thread.sleep(1000);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aReplyThatInflatesToMoreThanTheLimitIsOneTooBig() {
        upstream.script(leg -> leg.accept(answer ->
                answer.extensions("permessage-deflate; client_no_context_takeover; server_no_context_takeover")));
        fixture.track(upstream);
        fixture.startRoute(REPLAY_ALL + "limits: {message: 64KiB}\n", upstream);
        ScriptedClient client = fixture.connect(Handshake.of("/").with("Sec-WebSocket-Extensions: permessage-deflate"));
        UpstreamConnection leg = upstream.awaitConnection();
        client.send(request(1));
        leg.awaitFrame();
        leg.send(MARKER, deflated("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":\"" + "a".repeat(100_000) + "\"}"));
        assertThat(client.awaitFrame()).isEqualTo(MARKER);
        assertThat(client.awaitClose().closeCode()).isEqualTo(1009);
        assertThat(leg.awaitClose().closeCode()).isEqualTo(1009);
        client.sendClose(1009, "");
    }

    private static Frame deflated(String text) {
        Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
        deflater.setInput(text.getBytes(UTF_8));
        byte[] out = new byte[10_000];
        int length = deflater.deflate(out, 0, out.length, Deflater.SYNC_FLUSH);
        deflater.end();
        // Without the last four bytes (RFC 7692, section 7.2.1).
        return Frame.of(Frame.TEXT, Arrays.copyOf(out, length - 4)).withRsv(4);
    }

    @Test
    void aSubscriptionThatTimesOutIsCompletedUpstreamSoThatItsIdIsFree() {
        Ends ends = session(RECONNECT + "requests: {protocol: graphql-transport-ws, timeout: 200ms}\n");
        Frame subscribe = Frame.text("{\"id\":\"1\",\"type\":\"subscribe\"}");
        ends.client().send(subscribe);
        assertThat(ends.upstream().awaitFrame()).isEqualTo(subscribe);
        assertThat(ends.client().awaitFrame().text()).contains("\"type\":\"error\"", "request timed out");
        ends.client().send(subscribe);
        assertThat(ends.upstream().awaitFrames(2))
                .extracting(Frame::text)
                .containsExactly("{\"id\":\"1\",\"type\":\"complete\"}", subscribe.text());
    }

    @Test
    void aSessionThatEndsForGoodLeavesNoRequestBehind() {
        Ends ends = session(REPLAY_ALL);
        ends.client().send(request(1), request(2));
        ends.upstream().awaitFrames(2);
        ends.upstream().sendClose(1000, "done");
        assertThat(ends.client().awaitClose().closeCode()).isEqualTo(1000);
        ends.client().sendClose(1000, "");
        ends.upstream().awaitClose();
        ends.upstream().shutdownOutput();
        ends.client().awaitEnd();
        fixture.awaitAccounting(now -> now.allDropped() == 2);
    }

    // peers

    private Ends session(String route) {
        fixture.track(upstream);
        fixture.startRoute(route, upstream);
        return fixture.session(upstream);
    }

    private static Frame request(int id) {
        return Frame.text("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"get\"}");
    }

    private static Frame reply(int id) {
        return Frame.text("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":" + id + "}");
    }
}
