package io.tidegate.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.server.GatewayFixture.Ends;
import io.tidegate.testkit.Frame;
import io.tidegate.testkit.FrameCodec;
import io.tidegate.testkit.Handshake;
import io.tidegate.testkit.HttpHead;
import io.tidegate.testkit.Script;
import io.tidegate.testkit.ScriptedClient;
import io.tidegate.testkit.ScriptedClient.Response;
import io.tidegate.testkit.ScriptedUpstream;
import io.tidegate.testkit.UpstreamConnection;
import java.util.Base64;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What passes between client and upstream while the session opens. */
@Timeout(60)
class HandshakeTest {

    @RegisterExtension
    final GatewayFixture fixture = new GatewayFixture();

    @Test
    void theClientIsUpgradedOnlyAfterTheUpstreamWas() {
        CountDownLatch latch = new CountDownLatch(1);
        ScriptedUpstream upstream = fixture.upstream(Script.ACCEPT.after(latch));
        fixture.start(upstream);
        ScriptedClient client = fixture.open();
        client.sendBytes(client.bytesOf(Handshake.of("/")));
        upstream.awaitConnection().request();
        assertThat(client.bytesReceived()).isZero();
        latch.countDown();
        client.awaitUpgrade();
    }

    @Test
    void theUpstreamSeesACorrectHandshakeWithAKeyOfItsOwn() {
        ScriptedUpstream upstream = fixture.upstream(Script.ACCEPT);
        fixture.start(upstream);
        HttpHead first = fixture.session(upstream).upstream().request();
        HttpHead second = fixture.session(upstream).upstream().request();
        assertThat(first.startLine()).isEqualTo("GET / HTTP/1.1");
        assertThat(first.headers("Sec-WebSocket-Version")).containsExactly("13");
        assertThat(first.headers("Upgrade")).singleElement().asString().isEqualToIgnoringCase("websocket");
        assertThat(first.headers("Connection")).singleElement().asString().isEqualToIgnoringCase("upgrade");
        assertThat(first.headers("Sec-WebSocket-Key")).singleElement().isNotEqualTo(Handshake.KEY);
        assertThat(Base64.getDecoder().decode(first.header("Sec-WebSocket-Key")))
                .hasSize(16);
        assertThat(second.header("Sec-WebSocket-Key")).isNotEqualTo(first.header("Sec-WebSocket-Key"));
    }

