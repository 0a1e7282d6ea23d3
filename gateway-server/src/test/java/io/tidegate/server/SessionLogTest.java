package io.tidegate.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import io.tidegate.server.config.GatewayConfig;
import io.tidegate.server.config.LimitsConfig;
import io.tidegate.server.config.LogConfig;
import io.tidegate.server.config.LogFormat;
import io.tidegate.server.config.LogLevel;
import io.tidegate.server.session.SessionState;
import io.tidegate.testkit.Frame;
import io.tidegate.testkit.Handshake;
import io.tidegate.testkit.HttpHead;
import io.tidegate.testkit.LogCapture;
import io.tidegate.testkit.Peer;
import io.tidegate.testkit.ReservedPort;
import io.tidegate.testkit.Script;
import io.tidegate.testkit.ScriptedClient;
import io.tidegate.testkit.ScriptedUpstream;
import io.tidegate.testkit.UpstreamConnection;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the lines about sessions say, and that there are not too many of them. */
@Timeout(60)
class SessionLogTest {

    private static final String RECONNECT = "continuity: reconnect\n";
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String TRACE_PARENT = "00-" + TRACE + "-00f067aa0ba902b7-01";

    @RegisterExtension
    final GatewayFixture fixture = new GatewayFixture();

    private final LogCapture log = LogCapture.start("io.tidegate", Level.INFO);
    private final LogCapture access = LogCapture.start("tidegate.access", Level.INFO);

    @AfterEach
    void close() {
        log.close();
        access.close();
    }

    private static Map<String, Object> fields(ILoggingEvent line) {
        Map<String, Object> fields = new LinkedHashMap<>();
        if (line.getKeyValuePairs() != null) {
            line.getKeyValuePairs().forEach(pair -> fields.put(pair.key, String.valueOf(pair.value)));
        }
        return fields;
    }

    private ILoggingEvent awaitLine(String words) {
        return log.awaitLine(line -> line.getFormattedMessage().contains(words));
    }

    private List<ILoggingEvent> lines(String words) {
        return log.lines().stream()
                .filter(line -> line.getFormattedMessage().contains(words))
                .toList();
    }

    // lifecycle

    @Test
    void aLossAndWhatComesOfItAreOneLineEachWithTheSessionTheRouteTheEndpointAndWhy() {
        ScriptedUpstream upstream = fixture.upstream(Script.ACCEPT);
        fixture.startRoute(RECONNECT, upstream);
        GatewayFixture.Ends ends = fixture.session(upstream);

        fixture.replace(ends.upstream(), upstream);

        ILoggingEvent lost = awaitLine("upstream leg lost");
        assertThat(lost.getLevel()).isEqualTo(Level.INFO);
        assertThat(fields(lost))
                .containsOnlyKeys("session", "route", "client", "endpoint", "reason")
                .containsEntry("route", "/")
                .containsEntry("endpoint", upstream.uri().toString());
        assertThat(lost.getFormattedMessage())
                .isEqualTo("session " + fields(lost).get("session") + " route / client "
                        + fields(lost).get("client") + " upstream " + upstream.uri() + ": upstream leg lost: "
                        + fields(lost).get("reason"));
        ILoggingEvent reconnected = awaitLine("reconnected");
        assertThat(reconnected.getLevel()).isEqualTo(Level.INFO);
        assertThat(fields(reconnected))
                .containsEntry("session", fields(lost).get("session"))
                .containsEntry("endpoint", upstream.uri().toString())
                .containsKey("durationMillis");
    }

    @Test
    void aSessionThatIsGivenUpIsAWarningThatSaysWhy() {
        ScriptedUpstream upstream = fixture.upstream(Script.ACCEPT);
        fixture.startRoute(RECONNECT + "reconnectFor: 200ms\n", upstream);
        GatewayFixture.Ends ends = fixture.session(upstream);
        upstream.stop();

        assertThat(ends.client().awaitClose().closeCode()).isEqualTo(1014);

        ILoggingEvent line = awaitLine("given up");
        assertThat(line.getLevel()).isEqualTo(Level.WARN);
        assertThat(fields(line)).containsEntry("reason", "upstream lost").containsKeys("session", "route", "endpoint");
    }

