package io.tidegate.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.testkit.Blackhole;
import io.tidegate.testkit.Ending;
import io.tidegate.testkit.Handshake;
import io.tidegate.testkit.ReservedPort;
import io.tidegate.testkit.Script;
import io.tidegate.testkit.ScriptedClient;
import io.tidegate.testkit.ScriptedClient.Response;
import io.tidegate.testkit.ScriptedUpstream;
import io.tidegate.testkit.UpstreamConnection;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client gets that is not upgraded: the upstream's refusal, or the gateway's own. */
@Timeout(60)
class RefusalTest {

    private static final int MOST_BODY = 64 * 1024;

    @RegisterExtension
    final GatewayFixture fixture = new GatewayFixture();

    // the upstream refuses

    @ParameterizedTest
    @ValueSource(ints = {200, 301, 302, 307, 400, 401, 403, 404, 418, 426, 429, 451, 500, 503})
    void theUpstreamsRefusalReachesTheClientAsItIs(int status) {
        ScriptedClient client = refusedWith(Script.refuse(
                status,
                "reasons\u20ac",
                "WWW-Authenticate: Bearer realm=\"a, b\"",
                "Set-Cookie: a=1",
                "Set-Cookie: b=2",
                "Location: https://elsewhere.example/?a=%20b",
                "Retry-After: 7",
                "Content-Type: text/plain; charset=utf-8",
                "X-Odd: caf\u00e9"));
        Response response = client.awaitResponse();
        assertThat(response.status()).isEqualTo(status);
        assertThat(response.text()).isEqualTo("reasons\u20ac");
        assertThat(response.complete()).isTrue();
        assertThat(response.head().headers("WWW-Authenticate")).containsExactly("Bearer realm=\"a, b\"");
        assertThat(response.head().headers("Set-Cookie")).containsExactly("a=1", "b=2");
        assertThat(response.header("Location")).isEqualTo("https://elsewhere.example/?a=%20b");
        assertThat(response.header("Retry-After")).isEqualTo("7");
        assertThat(response.header("Content-Type")).isEqualTo("text/plain; charset=utf-8");
        assertThat(client.awaitEnd().how()).isEqualTo(Ending.How.FIN);
    }

    @ParameterizedTest
    @ValueSource(ints = {204, 304})
    void aRefusalThatHasNoBodyByDefinitionHasNone(int status) {
        ScriptedClient client =
                refusedWith(Script.reply("HTTP/1.1 " + status + " Nothing\r\nX-A: b\r\nConnection: close\r\n\r\n"));
        Response response = client.awaitResponse();
        assertThat(response.status()).isEqualTo(status);
        assertThat(response.header("X-A")).isEqualTo("b");
        assertThat(response.body()).isEmpty();
        client.awaitEnd();
    }

    @Test
    void theUpstreamIsLetGoAfterItRefused() {
        ScriptedUpstream upstream = fixture.upstream(Script.refuse(403, "no"));
        fixture.start(upstream);
        fixture.request("/");
        upstream.awaitConnection().awaitEnd();
    }

    @Test
    void hopByHopHeadersOfARefusalStayBehind() {
        Response response = refusedWith(Script.refuse(
                        401,
                        "no",
                        "Connection: close, X-Hop",
                        "X-Hop: secret",
                        "Keep-Alive: timeout=5",
                        "Proxy-Authenticate: Basic",
                        "Upgrade: h2c"))
                .awaitResponse();
        assertThat(response.status()).isEqualTo(401);
        assertThat(response.head().names()).doesNotContain("x-hop", "keep-alive", "proxy-authenticate", "upgrade");
        assertThat(response.head().headers("Connection")).allMatch("close"::equalsIgnoreCase);
    }

    @Test
    void aRefusalInChunksArrivesWhole() {
        Response response = refusedWith(Script.reply("HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\nX-A: b\r\n\r\n"
                        + "5\r\nhello\r\n6;ext=1\r\n world\r\n0\r\nX-Trailer: t\r\n\r\n"))
                .awaitResponse();
        assertThat(response.status()).isEqualTo(403);
        assertThat(response.text()).isEqualTo("hello world");
        assertThat(response.complete()).isTrue();
        assertThat(response.header("X-A")).isEqualTo("b");
    }

