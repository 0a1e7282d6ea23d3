package io.tidegate.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.tidegate.testkit.Frame;
import io.tidegate.testkit.MetricSnapshot;
import io.tidegate.testkit.Patience;
import io.tidegate.testkit.ScriptedClient;
import io.tidegate.testkit.process.GatewayProcess;
import io.tidegate.testkit.process.Processes;
import io.tidegate.testkit.process.UpstreamProcess;
import io.tidegate.testkit.process.UpstreamProcess.Kind;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.IntFunction;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections from open to gone, and what the gateway tells of them. */
@Timeout(120)
class ConnectionLifecycleIT {

    private static final String CLOSE = "continuity: close";
    private static final String RECONNECT = "continuity: reconnect";
    private static final String CONFIRM = "continuity: reconnect, confirm: ping";

    @RegisterExtension
    private final Processes processes = new Processes();

    @ParameterizedTest
    @ValueSource(strings = {CLOSE, RECONNECT, CONFIRM})
    void oneConnectionFromOpenToGone(String promise) {
        UpstreamProcess upstream = processes.upstream(Kind.ECHO);
        GatewayProcess gateway = gateway(upstream, promise);
        assertThat(connections(gateway)).isZero();

        JdkClient client = connect(gateway);
        gateway.awaitMetrics(now -> now.value("tidegate_connections") == 1);
        assertThat(handshakes(gateway, "opened")).isEqualTo(1);

        client.send("hello");
        assertThat(client.awaitReceived(1)).containsExactly("hello");
        gateway.awaitStats(books -> books.accepted() == 1 && books.delivered() == 1);

        assertThat(client.closeWith(1000)).isEqualTo(1000);
        gateway.awaitNoSession();
        assertThat(upstream.awaitReceived(1)).containsExactly("hello");
        assertThat(upstream.handshakes()).isEqualTo(1);
        assertMessages(gateway.metrics(), 1, 1);
        assertThat(entered(gateway, "relaying")).isEqualTo(1);
        assertThat(entered(gateway, "reconnecting")).isZero();
        assertThat(entered(gateway, "closed")).isEqualTo(1);
        gateway.awaitStats(books -> books.settled() && books.accepted() == 1).assertAccounted();
        assertThat(gateway.stop()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {CLOSE, CONFIRM})
    void manyConnectionsAtOnceEachHaveTheirOwnReplies(String promise) {
        int clients = 100;
        int messages = 20;
        UpstreamProcess upstream = processes.upstream(Kind.ECHO);
        GatewayProcess gateway = gateway(upstream, promise);

        List<JdkClient> connected = atOnce(clients, number -> {
            JdkClient client = connect(gateway);
            for (String message : messagesOf(number, messages)) {
                client.send(message);
            }
            return client;
        });

        for (int i = 0; i < clients; i++) {
            assertThat(connected.get(i).awaitReceived(messages)).isEqualTo(messagesOf(i, messages));
        }
        assertThat(connections(gateway)).isEqualTo(clients);
        assertThat(handshakes(gateway, "opened")).isEqualTo(clients);
        assertMessages(gateway.metrics(), clients * messages, clients * messages);
        gateway.awaitStats(books -> books.delivered() == clients * messages).assertAccounted();

        // Half of them say goodbye, the others are just gone.
        atOnce(clients, number -> {
            JdkClient client = connected.get(number);
            if (number % 2 == 0) {
                assertThat(client.closeWith(1000)).isEqualTo(1000);
            } else {
                client.close();
            }
            return client;
        });
        gateway.awaitNoSession();
        assertThat(entered(gateway, "closed")).isEqualTo(clients);
        assertThat(upstream.awaitReceived(clients * messages)).hasSize(clients * messages);
    }

    @ParameterizedTest
    @ValueSource(strings = {CLOSE, RECONNECT, CONFIRM})
    void whatASlowUpstreamHasNotReadYetStillReachesItWhenTheGatewayIsStopped(String promise) {
        UpstreamProcess upstream = processes.upstream(Kind.ECHO);
        GatewayProcess gateway = gateway(upstream, promise);
        ScriptedClient client = processes.track(ScriptedClient.connect(gateway.address(), "/"));
        List<String> pending = messagesOf(0, 50);

        upstream.process().suspend();
        pending.forEach(message -> client.send(Frame.text(message)));
        gateway.awaitStats(books -> books.accepted() == pending.size()).assertAccounted();
        gateway.process().terminate();
        if (promise.equals(CONFIRM)) {
            // Nobody is told to go before what it sent is confirmed.
            gateway.awaitMetrics(now -> now.value("tidegate_ready") == 0);
            assertThat(client.ending()).isNull();
            upstream.process().resume();
        }
        Frame close = client.awaitClose();
        if (!promise.equals(CONFIRM)) {
            assertThat(upstream.received()).isEmpty();
            upstream.process().resume();
        }
        client.send(close);

        assertThat(close.closeCode()).isEqualTo(1001);
        assertThat(gateway.process().awaitExit()).isZero();
        assertThat(upstream.awaitReceived(pending.size())).isEqualTo(pending);
    }

    @Test
    void whatCannotBeDeliveredWhenTheGatewayIsStoppedIsCountedAndNobodyIsLetInAnyMore() {
        UpstreamProcess upstream = processes.upstream(Kind.ECHO);
        GatewayProcess gateway = gateway(upstream, RECONNECT);
        ScriptedClient client = processes.track(ScriptedClient.connect(gateway.address(), "/"));
        loseLeg(gateway, upstream);
        client.send(Frame.text("one"));
        client.send(Frame.text("two"));
        gateway.awaitStats(books -> books.queued() == 2).assertAccounted();

        gateway.process().terminate();

        // What waits may still be delivered, so the gateway is there to be asked.
        gateway.awaitMetrics(now -> now.value("tidegate_ready") == 0);
        assertThat(gateway.get("/readyz").body()).isEqualTo("draining\n");
        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(() -> ScriptedClient.open(gateway.address()).close());
        gateway.awaitStats(books -> books.queued() == 2).assertAccounted();

        gateway.process().terminate();
        assertThat(client.awaitClose().closeCode()).isEqualTo(1001);
        client.sendClose(1001, "");
        gateway.process()
                .awaitLine(Pattern.compile("1 sessions \\(1 closed, .*: 0 flushed, 2 dropped \\(closed 2\\);.*"
                        + "accounting: accepted 2 = delivered 0 .* \\+ dropped 2$"));
        assertThat(gateway.process().awaitExit()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {RECONNECT, CONFIRM})
    void metricsAreExactFromConnectToSendToLossToReconnect(String promise) {
        UpstreamProcess upstream = processes.upstream(Kind.ECHO);
        GatewayProcess gateway = gateway(upstream, promise);
        JdkClient client = connect(gateway);

        exchange(client, "1", "2", "3");
        gateway.awaitStats(books -> books.delivered() == 3);
        assertMessages(gateway.metrics(), 3, 3);

        loseLeg(gateway, upstream);
        client.send("4");
        client.send("5");
        gateway.awaitStats(books -> books.queued() == 2).assertAccounted();
        assertThat(connections(gateway)).isEqualTo(1);
        assertMessages(gateway.metrics(), 3, 3);
        assertThat(reconnects(gateway)).isZero();

        upstream.start();
        assertThat(client.awaitReceived(5)).containsExactly("1", "2", "3", "4", "5");
        gateway.awaitStats(books -> books.delivered() == 5 && books.settled()).assertAccounted();
        assertMessages(gateway.metrics(), 5, 5);
        assertThat(reconnects(gateway)).isEqualTo(1);
        assertThat(entered(gateway, "relaying")).isEqualTo(2);

        loseLeg(gateway, upstream);
        upstream.start();
        exchange(client, "6");
        gateway.awaitStats(books -> books.accepted() == 6 && books.delivered() == 6);
        assertThat(reconnects(gateway)).isEqualTo(2);
        assertThat(entered(gateway, "reconnecting")).isEqualTo(2);

        assertThat(client.closeWith(1000)).isEqualTo(1000);
        gateway.awaitNoSession();
        MetricSnapshot last = gateway.metrics();
        assertMessages(last, 6, 6);
        assertThat(last.value("tidegate_connections_total")).isEqualTo(1);
        assertThat(last.value("tidegate_message_bytes_total")).isEqualTo(2 * 6);
        assertThat(entered(gateway, "closed")).isEqualTo(1);
        assertThat(upstream.awaitReceived(6)).containsExactly("1", "2", "3", "4", "5", "6");
    }

    @Test
    void onACloseRouteALossIsTheEndAndCountedAsOne() {
        UpstreamProcess upstream = processes.upstream(Kind.ECHO);
        GatewayProcess gateway = gateway(upstream, CLOSE);
        JdkClient client = connect(gateway);
        exchange(client, "1");

        upstream.kill();

        assertThat(client.awaitClose()).isEqualTo(1014);
        gateway.awaitNoSession();
        assertMessages(gateway.metrics(), 1, 1);
        assertThat(entered(gateway, "reconnecting")).isZero();
        assertThat(entered(gateway, "closed")).isEqualTo(1);
    }

    // the gateway, and what it tells

    private GatewayProcess gateway(UpstreamProcess upstream, String promise) {
        // Patient breakers: it is not them that this is about.
        return processes.gateway("""
                upstreams:
                  chat:
                    endpoints: ["%s"]
                    retry: {maxBackoff: 200ms}
                    breaker: {window: 100000, minimumCalls: 100000}
                routes: [{upstream: chat, %s}]
                """.formatted(upstream.uri(), promise));
    }

    private static double connections(GatewayProcess gateway) {
        return gateway.metrics().value("tidegate_connections");
    }

    private static double handshakes(GatewayProcess gateway, String result) {
        return gateway.metrics().value("tidegate_connections_total", "result", result);
    }

    private static void assertMessages(MetricSnapshot metrics, int toUpstream, int toClient) {
        assertThat(metrics.value("tidegate_messages_total", "direction", "to_upstream"))
                .as("messages to the upstream")
                .isEqualTo(toUpstream);
        assertThat(metrics.value("tidegate_messages_total", "direction", "to_client"))
                .as("messages to clients")
                .isEqualTo(toClient);
    }

    private static long entered(GatewayProcess gateway, String state) {
        return sum(gateway, "states", state);
    }

    private static long reconnects(GatewayProcess gateway) {
        return sum(gateway, "reconnects", "reconnected");
    }

    private static long sum(GatewayProcess gateway, String group, String name) {
        return gateway.stats().json().required("routes").values().stream()
                .mapToLong(route -> route.required(group).path(name).asLong(0))
                .sum();
    }

    /** Kills the upstream; returns when all sessions know. */
    private static void loseLeg(GatewayProcess gateway, UpstreamProcess upstream) {
        long before = entered(gateway, "reconnecting");
        upstream.kill();
        Patience.await("a session that reconnects", () -> entered(gateway, "reconnecting") > before);
    }

    // clients

    private JdkClient connect(GatewayProcess gateway) {
        return processes.track(JdkClient.connect(gateway.uri("/")));
    }

    private static void exchange(JdkClient client, String... messages) {
        int before = client.received().size();
        for (String message : messages) {
            client.send(message);
        }
        assertThat(client.awaitReceived(before + messages.length)).endsWith(messages);
    }

    private static List<String> messagesOf(int client, int count) {
        return IntStream.range(0, count)
                .mapToObj(number -> "client " + client + " message " + number)
                .toList();
    }

    /** Does it for each number below {@code count}, many at the same time. */
    private static <T> List<T> atOnce(int count, IntFunction<T> task) {
        ExecutorService threads = Executors.newFixedThreadPool(16);
        try {
            List<CompletableFuture<T>> running = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                int number = i;
                running.add(CompletableFuture.supplyAsync(() -> task.apply(number), threads));
            }
            return running.stream().map(CompletableFuture::join).toList();
        } finally {
            threads.shutdownNow();
        }
    }
}
