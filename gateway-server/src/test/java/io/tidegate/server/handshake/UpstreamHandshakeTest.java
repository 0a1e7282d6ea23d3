package io.tidegate.server.handshake;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaders;
import io.tidegate.server.failure.Failure;
import io.tidegate.server.failure.GatewayException;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

class UpstreamHandshakeTest {

    private static final int TIMEOUT_MILLIS = 2000;

    private final HttpHeaders passed = new DefaultHttpHeaders().add("Host", "h").add("Cookie", "a=b");

    private EmbeddedChannel channel = new EmbeddedChannel();
    private String sent = "";
    private OpeningAnswer answer;
    private Throwable failure;

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    @Nested
    class Asking {

        @Test
        void requestIsAnUpgradeWithWhatPassesFromTheClient() {
            start(List.of("chat", "v2"), "permessage-deflate; client_max_window_bits");

            assertThat(sent)
                    .startsWith("GET /chat?x=%20 HTTP/1.1\r\n")
                    .endsWith("\r\n\r\n")
                    .containsIgnoringCase("\r\nHost: h\r\n")
                    .containsIgnoringCase("\r\nCookie: a=b\r\n")
                    .containsIgnoringCase("\r\nUpgrade: websocket\r\n")
                    .containsIgnoringCase("\r\nConnection: Upgrade\r\n")
                    .containsIgnoringCase("\r\nSec-WebSocket-Version: 13\r\n")
                    .containsIgnoringCase("\r\nSec-WebSocket-Protocol: chat, v2\r\n")
                    .containsIgnoringCase(
                            "\r\nSec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n");
            assertThat(Base64.getDecoder().decode(key())).hasSize(16);
        }

        @Test
        void nothingIsOfferedThatTheClientDidNotOffer() {
            start();

            assertThat(sent).doesNotContainIgnoringCase("Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions");
        }

        @Test
        void eachKeyIsFresh() {
            Set<String> keys = new HashSet<>();
            for (int i = 0; i < 20; i++) {
                start();
                keys.add(key());
                close();
            }

            assertThat(keys).hasSize(20);
        }

        @Test
        void clientsHeadersStayAsTheyWere() {
            start(List.of("chat"), null);

            assertThat(passed.names()).containsExactlyInAnyOrder("Host", "Cookie");
        }
    }

    @Nested
    class Switching {

        @Test
        void rightAnswerOpensTheLeg() {
            start(List.of("chat", "v2"), "permessage-deflate");
            receive(
                    switching(
                            "Sec-WebSocket-Protocol: v2\r\nSec-WebSocket-Extensions: permessage-deflate; x=1\r\nSet-Cookie: s=t\r\n"));

            assertThat(failure).isNull();
            assertThat(answer.subprotocol()).isEqualTo("v2");
            assertThat(answer.extensions()).isEqualTo("permessage-deflate; x=1");
            assertThat(answer.headers().entries()).singleElement().hasToString("Set-Cookie=s=t");
            assertThat(channel.isOpen()).isTrue();
        }

        @Test
        void nothingChosenIsNothing() {
            start(List.of("chat"), "permessage-deflate");
            receive(switching(""));

            assertThat(answer.subprotocol()).isNull();
            assertThat(answer.extensions()).isNull();
        }

        @Test
        void answerMayBeCutAnywhereAndWhatFollowsIsNotLost() {
            start();
            int length = (switching("") + "\u0081\u0002hi\u0089\u0000").length();
            for (int cut = 1; cut <= length; cut++) {
                close();
                start();
                String stream = switching("") + "\u0081\u0002hi\u0089\u0000";
                receive(stream.substring(0, cut));
                receive(stream.substring(cut));

                assertThat(failure).as("cut at %d", cut).isNull();
                assertThat(answer).as("cut at %d", cut).isNotNull();
                assertThat(behind()).as("cut at %d", cut).isEqualTo("\u0081\u0002hi\u0089\u0000");
            }
        }

        @Test
        void whatFollowsIsNotTakenForHttp() {
            start();
            receive(switching("") + "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            receive("more");

            assertThat(behind()).isEqualTo("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nmore");
        }

        @Test
        void contentLengthOfA101IsIgnored() {
            start();
            receive(switching("Content-Length: 5\r\n") + "hello");

            assertThat(answer).isNotNull();
            assertThat(behind()).isEqualTo("hello");
        }

        @Test
        void headersMayBeInAnyCaseAndAmongOthers() {
            start();
            receive("HTTP/1.1 101 Whatever\r\nUPGRADE: WebSocket\r\nconnection: keep-alive, upgrade\r\n"
                    + "sec-websocket-accept: " + accept() + "\r\n\r\n");

            assertThat(answer).isNotNull();
        }

        @Test
        void interimAnswersBeforeItAreSkipped() {
            start();
            receive("HTTP/1.1 100 Continue\r\n\r\n");
            receive("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n");
            assertThat(answer).isNull();
            assertThat(failure).isNull();

            receive(switching("") + "!");
            assertThat(answer).isNotNull();
            assertThat(answer.headers()).isEmpty();
            assertThat(behind()).isEqualTo("!");
        }

        @Test
        void timerIsOffAfterTheAnswer() {
            start();
            receive(switching(""));
            advance(10 * TIMEOUT_MILLIS);

            assertThat(failure).isNull();
            assertThat(channel.isOpen()).isTrue();
        }
    }

