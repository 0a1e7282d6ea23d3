package io.tidegate.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import io.tidegate.server.session.Lifecycle;
import io.tidegate.server.session.SessionState;
import io.tidegate.testkit.Blackhole;
import io.tidegate.testkit.Frame;
import io.tidegate.testkit.LogCapture;
import io.tidegate.testkit.Peer;
import io.tidegate.testkit.ReservedPort;
import io.tidegate.testkit.Script;
import io.tidegate.testkit.ScriptedClient;
import io.tidegate.testkit.ScriptedUpstream;
import java.net.URI;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What fails is told in one line, and what does not in none. */
@Timeout(60)
class LogTest {

    @RegisterExtension
    final GatewayFixture fixture = new GatewayFixture();

    static Stream<Named<Script>> failuresOfTheHandshake() {
        return Stream.of(
                Named.of("garbage", Script.GARBAGE),
                Named.of("FIN", Script.HANG_UP),
                Named.of("RST", Script.HANG_UP_HARD),
                Named.of("half an answer and FIN", Script.CUT_OFF),
                Named.of("half an answer and RST", Script.CUT_OFF_HARD),
                Named.of("no answer", Script.SILENT),
                Named.of(
                        "wrong accept",
                        c -> c.accept(a -> a.with("Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA="))),
                Named.of("subprotocol not offered", c -> c.accept(a -> a.subprotocol("v1"))));
    }

    @ParameterizedTest
    @MethodSource("failuresOfTheHandshake")
    void aFailedHandshakeOfTheUpstreamIsOneWarningThatNamesTheEndpoint(Script script) {
        ScriptedUpstream upstream = fixture.upstream(script);
        fixture.startImpatient(upstream.uri());
        assertThat(fixture.request("/").awaitResponse().status()).isIn(502, 504);
        assertOneLineAbout(upstream.uri());
    }

    @Test
    void anUpstreamThatIsDownIsOneWarningThatNamesTheEndpoint() {
        URI nobody = ReservedPort.nobody();
        fixture.startImpatient(nobody);
        assertThat(fixture.request("/").awaitResponse().status()).isEqualTo(502);
        assertOneLineAbout(nobody);
    }

    @Test
    void anUpstreamThatAnswersNoDialIsOneWarningThatNamesTheEndpoint() {
        Blackhole blackhole = fixture.track(new Blackhole());
        fixture.startImpatient(blackhole.uri());
        assertThat(fixture.request("/").awaitResponse().status()).isEqualTo(504);
        assertOneLineAbout(blackhole.uri());
    }

    @ParameterizedTest
    @ValueSource(strings = {"FIN", "RST", "half-close", "violation"})
    void anUpstreamThatIsLostIsOneWarningThatNamesTheEndpoint(String how) {
        ScriptedUpstream upstream = fixture.upstream(Script.ACCEPT);
        fixture.start(upstream);
        ScriptedClient client = fixture.connect("/");
        client.echo();
        Peer lost = upstream.awaitConnection();
        switch (how) {
            case "FIN" -> lost.close();
            case "RST" -> lost.reset();
            case "half-close" -> lost.shutdownOutput();
            default -> lost.send(Frame.of(7, new byte[0]));
        }
        assertThat(client.awaitClose().closeCode()).isIn(1002, 1014);
        client.awaitEnd();
        assertOneLineAbout(upstream.uri());
    }

    @Test
    void sessionsThatEndAsTheyShouldAndClientsThatLeaveAreNoWarnings() {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        fixture.start(upstream);
        ScriptedClient closes = fixture.connect("/");
        closes.sendClose(1000, "");
        closes.awaitEnd();
        fixture.connect("/").reset();
        fixture.connect("/").close();
        upstream.script(Script.refuse(401, "no"));
        fixture.request("/").awaitEnd();
        fixture.awaitNoSession();
        fixture.stop();
        assertThat(fixture.log().atLeast(Level.WARN)).isEmpty();
    }

    @Test
    void eachTransitionOfASessionIsOneLineAtDebugWithBothStates() {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        fixture.startRoute("continuity: reconnect\n", upstream);
        try (LogCapture sessions = LogCapture.start(Lifecycle.class.getName(), Level.DEBUG)) {
            ScriptedClient client = fixture.connect("/");
            fixture.awaitState(SessionState.RELAYING, 1);
            upstream.resetConnections();
            fixture.awaitState(SessionState.RELAYING, 2);
            client.sendClose(1000, "");
            client.awaitEnd();
            fixture.awaitNoSession();
            fixture.awaitState(SessionState.CLOSED, 1);
            sessions.awaitLine(line -> line.getFormattedMessage().contains(": closed after "));
            assertThat(sessions.lines()).allMatch(line -> line.getLevel() == Level.DEBUG);
            assertThat(sessions.lines().stream()
                            .map(line ->
                                    line.getFormattedMessage().replaceFirst("^session \\d+ route / client \\S+: ", ""))
                            .map(line -> line.replaceFirst("( after [a-z]+): .+$", "$1")))
                    .containsExactly(
                            "dialling",
                            "relaying after dialling",
                            "reconnecting after relaying",
                            "relaying after reconnecting",
                            "closing after relaying",
                            "closed after closing");
        }
    }

    @Test
    void aClientsViolationIsAtMostOneLine() {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        fixture.start(upstream);
        try (LogCapture all = LogCapture.start("io.tidegate", Level.INFO)) {
            ScriptedClient client = fixture.connect("/");
            client.send(Frame.of(7, new byte[0]));
            client.awaitEnd();
            fixture.awaitNoSession();
            assertThat(all.lines()).hasSizeLessThanOrEqualTo(1);
        }
    }

    /** A port that faces the world hears much nonsense; it must not fill the log, and nobody else's words go into it. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "\u0016\u0003\u0001 no http\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\nMy Secret Name: 1\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"
            })
    void whatIsNoRequestIsAtMostOneLineOfTheGatewaysOwn(String bytes) {
        fixture.start(fixture.upstream(Script.ECHO));
        ScriptedClient client = fixture.open();
        client.sendBytes(bytes.getBytes(US_ASCII));
        client.awaitEnd();
        fixture.stop();
        assertThat(fixture.log().atLeast(Level.INFO))
                .hasSizeLessThanOrEqualTo(1)
                .allMatch(line -> line.getLoggerName().startsWith("io.tidegate"))
                .allMatch(line -> !line.getFormattedMessage().contains("\n"));
    }

    /** Exactly one line of the gateway, in one line, and not a word of the libraries below. */
    private void assertOneLineAbout(URI endpoint) {
        fixture.awaitNoSession();
        ILoggingEvent line = fixture.log().awaitOnly(Level.WARN);
        fixture.stop();
        List<ILoggingEvent> lines = fixture.log().atLeast(Level.WARN);
        assertThat(lines).containsExactly(line);
        assertThat(line.getLoggerName()).startsWith("io.tidegate");
        assertThat(line.getFormattedMessage())
                .contains(endpoint.getHost() + ":" + endpoint.getPort())
                .doesNotContain("\n");
        assertThat(line.getThrowableProxy()).as("no stack trace").isNull();
    }
}