    @Test
    void aFailedHandshakeHasTheSameFields() {
        URI nobody = ReservedPort.nobody();
        fixture.startImpatient(nobody);

        fixture.request("/x", "traceparent: " + TRACE_PARENT).awaitResponse();

        ILoggingEvent line = log.awaitOnly(Level.WARN);
        assertThat(fields(line))
                .containsOnlyKeys("session", "route", "client", "traceId", "status", "endpoint", "uri", "reason")
                .containsEntry("status", "502")
                .containsEntry("traceId", TRACE)
                .containsEntry("endpoint", nobody.toString())
                .containsEntry("uri", "/x");
    }

    // storms

    @Test
    void sessionsThatLoseOneEndpointDoNotFloodTheLogAndEachIsCounted() {
        int sessions = 60;
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        fixture.startRoute(RECONNECT, upstream);
        for (int i = 0; i < sessions; i++) {
            fixture.connect("/");
        }
        fixture.awaitState(SessionState.RELAYING, sessions);

        upstream.resetConnections();
        fixture.awaitState(SessionState.RELAYING, 2L * sessions);
        fixture.stop();

        assertCounted("upstream leg lost", sessions);
        assertCounted("reconnected", sessions);
    }

    @Test
    void handshakesThatFailDoNotEither() {
        int handshakes = 100;
        fixture.start(fixture.upstream(Script.refuse(403, "no")));

        List<ScriptedClient> clients = IntStream.range(0, handshakes)
                .mapToObj(i -> fixture.request("/"))
                .toList();
        clients.forEach(ScriptedClient::awaitResponse);
        fixture.stop();

        List<ILoggingEvent> written = lines(" asking for /: 403");
        assertThat(written.size()).isBetween(1, handshakes - 1);
        assertThat(written.size() + keptBack("handshake refused")).isEqualTo(handshakes);
    }

    private void assertCounted(String what, int times) {
        List<ILoggingEvent> written = lines(what).stream()
                .filter(line -> fields(line).containsKey("session"))
                .toList();
        assertThat(written.size()).isBetween(1, times - 1);
        assertThat(written.size() + keptBack(what)).isEqualTo(times);
    }

    private int keptBack(String kind) {
        return lines(kind + ": and ").stream()
                .mapToInt(line -> Integer.parseInt(
                        (String) Objects.requireNonNull(fields(line).get("keptBack"))))
                .sum();
    }

    // access log

    private void startWithAccessLog(ScriptedUpstream upstream) {
        GatewayConfig plain =
                GatewayFixture.config(new LimitsConfig(1 << 20, 100), Peer.PATIENCE, List.of(upstream.uri()));
        fixture.start(new GatewayConfig(
                plain.listeners(),
                plain.admin(),
                plain.upstreams(),
                plain.routes(),
                plain.eventLoops(),
                plain.transport(),
                plain.queueBytes(),
                plain.drain(),
                new LogConfig(LogFormat.TEXT, LogLevel.INFO, true)));
    }

    private ILoggingEvent awaitAccess() {
        return access.awaitOnly(Level.INFO);
    }

    @Test
    void thereIsNoAccessLogUnlessItIsAskedFor() {
        fixture.start(fixture.upstream(Script.ECHO));
        ScriptedClient client = fixture.connect("/");
        client.sendClose(1000, "");
        client.awaitEnd();
        fixture.request("relative").awaitEnd();
        fixture.awaitNoSession();
        fixture.stop();

        assertThat(access.lines()).isEmpty();
        assertThat(log.lines())
                .as("an ordinary session")
                .noneMatch(line -> line.getFormattedMessage().startsWith("session "));
    }

    @Test
    void theAccessLogHasOneLineForEachSession() {
        ScriptedUpstream upstream = fixture.upstream(Script.ECHO);
        startWithAccessLog(upstream);
        ScriptedClient client = fixture.connect("/", "traceparent: " + TRACE_PARENT);
        client.send(Frame.text("one"), Frame.text("two"));
        client.awaitFrames(2);
        client.sendClose(4321, "enough");
        client.awaitEnd();

        Map<String, Object> fields = fields(awaitAccess());
        assertThat(fields)
                .containsEntry("initiator", "client")
                .containsEntry("code", "4321")
                .containsEntry("messagesFromClient", "2")
                .containsEntry("messagesFromUpstream", "2")
                .containsEntry("traceId", TRACE)
                .containsEntry("endpoint", upstream.uri().toString())
                .containsKeys("session", "route", "client", "reason", "durationMillis");
        fixture.awaitNoSession();
        assertThat(access.lines()).hasSize(1).allMatch(line -> line.getLevel() == Level.INFO);
    }