    @Test
    void aRefusalThatEndsWithItsConnectionArrivesWhole() {
        Response response = refusedWith(c -> {
                    c.request();
                    c.sendBytes("HTTP/1.1 500 Oops\r\n\r\nuntil the end".getBytes(ISO_8859_1));
                    c.close();
                })
                .awaitResponse();
        assertThat(response.status()).isEqualTo(500);
        assertThat(response.text()).isEqualTo("until the end");
    }

    @Test
    void aRefusalByteByByteArrivesWhole() {
        Response response = refusedWith(c -> {
                    c.request();
                    c.sendByteByByte("HTTP/1.1 401 \r\nContent-Length: 5\r\nX-A: b\r\n\r\nhello".getBytes(ISO_8859_1));
                })
                .awaitResponse();
        assertThat(response.status()).isEqualTo(401);
        assertThat(response.text()).isEqualTo("hello");
    }

    @Test
    void aCompressedRefusalPassesAsItIs() {
        byte[] zipped = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, (byte) 0xcb, 0x48, (byte) 0xcd, (byte) 0xc9};
        Response response = refusedWith(c -> {
                    c.request();
                    c.sendBytes("HTTP/1.1 403 No\r\nContent-Encoding: gzip\r\nContent-Length: 14\r\n\r\n"
                            .getBytes(ISO_8859_1));
                    c.sendBytes(zipped);
                })
                .awaitResponse();
        assertThat(response.header("Content-Encoding")).isEqualTo("gzip");
        assertThat(response.body()).isEqualTo(zipped);
    }

    @Test
    void aBodyOf64KiBPassesWhole() {
        String body = "x".repeat(MOST_BODY);
        Response response = refusedWith(Script.refuse(403, body)).awaitResponse();
        assertThat(response.text()).isEqualTo(body);
        assertThat(response.complete()).isTrue();
    }

    @Test
    void aLongerBodyIsCutOffAndTheConnectionEnds() {
        ScriptedClient client = refusedWith(Script.refuse(403, "x".repeat(MOST_BODY + 1) + "y".repeat(500_000)));
        Response response = client.awaitResponse();
        assertThat(response.status()).isEqualTo(403);
        assertThat(response.text()).matches("x*").hasSizeLessThanOrEqualTo(MOST_BODY);
        client.awaitEnd();
    }

    @Test
    void aBodyWithoutEndIsCutOffAndTheUpstreamIsLetGo() {
        ScriptedUpstream upstream = fixture.upstream(c -> {
            c.request();
            c.sendBytes("HTTP/1.1 403 No\r\nTransfer-Encoding: chunked\r\n\r\n".getBytes(ISO_8859_1));
            byte[] chunk = ("1000\r\n" + "x".repeat(4096) + "\r\n").getBytes(ISO_8859_1);
            while (c.ending() == null) {
                c.sendBytes(chunk);
            }
        });
        fixture.start(upstream);
        ScriptedClient client = fixture.request("/");
        assertThat(client.awaitResponse().status()).isEqualTo(403);
        assertThat(client.awaitResponse().body()).hasSizeLessThanOrEqualTo(MOST_BODY);
        client.awaitEnd();
        upstream.awaitConnection().awaitEnd();
    }

    @Test
    void aBodyThatIsNeverCompletedDoesNotKeepTheClientWaiting() {
        ScriptedUpstream upstream = fixture.upstream(Script.refuse(403, "half", "Content-Length: 100"));
        fixture.startImpatient(upstream.uri());
        ScriptedClient client = fixture.request("/");
        assertThat(client.awaitResponse().status()).isIn(403, 504);
        client.awaitEnd();
        upstream.awaitConnection().awaitEnd();
    }

    @Test
    void aRefusalIsAnAnswerAndNoReasonToAskAnotherEndpoint() {
        ScriptedUpstream first = fixture.upstream(Script.refuse(503, "busy"));
        ScriptedUpstream second = fixture.upstream(Script.refuse(503, "busy"));
        fixture.start(first, second);
        assertThat(fixture.request("/").awaitResponse().status()).isEqualTo(503);
        assertThat(first.connections().size() + second.connections().size()).isEqualTo(1);
    }

    // the upstream fails

    static Stream<Named<Script>> failures() {
        return Stream.of(
                Named.of("garbage", Script.GARBAGE),
                Named.of("FIN", Script.HANG_UP),
                Named.of("RST", Script.HANG_UP_HARD),
                Named.of("half an answer and FIN", Script.CUT_OFF),
                Named.of("half an answer and RST", Script.CUT_OFF_HARD),
                Named.of("FIN before the request was read", UpstreamConnection::close),
                Named.of("RST before the request was read", UpstreamConnection::reset),
                Named.of("wrong accept", c -> c.accept(a -> a.with("Sec-WebSocket-Accept: " + Handshake.KEY))),
                Named.of(
                        "accept of the client's key",
                        c -> c.accept(a -> a.with("Sec-WebSocket-Accept: " + Handshake.acceptFor(Handshake.KEY)))),
                Named.of("no accept", c -> c.accept(a -> a.without("Sec-WebSocket-Accept"))),
                Named.of("no upgrade", c -> c.accept(a -> a.without("Upgrade"))),
                Named.of("another upgrade", c -> c.accept(a -> a.with("Upgrade: h2c"))),
                Named.of("no connection", c -> c.accept(a -> a.without("Connection"))),
                Named.of("another connection", c -> c.accept(a -> a.with("Connection: close"))),
                Named.of("subprotocol not offered", c -> c.accept(a -> a.subprotocol("v3"))),
                Named.of("subprotocol in another case", c -> c.accept(a -> a.subprotocol("V1"))),
                Named.of("several subprotocols", c -> c.accept(a -> a.subprotocol("v1, v2"))),
                Named.of(
                        "two subprotocol headers",
                        c -> c.accept(a -> a.add("Sec-WebSocket-Protocol: v1").add("Sec-WebSocket-Protocol: v2"))),
                Named.of("extension not offered", c -> c.accept(a -> a.extensions("permessage-deflate"))),
                Named.of("an endless head", c -> {
                    c.request();
                    c.sendBytes("HTTP/1.1 101 Switching Protocols\r\n".getBytes(ISO_8859_1));
                    byte[] line = ("X-Endless: " + "x".repeat(4000) + "\r\n").getBytes(ISO_8859_1);
                    while (c.ending() == null) {
                        c.sendBytes(line);
                    }
                }));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void aFailedHandshakeOfTheUpstreamIs502(Script failure) {
        ScriptedUpstream upstream = fixture.upstream(failure);
        fixture.start(upstream);
        ScriptedClient client = fixture.request("/", "Sec-WebSocket-Protocol: v1, v2");
        assertThat(client.awaitResponse().status()).isEqualTo(502);
        assertThat(client.awaitResponse().complete()).isTrue();
        client.awaitEnd();
        upstream.awaitConnection().awaitEnd();
    }

    @Test
    void anUpstreamThatChoosesASubprotocolWhenNoneWasOfferedIs502() {
        fixture.start(fixture.upstream(c -> c.accept(a -> a.subprotocol("v1"))));
        assertThat(fixture.request("/").awaitResponse().status()).isEqualTo(502);
    }

    @Test
    void endpointsThatAllRefuseTcpAre502() {
        fixture.startImpatient(ReservedPort.nobody(), ReservedPort.nobody(), ReservedPort.nobody());
        ScriptedClient client = fixture.request("/");
        assertThat(client.awaitResponse().status()).isEqualTo(502);
        client.awaitEnd();
    }

    @Test
    void anEndpointThatAnswersNoDialIs504() {
        Blackhole blackhole = fixture.track(new Blackhole());
        fixture.startImpatient(blackhole.uri());
        ScriptedClient client = fixture.request("/");
        assertThat(client.awaitResponse().status()).isEqualTo(504);
        client.awaitEnd();
    }

    @Test
    void anUpstreamThatAnswersNoHandshakeIs504() {
        ScriptedUpstream upstream = fixture.upstream(Script.SILENT);
        fixture.startImpatient(upstream.uri());
        ScriptedClient client = fixture.request("/");
        assertThat(client.awaitResponse().status()).isEqualTo(504);
        client.awaitEnd();
        upstream.awaitConnection().awaitEnd();
    }

    @Test
    void anUpstreamThatAnswersDropByDropIs504() {
        ScriptedUpstream upstream = fixture.upstream(c -> {
            c.request();
            c.sendBytes("HTTP/1.1 101 Switching Protocols\r\nX-Slow: ".getBytes(ISO_8859_1));
            while (c.ending() == null) {
                c.sendBytes(new byte[] {'x'});
                TimeUnit.MILLISECONDS.sleep(50);
            }
        });
        fixture.startImpatient(upstream.uri());
        assertThat(fixture.request("/").awaitResponse().status()).isEqualTo(504);
        upstream.awaitConnection().awaitEnd();
    }

    // the gateway refuses

    @Test
    void aRequestForNoWebSocketIs426() {
        ScriptedUpstream upstream = upstreamThatMustNotBeAsked();
        ScriptedClient client =
                fixture.request(Handshake.of("/").without("Upgrade").with("Connection: keep-alive"));
        Response response = client.awaitResponse();
        assertThat(response.status()).isEqualTo(426);
        assertThat(response.header("Upgrade")).isEqualToIgnoringCase("websocket");
        assertThat(response.header("Connection")).containsIgnoringCase("close");
        assertThat(response.complete()).isTrue();
        assertThat(client.awaitEnd().how()).isEqualTo(Ending.How.FIN);
        assertThat(upstream.connections()).isEmpty();
    }

    static Stream<Named<Handshake>> mistakes() {
        return Stream.of(
                Named.of("no key", Handshake.of("/").without("Sec-WebSocket-Key")),
                Named.of("an empty key", Handshake.of("/").with("Sec-WebSocket-Key:")),
                Named.of("a short key", Handshake.of("/").with("Sec-WebSocket-Key: dGhl")),
                Named.of(
                        "a key that is no base64",
                        Handshake.of("/").with("Sec-WebSocket-Key: !!!!!!!!!!!!!!!!!!!!!!==")),
                Named.of("two keys", Handshake.of("/").add("Sec-WebSocket-Key: " + Handshake.KEY)),
                Named.of("POST", Handshake.of("/").method("POST")),
                Named.of(
                        "POST with a body",
                        Handshake.of("/")
                                .method("POST")
                                .add("Content-Length: 5")
                                .body("hello")),
                Named.of("a body", Handshake.of("/").add("Content-Length: 5").body("hello")),
                Named.of(
                        "a body in chunks",
                        Handshake.of("/").add("Transfer-Encoding: chunked").body("5\r\nhello\r\n0\r\n\r\n")),
                Named.of(
                        "a body of two lengths",
                        Handshake.of("/")
                                .add("Content-Length: 5")
                                .add("Content-Length: 6")
                                .body("hello")),
                Named.of(
                        "a body of both kinds",
                        Handshake.of("/")
                                .add("Content-Length: 5")
                                .add("Transfer-Encoding: chunked")
                                .body("0\r\n\r\n")),
                Named.of("no version", Handshake.of("/").without("Sec-WebSocket-Version")),
                Named.of(
                        "no host",
                        Handshake.of("/").with("Host:").without("Host").version("HTTP/1.0")),
                Named.of("HTTP/1.0", Handshake.of("/").version("HTTP/1.0")),
                Named.of("two hosts", Handshake.of("/").add("Host: a").add("Host: b")),
                Named.of("a name with a space", Handshake.of("/").add("X Y: z")),
                Named.of("a space before the colon", Handshake.of("/").add("X-Y : z")));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void aWrongHandshakeIsRefusedAndReachesNobody(Handshake handshake) {
        ScriptedUpstream upstream = upstreamThatMustNotBeAsked();
        ScriptedClient client = fixture.request(handshake);
        assertThat(client.awaitResponse().status()).isIn(400, 426);
        client.awaitEnd();
        assertThat(upstream.connections()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"8", "12", "14", "0", "013", "13, 8", "x"})
    void anotherVersionIs426WithTheRightOne(String version) {
        ScriptedUpstream upstream = upstreamThatMustNotBeAsked();
        Response response =
                fixture.request("/", "Sec-WebSocket-Version: " + version).awaitResponse();
        assertThat(response.status()).isEqualTo(426);
        assertThat(response.head().headers("Sec-WebSocket-Version")).containsExactly("13");
        assertThat(upstream.connections()).isEmpty();
    }

    @Test
    void aPathWithoutARouteIs404() {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        fixture.start(GatewayFixture.routes(java.util.List.of("* /chat"), java.util.List.of(upstream)));
        ScriptedClient client = fixture.request("/other");
        assertThat(client.awaitResponse().status()).isEqualTo(404);
        client.awaitEnd();
        assertThat(upstream.connections()).isEmpty();
    }

    @Test
    void aHeadThatIsTooLongIsRefusedAndReachesNobody() {
        ScriptedUpstream upstream = upstreamThatMustNotBeAsked();
        ScriptedClient client = fixture.open();
        Handshake handshake = Handshake.of("/");
        for (int i = 0; i < 40; i++) {
            handshake.add("X-Long-" + i + ": " + "x".repeat(4000));
        }
        client.sendBytes(client.bytesOf(handshake));
        assertThat(client.awaitResponse().status()).isIn(400, 413, 431);
        client.awaitEnd();
        assertThat(upstream.connections()).isEmpty();
    }

    @Test
    void aRequestLineThatIsTooLongIsRefusedAndReachesNobody() {
        ScriptedUpstream upstream = upstreamThatMustNotBeAsked();
        ScriptedClient client = fixture.request("/" + "x".repeat(100_000));
        assertThat(client.awaitResponse().status()).isIn(400, 414, 431);
        client.awaitEnd();
        assertThat(upstream.connections()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003tls\r\n\r\n",
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                "hello\r\n\r\n",
                "GET\r\n\r\n",
                "GET / HTTP/9.9\r\nHost: a\r\n\r\n"
            })
    void whatIsNoRequestIsNotAnsweredWithAnUpgradeAndTheConnectionEnds(String bytes) {
        ScriptedUpstream upstream = upstreamThatMustNotBeAsked();
        ScriptedClient client = fixture.open();
        client.sendBytes(bytes.getBytes(ISO_8859_1));
        client.awaitEnd();
        assertThat(client.frames()).isEmpty();
        assertThat(upstream.connections()).isEmpty();
    }

    @Test
    void aRequestBehindARefusedOneIsNotServed() {
        ScriptedUpstream upstream = upstreamThatMustNotBeAsked();
        ScriptedClient client = fixture.open();
        byte[] refused = client.bytesOf(Handshake.of("/").without("Sec-WebSocket-Key"));
        byte[] good = client.bytesOf(Handshake.of("/"));
        client.sendBytes(io.tidegate.testkit.FrameCodec.concat(refused, good));
        assertThat(client.awaitResponse().status()).isIn(400, 426);
        client.awaitEnd();
        assertThat(upstream.connections()).isEmpty();
    }

    private ScriptedUpstream upstreamThatMustNotBeAsked() {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        fixture.start(upstream);
        return upstream;
    }

    private ScriptedClient refusedWith(Script refusal) {
        fixture.start(fixture.upstream(refusal));
        return fixture.request("/");
    }
}
