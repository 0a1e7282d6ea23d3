package io.tidegate.server.handshake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.tidegate.server.failure.Failure;
import io.tidegate.server.failure.GatewayException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OpeningRequestTest {

    private static final String KEY_WRONG =
            "Sec-WebSocket-Key: not there or not right (expected: one, of 16 bytes in base64)";

    private final HttpHeaders headers = new DefaultHttpHeaders()
            .add("Host", "example.com:8080")
            .add("Upgrade", "websocket")
            .add("Connection", "Upgrade")
            .add("Sec-WebSocket-Version", "13")
            .add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");

    @Test
    void rightRequestPasses() {
        headers.add("Cookie", "a=b")
                .add("Sec-WebSocket-Protocol", "chat, superchat")
                .add("Sec-WebSocket-Protocol", "v2.Chat")
                .add("Sec-WebSocket-Extensions", "foo, permessage-deflate; client_max_window_bits");
        OpeningRequest request = of("/chat?room=1");

        assertThat(request.target()).isEqualTo("/chat?room=1");
        assertThat(request.path()).isEqualTo("/chat");
        assertThat(request.host()).isEqualTo("example.com:8080");
        assertThat(request.subprotocols()).containsExactly("chat", "superchat", "v2.Chat");
        assertThat(request.extensions()).isEqualTo("permessage-deflate; client_max_window_bits");
        assertThat(request.headers().names())
                .containsExactlyInAnyOrder("Host", "Cookie", "X-Forwarded-Proto", "X-Forwarded-Host", "Forwarded");
    }

    @Test
    void standaloneRequestOffersOneAdaptedOfferAndIsOtherwiseTheSame() {
        headers.add("Cookie", "a=b").add("Sec-WebSocket-Protocol", "chat");
        headers.add(
                "Sec-WebSocket-Extensions", "foo, permessage-deflate; server_max_window_bits=10, permessage-deflate");
        OpeningRequest asked = of("/chat");
        OpeningRequest standalone = asked.standalone();

        assertThat(standalone)
                .isEqualTo(new OpeningRequest(
                        asked.target(),
                        asked.host(),
                        asked.headers(),
                        asked.subprotocols(),
                        "permessage-deflate; server_no_context_takeover; client_no_context_takeover;"
                                + " server_max_window_bits=10",
                        Compression.STANDALONE));
        assertThat(standalone.standalone()).isEqualTo(standalone);
    }

    @Test
    void laterLegIsOfferedNoCompressionThatTheClientDoesNotHave() {
        headers.add("Sec-WebSocket-Protocol", "chat").add("Sec-WebSocket-Extensions", "permessage-deflate");
        OpeningRequest first = of("/chat").standalone();
        OpeningRequest later = first.again(new OpeningAnswer(new DefaultHttpHeaders(), null, null));

        assertThat(later.extensions()).isNull();
        assertThat(later.compression()).isEqualTo(Compression.STANDALONE);
        assertThat(later.subprotocols()).containsExactly("chat");
        assertThat(first.again(new OpeningAnswer(new DefaultHttpHeaders(), null, "permessage-deflate")))
                .isSameAs(first);
    }

    @Test
    void tokensMayStandInAnyCaseAmongOthersAndInSeveralLines() {
        headers.set("Upgrade", List.of("h2c, WebSocket"));
        headers.set("Connection", List.of("keep-alive", "x, UPGRADE"));

        assertThat(of("/").target()).isEqualTo("/");
    }

    @Test
    void withoutUpgradeItIsNoWebSocketRequest() {
        headers.remove("Upgrade");

        assertRefused(
                Failure.NOT_WEBSOCKET, "this is a WebSocket gateway (expected: GET with Upgrade: websocket)", "/");
    }

    @Test
    void upgradeToSomethingElseIsNoWebSocketRequest() {
        headers.set("Upgrade", "h2c, websocket2");

        assertRefused(
                Failure.NOT_WEBSOCKET, "this is a WebSocket gateway (expected: GET with Upgrade: websocket)", "/");
    }

    @Test
    void methodMustBeGet() {
        assertThatThrownBy(() -> OpeningRequest.of(HttpMethod.POST, HttpVersion.HTTP_1_1, "/", headers, null))
                .hasMessage("method: POST (expected: GET)");
    }

    @Test
    void versionMustBeHttp11() {
        assertThatThrownBy(() -> OpeningRequest.of(HttpMethod.GET, HttpVersion.HTTP_1_0, "/", headers, null))
                .hasMessage("version: HTTP/1.0 (expected: HTTP/1.1)");
    }

    @Test
    void connectionMustNameUpgrade() {
        headers.set("Connection", List.of("keep-alive", "close"));
        assertBad("Connection: keep-alive, close (expected: Upgrade)");

        headers.remove("Connection");
        assertBad("Connection: missing (expected: Upgrade)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"8", "12", "14", "013", "13, 8", ""})
    void protocolVersionMustBe13(String version) {
        headers.set("Sec-WebSocket-Version", version);

        assertThatThrownBy(() -> of("/"))
                .isInstanceOf(UnsupportedVersionException.class)
                .hasMessage("Sec-WebSocket-Version: " + version + " (expected: 13)");
    }

    @Test
    void protocolVersionMustBeThereOnce() {
        headers.add("Sec-WebSocket-Version", "13");
        assertThatThrownBy(() -> of("/"))
                .isInstanceOf(UnsupportedVersionException.class)
                .hasMessage("Sec-WebSocket-Version: 13, 13 (expected: 13)");

        headers.remove("Sec-WebSocket-Version");
        assertThatThrownBy(() -> of("/"))
                .isInstanceOf(UnsupportedVersionException.class)
                .hasMessage("Sec-WebSocket-Version: missing (expected: 13)");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "short",
                "dGhlIHNhbXBsZSBub25jZQ==x",
                "dGhlIHNhbXBsZSBub25jZTE=YQ==",
                "dGhlIHNhbXBsZSBub25j",
                "****************"
            })
    void keyMustBe16BytesInBase64(String key) {
        headers.set("Sec-WebSocket-Key", key);

        assertBad(KEY_WRONG);
    }

    @Test
    void keyMustBeThereOnce() {
        headers.add("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
        assertBad(KEY_WRONG);

        headers.remove("Sec-WebSocket-Key");
        assertBad(KEY_WRONG);
    }

    @Test
    void hostMustBeThereOnce() {
        headers.add("Host", "other.example");
        assertBad("Host: example.com:8080, other.example (expected: exactly one)");

        headers.remove("Host");
        assertBad("Host: missing (expected: exactly one)");
    }

    @Test
    void bodyIsRefused() {
        headers.set("Content-Length", "5");
        assertBad("a body (expected: none in a WebSocket handshake)");

        headers.set("Content-Length", List.of("0", "5"));
        assertBad("a body (expected: none in a WebSocket handshake)");

        headers.remove("Content-Length").set("Transfer-Encoding", "chunked");
        assertBad("a body (expected: none in a WebSocket handshake)");
    }

    @Test
    void bodyOfLengthZeroIsNone() {
        headers.set("Content-Length", "0");

        assertThat(of("/").target()).isEqualTo("/");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/chat",
                "/chat/?",
                "/a%2Fb/%7euser/..//x;p=1",
                "/q?a=%20b+c&a=&&x=/y?z",
                "/%E2%82%AC?%zz",
                "/x?u=http://other/path",
                "//double//slash"
            })
    void pathAndQueryStayByteForByte(String target) {
        assertThat(of(target).target()).isEqualTo(target);
    }

    @ParameterizedTest
    @CsvSource({
        "http://example.com/chat?x=1, /chat?x=1",
        "ws://example.com:8080/a%2Fb, /a%2Fb",
        "HTTP://example.com, /",
        "http://example.com/, /",
        "http://example.com?x=1, /?x=1",
        "http://example.com?next=/home, /?next=/home",
        "http://[::1]:80/x?y=http://z/w, /x?y=http://z/w"
    })
    void absoluteFormIsTakenWithoutSchemeAndAuthority(String target, String expected) {
        assertThat(of(target).target()).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", "chat", "example.com:80", "?x=1", "chat?next=http://else/home"})
    void otherTargetsAreRefused(String target) {
        assertRefused(Failure.BAD_HANDSHAKE, "target: " + target + " (expected: a path that starts with /)", target);
    }

    @Test
    void claimedForwardingHeadersAreReplaced() {
        headers.add("X-Forwarded-For", "6.6.6.6").add("Connection", "X-Secret").add("X-Secret", "s");
        OpeningRequest request = of("/");

        assertThat(request.headers().contains("X-Forwarded-For")).isFalse();
        assertThat(request.headers().contains("X-Secret")).isFalse();
        assertThat(request.headers().get("X-Forwarded-Host")).isEqualTo("example.com:8080");
    }

    private void assertBad(String message) {
        assertRefused(Failure.BAD_HANDSHAKE, message, "/");
    }

    private void assertRefused(Failure failure, String message, String target) {
        assertThatThrownBy(() -> of(target))
                .isInstanceOfSatisfying(
                        GatewayException.class, e -> assertThat(e.failure()).isEqualTo(failure))
                .hasMessage(message);
    }

    private OpeningRequest of(String target) {
        return OpeningRequest.of(HttpMethod.GET, HttpVersion.HTTP_1_1, target, headers, null);
    }
}