    @Nested
    class WrongSwitching {

        @Test
        void acceptOfAnotherKeyFails() {
            start();
            receive("HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");

            assertFailed("its Sec-WebSocket-Accept does not belong to the key");
        }

        @Test
        void missingAcceptFailsAtOnce() {
            start();
            receive("HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");

            assertFailed("its Sec-WebSocket-Accept does not belong to the key");
        }

        @Test
        void upgradeToSomethingElseFails() {
            start();
            receive("HTTP/1.1 101 x\r\nUpgrade: h2c\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + accept()
                    + "\r\n\r\n");

            assertFailed("its 101 has Upgrade: h2c (expected: websocket)");
        }

        @Test
        void missingUpgradeFails() {
            start();
            receive("HTTP/1.1 101 x\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " + accept() + "\r\n\r\n");

            assertFailed("its 101 has Upgrade: null (expected: websocket)");
        }

        @Test
        void connectionThatIsNotUpgradeFails() {
            start();
            receive("HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: close\r\nSec-WebSocket-Accept: " + accept()
                    + "\r\n\r\n");

            assertFailed("its 101 has Connection: close (expected: Upgrade)");
        }

        @Test
        void subprotocolThatWasNotOfferedFails() {
            start(List.of("chat", "v2"), null);
            receive(switching("Sec-WebSocket-Protocol: Chat\r\n"));

            assertFailed("it chose subprotocol Chat (expected: one of [chat, v2])");
        }

        @Test
        void secondSubprotocolFails() {
            start(List.of("chat", "v2"), null);
            receive(switching("Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Protocol: v2\r\n"));

            assertFailed("it chose subprotocol chat and v2 (expected: one of [chat, v2])");
        }

        @Test
        void extensionThatWasNotOfferedFails() {
            start();
            receive(switching("Sec-WebSocket-Extensions: permessage-deflate\r\n"));

            assertFailed("it chose extension permessage-deflate (expected: none)");
        }

        @Test
        void unknownExtensionFails() {
            start(List.of(), "permessage-deflate");
            receive(switching("Sec-WebSocket-Extensions: x-secret\r\n"));

            assertFailed("it chose extension x-secret (expected: one of permessage-deflate)");
        }
    }

    @Nested
    class StandaloneCompression {

        @Test
        void firstValidOfferGoesOnWithoutContextTakeover() {
            startStandalone("permessage-deflate; x, permessage-deflate; client_max_window_bits, permessage-deflate");

            assertThat(sent)
                    .containsIgnoringCase(
                            "\r\nSec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover;"
                                    + " client_no_context_takeover; client_max_window_bits\r\n");
        }

        @Test
        void clientIsToldToDoWithoutContextTakeoverEvenIfTheUpstreamDoesNotMind() {
            startStandalone("permessage-deflate; client_max_window_bits");
            receive(switching("Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits=12;"
                    + " server_no_context_takeover\r\n"));

            assertThat(answer.extensions())
                    .isEqualTo("permessage-deflate; server_no_context_takeover; client_no_context_takeover;"
                            + " client_max_window_bits=12");
        }

        @Test
        void answerWithContextTakeoverFails() {
            startStandalone("permessage-deflate");
            receive(switching("Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover\r\n"));

            assertFailed("it chose extension permessage-deflate; client_no_context_takeover (expected: one of"
                    + " permessage-deflate; server_no_context_takeover; client_no_context_takeover)");
        }

        @Test
        void upstreamMayDoWithoutCompression() {
            startStandalone("permessage-deflate");
            receive(switching(""));

            assertThat(answer.extensions()).isNull();
        }

        @Test
        void nothingValidOfferedIsNothing() {
            startStandalone("permessage-deflate; server_max_window_bits");

            assertThat(sent).doesNotContainIgnoringCase("Sec-WebSocket-Extensions");
        }
    }

    @Nested
    class Refusal {

