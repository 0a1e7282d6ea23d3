package io.tidegate.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.testkit.Frame;
import io.tidegate.testkit.MetricSnapshot;
import io.tidegate.testkit.ScriptedClient;
import io.tidegate.testkit.process.GatewayProcess;
import io.tidegate.testkit.process.Processes;
import io.tidegate.testkit.process.UpstreamProcess;
import io.tidegate.testkit.process.UpstreamProcess.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Breakers between a gateway and upstreams that are processes: what opens and closes them, and what doesn't. */
@Timeout(120)
class CircuitBreakerIT {

    private static final double CLOSED = 0;
    private static final double HALF_OPEN = 1;
    private static final double OPEN = 2;

    /** So long that whatever closes a breaker, it isn't that this was over. */
    private static final String LONG = "1h";

    @RegisterExtension
    private final Processes processes = new Processes();

    @Test
    void failuresOpenItAndThenNobodyIsDialled() {
        UpstreamProcess upstream = processes.upstream(Kind.FAILING);
        GatewayProcess gateway = processes.gateway(upstreams(LONG, 1, upstream) + """
                routes: [{upstream: u0}]
                """);

        for (int i = 0; i < 3; i++) {
            assertThat(state(gateway, upstream)).isEqualTo(CLOSED);
            assertThat(status(gateway, "/client")).isEqualTo(500);
        }

        assertThat(state(gateway, upstream)).isEqualTo(OPEN);
        assertThat(gateway.get("/readyz").statusCode()).isEqualTo(503);
        for (int i = 0; i < 20; i++) {
            ScriptedClient.Response answer = request(gateway, "/client");
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.header("Retry-After")).isNotNull();
        }
        assertThat(upstream.awaitHandshakes("/client", 3)).isEqualTo(3);
        assertTransitions(gateway, upstream, 1, 0, 0);
        assertThat(gateway.metrics().value("tidegate_connections_total", "result", "unavailable"))
                .isEqualTo(20);
    }

    @Test
    void deadProcessesOpenItAsWell() {
        UpstreamProcess upstream = processes.upstream(Kind.ECHO);
        GatewayProcess gateway = processes.gateway(upstreams(LONG, 1, upstream) + """
                routes: [{upstream: u0}]
                """);
        upstream.kill();

        assertThat(List.of(status(gateway, "/"), status(gateway, "/"), status(gateway, "/"), status(gateway, "/")))
                .containsExactly(502, 502, 502, 503);

        assertTransitions(gateway, upstream, 1, 0, 0);
    }

    @Test
    void messagesWaitWhileItIsOpenAndGoInOrderOnceItRecovers() {
        int clients = 5;
        UpstreamProcess upstream = processes.upstream(Kind.ECHO);
        GatewayProcess gateway = processes.gateway(upstreams(LONG, 2, upstream) + """
                routes: [{upstream: u0, continuity: reconnect, confirm: ping}]
                """);
        List<JdkClient> connected = connect(gateway, clients);
        for (int i = 0; i < clients; i++) {
            connected.get(i).send("client " + i + " before");
            connected.get(i).awaitReceived(1);
        }
        gateway.awaitStats(books -> books.delivered() == clients);

        upstream.kill();
        awaitState(gateway, upstream, OPEN);
        for (int i = 0; i < clients; i++) {
            for (int number = 0; number < 40; number++) {
                connected.get(i).send("client " + i + " waiting " + number);
            }
        }
        gateway.awaitStats(books -> books.queued() == clients * 40).assertAccounted();
        assertTransitions(gateway, upstream, 1, 0, 0);
        double dials = dials(gateway, upstream);
        upstream.start();

        upstream.awaitReceived(clients * 41);
        for (int i = 0; i < clients; i++) {
            String name = "client " + i;
            List<String> all = Stream.concat(
                            Stream.of(name + " before"),
                            IntStream.range(0, 40).mapToObj(number -> name + " waiting " + number))
                    .toList();
            assertThat(connected.get(i).awaitReceived(41)).isEqualTo(all);
            assertThat(upstream.received().stream().filter(message -> message.startsWith(name)))
                    .containsExactlyElementsOf(all);
        }
        gateway.awaitStats(books -> books.delivered() == clients * 41).assertAccounted();
        assertThat(state(gateway, upstream)).isEqualTo(CLOSED);
        assertTransitions(gateway, upstream, 1, 1, 1);
        // Nobody dialled in vain: one dial for each session.
        assertThat(dials(gateway, upstream) - dials).isEqualTo(clients);
        assertThat(connected).allMatch(JdkClient::isOpen);
    }

    @Test
    void itOpensAgainWhenAProbeFailsAndClosesAfterAGoodOne() {
        UpstreamProcess upstream = processes.upstream(Kind.FAILING);
        GatewayProcess gateway = processes.gateway(upstreams("200ms", 1, upstream) + """
                routes: [{upstream: u0}]
                """);
        for (int i = 0; i < 3; i++) {
            assertThat(status(gateway, "/")).isEqualTo(500);
        }

        // By itself, as nobody asks.
        awaitState(gateway, upstream, HALF_OPEN);
        assertTransitions(gateway, upstream, 1, 1, 0);

        assertThat(status(gateway, "/")).isEqualTo(500);
        awaitState(gateway, upstream, HALF_OPEN);
        assertTransitions(gateway, upstream, 2, 2, 0);

        upstream.kill();
        upstream.start(Kind.ECHO);
        JdkClient client = processes.track(JdkClient.connect(gateway.uri("/")));
        client.send("well again");
        client.awaitReceived(1);
        assertThat(state(gateway, upstream)).isEqualTo(CLOSED);
        assertTransitions(gateway, upstream, 2, 2, 1);
        gateway.awaitReady();
    }

    @Test
    void halfOpenItWaitsForAllItsProbes() {
        UpstreamProcess upstream = processes.upstream(Kind.FAILING);
        GatewayProcess gateway = processes.gateway(upstreams(LONG, 3, upstream) + """
                routes: [{upstream: u0}]
                """);
        for (int i = 0; i < 3; i++) {
            assertThat(status(gateway, "/")).isEqualTo(500);
        }
        upstream.kill();
        upstream.start(Kind.ECHO);

        // The gateway found out that it is back.
        awaitState(gateway, upstream, HALF_OPEN);

        connect(gateway, 2);
        assertThat(state(gateway, upstream)).isEqualTo(HALF_OPEN);
        connect(gateway, 1);
        assertThat(state(gateway, upstream)).isEqualTo(CLOSED);
        assertTransitions(gateway, upstream, 1, 1, 1);
    }

    @Test
    void aBadEndpointIsLeftOutAndTheGoodOneServesAll() {
        UpstreamProcess good = processes.upstream(Kind.ECHO);
        UpstreamProcess dead = processes.upstream(Kind.ECHO);
        UpstreamProcess dying = processes.upstream(Kind.DYING);
        GatewayProcess gateway = processes.gateway(upstreams(LONG, 1, List.of(good, dead, dying)) + """
                routes: [{upstream: u0, continuity: reconnect, confirm: ping}]
                """);
        dead.kill();

        for (JdkClient client : connect(gateway, 20)) {
            client.send("one");
            client.send("two");
            assertThat(client.awaitReceived(2)).containsExactly("one", "two");
            assertThat(client.isOpen()).isTrue();
        }

        assertThat(state(gateway, dead)).isEqualTo(OPEN);
        assertTransitions(gateway, dead, 1, 0, 0);
        assertThat(transitions(gateway, dying, "open")).isPositive();
        assertTransitions(gateway, good, 0, 0, 0);
        assertThat(gateway.get("/readyz").statusCode()).isEqualTo(200);
    }

    @Test
    void anUpstreamThatIsDownDoesNotTouchTheSessionsOfAnother() {
        UpstreamProcess sound = processes.upstream(Kind.ECHO);
        UpstreamProcess failing = processes.upstream(Kind.FAILING);
        GatewayProcess gateway = processes.gateway(upstreams(LONG, 1, sound, failing) + """
                routes:
                  - {path: /sound, upstream: u0, continuity: reconnect}
                  - {path: /failing, upstream: u1, continuity: reconnect}
                """);
        JdkClient client = processes.track(JdkClient.connect(gateway.uri("/sound")));

        for (int i = 0; i < 20; i++) {
            assertThat(status(gateway, "/failing")).isEqualTo(i < 3 ? 500 : 503);
            client.send("message " + i);
            client.awaitReceived(i + 1);
        }

        assertThat(state(gateway, failing)).isEqualTo(OPEN);
        assertTransitions(gateway, sound, 0, 0, 0);
        assertThat(sound.awaitHandshakes("/sound", 1)).isEqualTo(1);
        assertThat(client.isOpen()).isTrue();
    }

    @Test
    void badClientsNeverOpenABreaker() {
        UpstreamProcess upstream = processes.upstream(Kind.ECHO);
        GatewayProcess gateway = processes.gateway(upstreams(LONG, 1, upstream) + """
                routes:
                  - {path: /close, upstream: u0, limits: {message: 1KiB, frame: 1KiB}}
                  - {path: /reconnect, upstream: u0, continuity: reconnect, limits: {message: 1KiB, frame: 1KiB}}
                """);
        List<String> paths = List.of("/close", "/reconnect");
        List<JdkClient> good = paths.stream()
                .map(path -> processes.track(JdkClient.connect(gateway.uri(path))))
                .toList();

        for (int i = 0; i < 10; i++) {
            for (String path : paths) {
                // gone within the time in which the end of a leg says something about its endpoint
                ScriptedClient.connect(gateway.address(), path).reset();
                ScriptedClient.connect(gateway.address(), path).close();
                try (ScriptedClient violating = ScriptedClient.connect(gateway.address(), path)) {
                    violating.sendExactly(Frame.text("not masked"));
                    assertThat(violating.awaitClose().closeCode()).isEqualTo(1002);
                }
                try (ScriptedClient huge = ScriptedClient.connect(gateway.address(), path)) {
                    huge.send(Frame.binary(new byte[2048]));
                    assertThat(huge.awaitClose().closeCode()).isEqualTo(1009);
                }
                assertThat(request(gateway, path, "Sec-WebSocket-Version: 12").status())
                        .isEqualTo(426);
            }
        }
        gateway.awaitMetrics(now -> now.value("tidegate_connections") == good.size());

        assertTransitions(gateway, upstream, 0, 0, 0);
        for (JdkClient client : good) {
            client.send("still here");
            assertThat(client.awaitReceived(1)).containsExactly("still here");
        }
    }

    @Test
    void clientsThatNoServerCanServeKeepNobodyElseAway() {
        List<UpstreamProcess> upstreams = List.of(processes.upstream(Kind.FRAGILE), processes.upstream(Kind.FRAGILE));
        GatewayProcess gateway = processes.gateway(upstreams(LONG, 1, upstreams) + """
                routes:
                  - {path: /reconnect, upstream: u0, continuity: reconnect, confirm: ping}
                  - {path: /close, upstream: u0}
                """);
        // Its message is sent again on every leg, and every leg dies of it.
        JdkClient poisoner = processes.track(JdkClient.connect(gateway.uri("/reconnect")));
        poisoner.send("poison");

        for (int i = 0; i < 40; i++) {
            assertThat(status(gateway, "/close/crash")).isEqualTo(502);
            ScriptedClient killer = ScriptedClient.connect(gateway.address(), "/close");
            killer.send(Frame.text("poison"));
            assertThat(killer.awaitClose().closeCode()).isEqualTo(1014);
            killer.close();
            for (String path : List.of("/close", "/reconnect")) {
                try (ScriptedClient good = ScriptedClient.connect(gateway.address(), path)) {
                    good.send(Frame.text("good"));
                    assertThat(good.awaitFrame()).isEqualTo(Frame.text("good"));
                }
            }
        }

        upstreams.forEach(upstream -> assertTransitions(gateway, upstream, 0, 0, 0));
        assertThat(poisoner.isOpen()).isTrue();
    }

    @Test
    void legsThatDoNotAnswerPingsOpenItAndTheirMessagesGoElsewhere() {
        UpstreamProcess sound = processes.upstream(Kind.ECHO);
        UpstreamProcess hanging = processes.upstream(Kind.ECHO);
        GatewayProcess gateway = processes.gateway(upstreams(LONG, 1, List.of(sound, hanging)) + """
                routes:
                  - upstream: u0
                    continuity: reconnect
                    confirm: ping
                    ping: {interval: 300ms, timeout: 5s}
                """);
        int clients = 8;
        List<JdkClient> connected = connect(gateway, clients);
        assertThat(hanging.awaitHandshakes("/", clients / 2)).isEqualTo(clients / 2);

        hanging.process().suspend();
        connected.forEach(client -> client.send("hello"));

        for (JdkClient client : connected) {
            assertThat(client.awaitReceived(1)).containsExactly("hello");
        }
        // Once the gateway's own leg has had no answer, either.
        awaitState(gateway, hanging, OPEN);
        assertTransitions(gateway, hanging, 1, 0, 0);
        assertTransitions(gateway, sound, 0, 0, 0);
        assertThat(sound.awaitReceived(clients)).hasSize(clients);
        assertThat(connected).allMatch(JdkClient::isOpen);
        hanging.process().resume();
        awaitState(gateway, hanging, HALF_OPEN, CLOSED);
    }

    // the gateway

    /** Upstreams {@code u0}, {@code u1}, … of one endpoint each. */
    private static String upstreams(String openFor, int halfOpenCalls, UpstreamProcess... each) {
        StringBuilder yaml = new StringBuilder("upstreams:\n");
        for (int i = 0; i < each.length; i++) {
            yaml.append(upstream("u" + i, openFor, halfOpenCalls, List.of(each[i])));
        }
        return yaml.toString();
    }

    /** One upstream, {@code u0}. */
    private static String upstreams(String openFor, int halfOpenCalls, List<UpstreamProcess> endpoints) {
        return "upstreams:\n" + upstream("u0", openFor, halfOpenCalls, endpoints);
    }

    private static String upstream(String name, String openFor, int halfOpenCalls, List<UpstreamProcess> endpoints) {
        return """
                  %s:
                    endpoints: %s
                    connectTimeout: 10s
                    retry: {maxAttempts: %d, maxBackoff: 200ms}
                    breaker: {window: 6, minimumCalls: 3, failureRate: 50%%, openFor: %s, halfOpenCalls: %d}
                """.formatted(
                        name,
                        endpoints.stream()
                                .map(endpoint -> "\"" + endpoint.uri() + "\"")
                                .toList(),
                        endpoints.size(),
                        openFor,
                        halfOpenCalls)
                .indent(2);
    }

    private static double state(GatewayProcess gateway, UpstreamProcess endpoint) {
        return state(gateway.metrics(), endpoint);
    }

    private static double state(MetricSnapshot metrics, UpstreamProcess endpoint) {
        String label = endpoint.uri().toString();
        assertThat(metrics.has("tidegate_breaker_state", "endpoint", label)).isTrue();
        return metrics.value("tidegate_breaker_state", "endpoint", label);
    }

    private static void awaitState(GatewayProcess gateway, UpstreamProcess endpoint, Double... wanted) {
        gateway.awaitMetrics(now -> List.of(wanted).contains(state(now, endpoint)));
    }

    private static double transitions(GatewayProcess gateway, UpstreamProcess endpoint, String to) {
        return gateway.metrics()
                .value(
                        "tidegate_breaker_transitions_total",
                        "endpoint",
                        endpoint.uri().toString(),
                        "to",
                        to);
    }

    private static void assertTransitions(
            GatewayProcess gateway, UpstreamProcess endpoint, int open, int halfOpen, int closed) {
        assertThat(List.of(
                        transitions(gateway, endpoint, "open"),
                        transitions(gateway, endpoint, "half_open"),
                        transitions(gateway, endpoint, "closed")))
                .as("transitions to open, half-open and closed")
                .containsExactly((double) open, (double) halfOpen, (double) closed);
    }

    private static long dials(GatewayProcess gateway, UpstreamProcess endpoint) {
        return gateway.stats()
                .json()
                .required("upstreams")
                .required("u0")
                .required("endpoints")
                .required(endpoint.uri().toString())
                .required("dials")
                .asLong();
    }

    // clients

    private List<JdkClient> connect(GatewayProcess gateway, int count) {
        List<JdkClient> clients = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            clients.add(processes.track(JdkClient.connect(gateway.uri("/"))));
        }
        return clients;
    }

    private static int status(GatewayProcess gateway, String target) {
        return request(gateway, target).status();
    }

    private static ScriptedClient.Response request(GatewayProcess gateway, String target, String... headerLines) {
        try (ScriptedClient client = ScriptedClient.request(gateway.address(), target, headerLines)) {
            return client.awaitResponse();
        }
    }
}