    @Test
    void theClientSeesACorrectAnswerWithEachHeaderOnce() {
        Ends ends = fixture.session();
        Response answer = ends.client().awaitUpgrade();
        assertThat(answer.head().headers("Upgrade")).hasSize(1);
        assertThat(answer.head().headers("Connection")).hasSize(1);
        assertThat(answer.head().headers("Sec-WebSocket-Accept")).hasSize(1);
        assertThat(answer.head().names()).doesNotContain("sec-websocket-protocol", "sec-websocket-extensions");
        assertThat(answer.head().names()).doesNotContain("transfer-encoding", "content-length");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/?",
                "/chat?",
                "/a%2Fb/./../c;p=1/",
                "/x?x=%20&y=a+b&z=%zz&&=&q=?/?",
                "/%E2%82%AC/%e2%82%ac",
                "//double//slash",
                "/~!$&'()*,:@|^`{}\"<>[]\\"
            })
    void pathAndQueryPassByteForByte(String target) {
        ScriptedUpstream upstream = fixture.upstream(Script.ACCEPT);
        fixture.start(upstream);
        fixture.connect(target);
        assertThat(upstream.awaitConnection().target()).isEqualTo(target);
    }

    @Test
    void theClientsHostIsTheUpstreams() {
        ScriptedUpstream upstream = fixture.upstream(Script.ACCEPT);
        fixture.start(upstream);
        assertThat(fixture.session(upstream, "Host: Chat.Example:1234")
                        .upstream()
                        .request()
                        .headers("Host"))
                .containsExactly("Chat.Example:1234");
        assertThat(fixture.session(upstream, "Host: chat.example")
                        .upstream()
                        .request()
                        .headers("Host"))
                .containsExactly("chat.example");
        assertThat(fixture.session(upstream).upstream().request().headers("Host"))
                .containsExactly(Handshake.hostOf(fixture.address()));
    }

    @Test
    void headersPassInOrderWithDuplicatesAndOddValues() {
        ScriptedUpstream upstream = fixture.upstream(c -> c.accept(
                a -> a.add("Set-Cookie: a=1; Path=/").add("Set-Cookie: b=2").add("X-Session: \"q\", 7")));
        fixture.start(upstream);
        ScriptedClient client = fixture.connect(Handshake.of("/")
                .add("Origin: https://example.org")
                .add("Cookie: a=b; c=\"d, e\"")
                .add("X-Many: one")
                .add("X-Many: two")
                .add("Authorization: Bearer x.y.z")
                .add("X-Latin: caf\u00e9")
                .add("X-Empty:"));
        HttpHead request = upstream.awaitConnection().request();
        assertThat(request.headers("Origin")).containsExactly("https://example.org");
        assertThat(request.headers("Cookie")).containsExactly("a=b; c=\"d, e\"");
        assertThat(request.headers("X-Many")).containsExactly("one", "two");
        assertThat(request.headers("Authorization")).containsExactly("Bearer x.y.z");
        assertThat(request.headers("X-Empty")).containsExactly("");
        assertThat(new String(request.raw(), ISO_8859_1)).contains("caf\u00e9");
        HttpHead answer = client.awaitUpgrade().head();
        assertThat(answer.headers("Set-Cookie")).containsExactly("a=1; Path=/", "b=2");
        assertThat(answer.headers("X-Session")).containsExactly("\"q\", 7");
    }

    @Test
    void hopByHopHeadersStayOnTheirLeg() {
        ScriptedUpstream upstream = fixture.upstream(c -> c.accept(a -> a.with("Connection: Upgrade, X-Down-Hop")
                .add("X-Down-Hop: secret")
                .add("Keep-Alive: timeout=5")
                .add("Proxy-Authenticate: Basic")
                .add("Trailer: X-T")));
        fixture.start(upstream);
        ScriptedClient client = fixture.request(Handshake.of("/")
                .with("Connection: keep-alive, uPgRaDe,X-Up-Hop")
                .add("Connection: x-other-hop")
                .add("X-Up-Hop: secret")
                .add("X-OTHER-HOP: secret")
                .add("Keep-Alive: timeout=5")
                .add("Proxy-Authorization: Basic eHg=")
                .add("Proxy-Connection: keep-alive")
                .add("TE: trailers")
                .add("Trailer: X-T"));
        assertThat(upstream.awaitConnection().request().names())
                .doesNotContain(
                        "x-up-hop",
                        "x-other-hop",
                        "keep-alive",
                        "proxy-authorization",
                        "proxy-connection",
                        "te",
                        "trailer");
        assertThat(client.awaitUpgrade().head().names())
                .doesNotContain("x-down-hop", "keep-alive", "proxy-authenticate", "trailer");
        assertThat(client.awaitUpgrade().head().headers("Connection")).hasSize(1);
    }

    @Test
    void namingHeadersInConnectionDoesNotRemoveTheGatewaysOwn() {
        ScriptedUpstream upstream = fixture.upstream(Script.ACCEPT);
        fixture.start(upstream);
        fixture.connect(
                Handshake.of("/")
                        .with(
                                "Connection: Upgrade, Host, X-Forwarded-For, Forwarded, Sec-WebSocket-Key, Sec-WebSocket-Version"));
        HttpHead request = upstream.awaitConnection().request();
        assertThat(request.headers("Host")).containsExactly(Handshake.hostOf(fixture.address()));
        assertThat(request.headers("X-Forwarded-For")).containsExactly("127.0.0.1");
        assertThat(request.headers("Forwarded")).hasSize(1);
        assertThat(request.headers("Sec-WebSocket-Key")).hasSize(1);
        assertThat(request.headers("Sec-WebSocket-Version")).containsExactly("13");
    }

    @Test
    void theUpstreamLearnsWhoTheClientIsFromTheGatewayAlone() {
        ScriptedUpstream upstream = fixture.upstream(Script.ACCEPT);
        fixture.start(upstream);
        fixture.connect(Handshake.of("/")
                .add("Host: chat.example:8443")
                .add("X-Forwarded-For: 6.6.6.6")
                .add("x-forwarded-for: 7.7.7.7")
                .add("X-Forwarded-Proto: gopher")
                .add("X-Forwarded-Host: evil.example")
                .add("X-Forwarded-Port: 666")
                .add("Forwarded: for=6.6.6.6;host=evil.example"));
        HttpHead request = upstream.awaitConnection().request();
        assertThat(request.headers("X-Forwarded-For")).containsExactly("127.0.0.1");
        assertThat(request.headers("X-Forwarded-Proto")).singleElement().isIn("http", "ws");
        assertThat(request.headers("X-Forwarded-Host")).containsExactly("chat.example:8443");
        assertThat(request.headers("Forwarded"))
                .singleElement()
                .asString()
                .contains("for=127.0.0.1", "proto=", "host=\"chat.example:8443\"");
        assertThat(new String(request.raw(), ISO_8859_1)).doesNotContain("6.6.6.6", "7.7.7.7", "evil", "gopher", "666");
    }

    @Test
    void theUpstreamsChoiceOfSubprotocolIsTheClients() {
        ScriptedUpstream upstream = fixture.upstream(c -> c.accept(a -> a.subprotocol("v2.chat")));
        fixture.start(upstream);
        ScriptedClient client = fixture.connect("/", "Sec-WebSocket-Protocol: v1.chat,  v2.chat , v3");
        assertThat(client.awaitUpgrade().head().headers("Sec-WebSocket-Protocol"))
                .containsExactly("v2.chat");
        assertThat(String.join(",", upstream.awaitConnection().request().headers("Sec-WebSocket-Protocol")))
                .isEqualToIgnoringWhitespace("v1.chat,v2.chat,v3");
    }

    @Test
    void subprotocolsOfferedInSeveralHeadersAreAllOffered() {
        ScriptedUpstream upstream = fixture.upstream(c -> c.accept(a -> a.subprotocol("two")));
        fixture.start(upstream);
        ScriptedClient client = fixture.connect(
                Handshake.of("/").add("Sec-WebSocket-Protocol: one").add("Sec-WebSocket-Protocol: two"));
        assertThat(client.awaitUpgrade().head().headers("Sec-WebSocket-Protocol"))
                .containsExactly("two");
        assertThat(String.join(",", upstream.awaitConnection().request().headers("Sec-WebSocket-Protocol")))
                .isEqualToIgnoringWhitespace("one,two");
    }

    @Test
    void anUpstreamThatChoosesNoSubprotocolLeavesTheClientWithout() {
        ScriptedUpstream upstream = fixture.upstream(Script.ACCEPT);
        fixture.start(upstream);
        ScriptedClient client = fixture.connect("/", "Sec-WebSocket-Protocol: v1");
        assertThat(client.awaitUpgrade().head().has("Sec-WebSocket-Protocol")).isFalse();
    }

    @Test
    void compressionIsNegotiatedEndToEnd() {
        String offer = "permessage-deflate; client_max_window_bits; server_no_context_takeover, permessage-deflate";
        String choice = "permessage-deflate; server_no_context_takeover; client_max_window_bits=12";
        ScriptedUpstream upstream = fixture.upstream(c -> c.accept(a -> a.extensions(choice)));
        fixture.start(upstream);
        ScriptedClient client = fixture.connect("/", "Sec-WebSocket-Extensions: " + offer);
        assertThat(upstream.awaitConnection().request().headers("Sec-WebSocket-Extensions"))
                .containsExactly(offer);
        assertThat(client.awaitUpgrade().head().headers("Sec-WebSocket-Extensions"))
                .containsExactly(choice);
    }

    @Test
    void aClientThatOffersNoCompressionGetsNone() {
        Ends ends = fixture.session();
        assertThat(ends.upstream().request().has("Sec-WebSocket-Extensions")).isFalse();
        assertThat(ends.client().awaitUpgrade().head().has("Sec-WebSocket-Extensions"))
                .isFalse();
    }

    @Test
    void interimResponsesOfTheUpstreamArePassedOver() {
        ScriptedUpstream upstream = fixture.upstream(c -> {
            c.request();
            c.sendBytes("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n".getBytes(ISO_8859_1));
            c.accept();
            c.echo();
        });
        fixture.start(upstream);
        ScriptedClient client = fixture.connect("/");
        client.send(Frame.text("hello"));
        assertThat(client.awaitFrame()).isEqualTo(Frame.text("hello"));
    }

    // bytes right behind the handshake

    @Test
    void framesInTheSameWriteAsTheHandshakeAreNotLost() {
        ScriptedUpstream upstream =
                fixture.upstream(c -> c.accept(a -> a.followedBy(Frame.text("from upstream"), Frame.ping("1"))));
        fixture.start(upstream);
        ScriptedClient client = fixture.open();
        client.handshakeWith(Handshake.of("/"), Frame.text("from client"), Frame.binary((byte) 7));
        client.awaitUpgrade();
        assertThat(client.awaitFrames(2)).containsExactly(Frame.text("from upstream"), Frame.ping("1"));
        assertThat(upstream.awaitConnection().awaitFrames(2))
                .containsExactly(Frame.text("from client"), Frame.binary((byte) 7));
    }

    @Test
    void framesSentWhileTheUpstreamStillThinksAboutItAreNotLost() {
        CountDownLatch latch = new CountDownLatch(1);
        ScriptedUpstream upstream = fixture.upstream(Script.ACCEPT.after(latch));
        fixture.start(upstream);
        ScriptedClient client = fixture.open();
        client.handshakeWith(Handshake.of("/"), Frame.text("one"));
        upstream.awaitConnection().request();
        client.send(Frame.text("two"));
        client.sendByteByByte(FrameCodec.encode(client.masked(Frame.text("three"))));
        latch.countDown();
        client.awaitUpgrade();
        client.send(Frame.text("four"));
        assertThat(upstream.connections().get(0).awaitFrames(4))
                .containsExactly(Frame.text("one"), Frame.text("two"), Frame.text("three"), Frame.text("four"));
    }

    @Test
    void halfAFrameBehindTheHandshakeIsCompletedLater() {
        ScriptedUpstream upstream = fixture.upstream(c -> {
            byte[] frame = FrameCodec.encode(Frame.text("down"));
            c.sendBytes(FrameCodec.concat(c.acceptance(a -> {}), java.util.Arrays.copyOf(frame, 3)));
            c.awaitFrame();
            c.sendBytes(java.util.Arrays.copyOfRange(frame, 3, frame.length));
        });
        fixture.start(upstream);
        ScriptedClient client = fixture.open();
        byte[] frame = FrameCodec.encode(client.masked(Frame.text("up")));
        client.sendBytes(FrameCodec.concat(client.bytesOf(Handshake.of("/")), java.util.Arrays.copyOf(frame, 5)));
        client.awaitUpgrade();
        client.sendBytes(java.util.Arrays.copyOfRange(frame, 5, frame.length));
        assertThat(client.awaitFrame()).isEqualTo(Frame.text("down"));
        assertThat(upstream.awaitConnection().frames()).containsExactly(Frame.text("up"));
    }

    @Test
    void aCloseBehindTheHandshakeIsPassedOn() {
        ScriptedUpstream upstream = fixture.upstream(
                c -> c.accept(a -> a.followedBy(Frame.text("too many"), Frame.close(4029, "go away"))));
        fixture.start(upstream);
        ScriptedClient client = fixture.connect("/");
        assertThat(client.awaitFrames(2)).containsExactly(Frame.text("too many"), Frame.close(4029, "go away"));
    }

    @Test
    void anUpstreamThatDiesRightBehindItsAcceptanceClosesTheClientWith1014() {
        ScriptedUpstream upstream = fixture.upstream(c -> {
            c.accept(a -> a.followedBy(Frame.text("last words")));
            c.close();
        });
        fixture.start(upstream);
        ScriptedClient client = fixture.connect("/");
        assertThat(client.awaitFrame()).isEqualTo(Frame.text("last words"));
        assertThat(client.awaitClose().closeCode()).isEqualTo(1014);
    }

    @Test
    void theClientsHandshakeMayComeByteByByte() {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        fixture.start(upstream);
        ScriptedClient client = fixture.open();
        client.sendByteByByte(FrameCodec.concat(
                client.bytesOf(Handshake.of("/chat?a=b").add("X-More: yes")),
                FrameCodec.encode(client.masked(Frame.text("one"))),
                FrameCodec.encode(client.masked(Frame.ping("two")))));
        client.awaitUpgrade();
        assertThat(client.awaitFrames(2)).containsExactly(Frame.text("one"), Frame.pong("two"));
    }

    @Test
    void theUpstreamsHandshakeMayComeByteByByte() {
        ScriptedUpstream upstream = fixture.upstream(c -> c.sendByteByByte(FrameCodec.concat(
                c.acceptance(a -> a.subprotocol("x").add("X-More: yes")), FrameCodec.encode(Frame.text("one")))));
        fixture.start(upstream);
        ScriptedClient client = fixture.connect("/", "Sec-WebSocket-Protocol: x");
        assertThat(client.awaitFrame()).isEqualTo(Frame.text("one"));
    }

    // a client that does not wait

    @Test
    void aClientThatLeavesDuringTheUpstreamsHandshakeLeavesNothingBehind() {
        ScriptedUpstream upstream = fixture.upstream(Script.SILENT);
        fixture.start(upstream);
        ScriptedClient client = fixture.open();
        client.sendBytes(client.bytesOf(Handshake.of("/")));
        UpstreamConnection connection = upstream.awaitConnection();
        connection.request();
        client.reset();
        connection.awaitEnd();
        assertThat(connection.frames()).isEmpty();
    }

    @Test
    void aClientThatLeavesInAnOrderlyWayDuringTheUpstreamsHandshakeLeavesNothingBehind() {
        ScriptedUpstream upstream = fixture.upstream(Script.SILENT);
        fixture.start(upstream);
        ScriptedClient client = fixture.open();
        client.sendBytes(client.bytesOf(Handshake.of("/")));
        UpstreamConnection connection = upstream.awaitConnection();
        connection.request();
        client.close();
        connection.awaitEnd();
    }

    @Test
    void halfARequestReachesNobody() {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        fixture.start(upstream);
        ScriptedClient client = fixture.open();
        byte[] request = client.bytesOf(Handshake.of("/"));
        client.sendBytes(java.util.Arrays.copyOf(request, request.length - 2));
        client.close();
        fixture.connect("/");
        assertThat(upstream.connections()).hasSize(1);
    }
}