        @Test
        void bodyByContentLengthComesAlong() {
            start();
            receive(
                    "HTTP/1.1 403 Forbidden\r\nContent-Length: 4\r\nX-Why: because\r\nConnection: X-Hop\r\nX-Hop: 1\r\n\r\nno");
            assertThat(failure).isNull();
            receive("pe");

            RefusedException refused = refused();
            assertThat(refused.status().code()).isEqualTo(403);
            assertThat(refused.status().reasonPhrase()).isEqualTo("Forbidden");
            assertThat(refused.headers().entries()).singleElement().hasToString("X-Why=because");
            assertThat(refused.body()).asString().isEqualTo("nope");
            assertThat(refused).hasMessage("the upstream answered 403 Forbidden");
            assertThat(refused.isRetryable()).isFalse();
        }

        @Test
        void chunkedBodyComesAlongInOnePiece() {
            start();
            receive("HTTP/1.1 503 Busy\r\nTransfer-Encoding: chunked\r\nRetry-After: 7\r\n\r\n3\r\nbus");
            receive("\r\n1\r\ny\r\n0\r\n\r\n");

            assertThat(refused().body()).asString().isEqualTo("busy");
            assertThat(refused().headers().entries()).singleElement().hasToString("Retry-After=7");
        }

        @Test
        void bodyUpToTheEndOfTheConnectionComesAlong() {
            start();
            receive("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer\r\n\r\nlog ");
            receive("in");
            assertThat(failure).isNull();
            channel.close();

            assertThat(refused().status().code()).isEqualTo(401);
            assertThat(refused().body()).asString().isEqualTo("log in");
            assertThat(refused().headers().get("WWW-Authenticate")).isEqualTo("Bearer");
        }

        @ParameterizedTest
        @ValueSource(strings = {"204 No Content", "304 Not Modified"})
        void answersThatNeverHaveABodyDoNotWaitForOne(String status) {
            start();
            receive("HTTP/1.1 " + status + "\r\n\r\n");

            assertThat(refused().body()).isEmpty();
        }

        @Test
        void redirectPassesWithItsLocation() {
            start();
            receive("HTTP/1.1 302 Found\r\nLocation: http://else/\r\nContent-Length: 0\r\n\r\n");

            assertThat(refused().status().code()).isEqualTo(302);
            assertThat(refused().headers().get("Location")).isEqualTo("http://else/");
        }

        @Test
        void success200IsARefusalToo() {
            start();
            receive("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");

            assertThat(refused().status().code()).isEqualTo(200);
        }

        @Test
        void bodyIsCutAt64KiBAndTheRestNotWaitedFor() {
            start();
            receive("HTTP/1.1 500 x\r\nContent-Length: 1000000\r\n\r\n");
            for (int i = 0; i < 7; i++) {
                receive("x".repeat(10_000));
            }

            assertThat(refused().body())
                    .hasSize(UpstreamHandshake.MAX_REFUSAL_BODY)
                    .containsOnly('x');
            assertThat(refused().headers().contains("Content-Length")).isFalse();
        }

        @Test
        void refusalAfterInterimAnswersIsTaken() {
            start();
            receive("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");

            assertThat(refused().status().code()).isEqualTo(404);
        }

        @Test
        void brokenChunkFails() {
            start();
            receive("HTTP/1.1 503 Busy\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");

            assertThat(failed()).hasMessageStartingWith("its answer is not HTTP: ");
        }

        private RefusedException refused() {
            assertThat(failure).isInstanceOf(RefusedException.class);
            assertThat(channel.isOpen()).isFalse();
            return (RefusedException) failure;
        }
    }

    @Nested
    class Failing {

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "SSH-2.0-OpenSSH_9.2\r\n\r\n",
                    "\u0000\u0001\u0002garbage\r\n\r\n",
                    "HTTP/1.1 abc Nope\r\n\r\n"
                })
        void garbageFailsAtOnce(String garbage) {
            start();
            receive(garbage);

            assertThat(failed()).hasMessageStartingWith("its answer is not HTTP: ");
        }

        @Test
        void endlessFirstLineFails() {
            start();
            receive("HTTP/1.1 200 " + "x".repeat(10_000));

            assertThat(failed()).hasMessageStartingWith("its answer is not HTTP: ");
        }