    @ParameterizedTest
    @ValueSource(strings = {"upstream 4001", "client 1006", "gateway 1014", "gateway 1009", "gateway 1001"})
    void theAccessLogSaysWhoEndedASessionAndHow(String initiatorAndCode) {
        ScriptedUpstream upstream = fixture.upstream(Script.ACCEPT);
        startWithAccessLog(upstream);
        GatewayFixture.Ends ends = fixture.session(upstream);
        switch (initiatorAndCode) {
            case "upstream 4001" -> ends.upstream().sendClose(4001, "");
            case "client 1006" -> ends.client().reset();
            case "gateway 1014" -> ends.upstream().reset();
            case "gateway 1009" -> ends.client().send(Frame.text("x".repeat(101)));
            default -> fixture.stop();
        }

        Map<String, Object> fields = fields(awaitAccess());
        assertThat(fields.get("initiator") + " " + fields.get("code")).isEqualTo(initiatorAndCode);
    }

    @Test
    void theAccessLogHasRefusedHandshakesToo() {
        ScriptedUpstream upstream = fixture.upstream(Script.refuse(401, "no"));
        startWithAccessLog(upstream);

        fixture.request("/private").awaitResponse();

        assertThat(fields(awaitAccess()))
                .containsEntry("status", "401")
                .containsEntry("uri", "/private")
                .containsEntry("endpoint", upstream.uri().toString());
    }

    // trace context

    private static Handshake traced(List<String> parents) {
        Handshake handshake = Handshake.of("/");
        parents.forEach(parent -> handshake.add("TraceParent: " + parent));
        return handshake.add("tracestate: a=1").add("tracestate: b@c=2,d=");
    }

    @Test
    void theTraceContextPassesToEachLegAsItIsAndIsInTheLines() {
        ScriptedUpstream upstream = fixture.upstream(Script.ACCEPT);
        fixture.startRoute(RECONNECT, upstream);
        List<String> parents = List.of(TRACE_PARENT);

        connectAndLoseALeg(upstream, parents);

        for (String what : List.of("upstream leg lost", "reconnected")) {
            ILoggingEvent line = awaitLine(what);
            assertThat(line.getFormattedMessage()).contains(" trace " + TRACE + " ");
            assertThat(fields(line)).containsEntry("traceId", TRACE);
        }
    }

    private void connectAndLoseALeg(ScriptedUpstream upstream, List<String> parents) {
        fixture.connect(traced(parents));
        UpstreamConnection first = upstream.awaitConnection();
        assertPassed(first.request(), parents);
        first.reset();
        assertPassed(upstream.awaitConnection().request(), parents);
    }

    private static void assertPassed(HttpHead request, List<String> parents) {
        assertThat(request.headers("traceparent")).isEqualTo(parents);
        assertThat(request.headers("tracestate")).containsExactly("a=1", "b@c=2,d=");
    }

    @ParameterizedTest
    @ValueSource(strings = {"00-not-a-trace-at-all", TRACE_PARENT + "," + TRACE_PARENT})
    void aTraceThatIsNoneOrNotTheOnlyOnePassesAndIsNotLogged(String values) {
        ScriptedUpstream upstream = fixture.upstream(Script.ACCEPT);
        fixture.startRoute(RECONNECT, upstream);

        connectAndLoseALeg(upstream, List.of(values.split(",", -1)));

        awaitLine("reconnected");
        assertThat(log.lines())
                .isNotEmpty()
                .noneMatch(line -> line.getFormattedMessage().contains("trace")
                        || fields(line).containsKey("traceId"));
    }

    @Test
    void theGatewayBeginsNoTrace() {
        GatewayFixture.Ends ends = fixture.session();
        assertThat(ends.upstream().request().names())
                .noneMatch(name -> name.toLowerCase(Locale.ROOT).startsWith("trace"));
    }
}