        @Test
        void endlessHeadersFail() {
            start();
            receive("HTTP/1.1 200 OK\r\nX: " + "x".repeat(70_000));

            assertThat(failed()).hasMessageStartingWith("its answer is not HTTP: ");
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "HTTP/1.1 10", "HTTP/1.1 101 x\r\nUpgrade: websocket\r\n"})
        void closingBeforeTheAnswerFails(String before) {
            start();
            receive(before);
            channel.close();

            assertThat(failed().failure()).isEqualTo(Failure.UPSTREAM_FAILED);
        }

        @Test
        void closingInsideARefusalsBodyFails() {
            start();
            receive("HTTP/1.1 403 Forbidden\r\nContent-Length: 10\r\n\r\nhalf");
            channel.close();

            assertThat(failed().failure()).isEqualTo(Failure.UPSTREAM_FAILED);
        }

        @Test
        void errorOnTheConnectionFails() {
            start();
            channel.pipeline().fireExceptionCaught(new IOException("connection reset"));

            assertFailed("the handshake failed: connection reset");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "",
                    "HTTP/1.1 100 Continue\r\n\r\n",
                    "HTTP/1.1 101 x\r\nUpgrade: websocket\r\n",
                    "HTTP/1.1 403 Forbidden\r\nContent-Length: 10\r\n\r\nhalf"
                })
        void noWholeAnswerInTimeIsATimeout(String before) {
            start();
            receive(before);
            advance(TIMEOUT_MILLIS - 1);
            assertThat(failure).isNull();
            advance(1);

            assertThat(failed()).hasMessage("it did not answer the handshake within connectTimeout");
            assertThat(failed().failure()).isEqualTo(Failure.UPSTREAM_TIMEOUT);
            assertThat(failed().isRetryable()).isTrue();
        }

        @Test
        void firstVerdictStands() {
            start();
            receive("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n" + switching(""));
            Throwable first = failure;
            advance(10 * TIMEOUT_MILLIS);

            assertThat(first).isInstanceOf(RefusedException.class);
            assertThat(failure).isSameAs(first);
            assertThat(answer).isNull();
        }
    }

    private void start() {
        start(List.of(), null);
    }

    /** Does what the upstream's endpoint does: afterwards neither the handshake nor the codec is in the pipeline. */
    private void start(List<String> subprotocols, String extensions) {
        start(new OpeningRequest("/chat?x=%20", "h", passed, subprotocols, extensions, Compression.END_TO_END));
    }

    private void startStandalone(String extensions) {
        start(new OpeningRequest("/chat?x=%20", "h", passed, List.of(), extensions, Compression.END_TO_END)
                .standalone());
    }

    private void start(OpeningRequest request) {
        channel = new EmbeddedChannel();
        channel.freezeTime();
        answer = null;
        failure = null;
        HttpDecoderConfig limits =
                new HttpDecoderConfig().setMaxInitialLineLength(8 * 1024).setMaxHeaderSize(64 * 1024);
        Mono.<OpeningAnswer>create(sink -> channel.pipeline()
                        .addFirst("codec", new HttpClientCodec(limits, false, true))
                        .addAfter(
                                "codec",
                                "handshake",
                                new UpstreamHandshake(
                                        request, "/chat?x=%20", TimeUnit.MILLISECONDS.toNanos(TIMEOUT_MILLIS), sink)))
                .subscribe(
                        opened -> {
                            answer = opened;
                            channel.pipeline().remove("handshake");
                            channel.pipeline().remove("codec");
                        },
                        failed -> failure = failed);
        channel.runPendingTasks();
        sent = text(channel.readOutbound());
    }

    private void receive(String bytes) {
        if (channel.isOpen()) {
            channel.writeInbound(Unpooled.copiedBuffer(bytes, ISO_8859_1));
        }
    }

    private void advance(long millis) {
        channel.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();
        channel.runPendingTasks();
    }

    /** What came behind the 101. */
    private String behind() {
        StringBuilder behind = new StringBuilder();
        for (ByteBuf bytes = channel.readInbound(); bytes != null; bytes = channel.readInbound()) {
            behind.append(text(bytes));
        }
        return behind.toString();
    }

    private GatewayException failed() {
        assertThat(answer).isNull();
        assertThat(failure).isInstanceOf(GatewayException.class).isNotInstanceOf(RefusedException.class);
        assertThat(channel.isOpen()).isFalse();
        return (GatewayException) failure;
    }

    private void assertFailed(String message) {
        assertThat(failed()).hasMessage(message);
        assertThat(failed().failure()).isEqualTo(Failure.UPSTREAM_FAILED);
        assertThat(failed().isRetryable()).isTrue();
    }

    private String switching(String more) {
        return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
                + accept() + "\r\n" + more + "\r\n";
    }

    private String key() {
        Matcher key = Pattern.compile("(?i)sec-websocket-key: (\\S+)").matcher(sent);
        assertThat(key.find()).isTrue();
        return key.group(1);
    }

    private String accept() {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-1")
                    .digest((key() + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(ISO_8859_1));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static String text(ByteBuf bytes) {
        try {
            return bytes.toString(ISO_8859_1);
        } finally {
            bytes.release();
        }
    }
}
