package io.tidegate.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tidegate.testkit.Frame;
import io.tidegate.testkit.Handshake;
import io.tidegate.testkit.MetricSnapshot;
import io.tidegate.testkit.Patience;
import io.tidegate.testkit.Script;
import io.tidegate.testkit.ScriptedClient;
import io.tidegate.testkit.process.GatewayProcess;
import io.tidegate.testkit.process.Processes;
import io.tidegate.testkit.process.UpstreamProcess;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of clients and their messages when their upstream, a process, is killed and comes back. */
@Timeout(120)
class ErrorRecoveryIT {

    @RegisterExtension
    private final Processes processes = new Processes();

    // failure and recovery

    @Test
    void aSessionOutlivesItsUpstreamAgainAndAgain() {
        UpstreamProcess upstream = processes.upstream(UpstreamProcess.Kind.ECHO);
        GatewayProcess gateway = gateway(upstream, "");
        ScriptedClient client = connect(gateway, "/");

        int lives = 11;
        for (int life = 1; life <= lives; life++) {
            client.send(Frame.text("in life " + life));
            assertThat(client.awaitFrame()).isEqualTo(Frame.text("in life " + life));
            if (life < lives) {
                upstream.kill();
                upstream.start();
                awaitLeg(gateway, life);
            }
        }

        assertThat(upstream.awaitReceived(lives))
                .isEqualTo(IntStream.rangeClosed(1, lives)
                        .mapToObj(life -> "in life " + life)
                        .toList());
        assertThat(reconnects(gateway, "reconnected")).isEqualTo(lives - 1);
        assertThat(gateway.stats().all().delivered()).isEqualTo(lives);
        assertThat(client.ending()).isNull();
    }

    @Test
    void whenTheUpstreamDoesNotComeBackInTimeTheClientIsToldAndWhatWaitedIsCounted() {
        UpstreamProcess upstream = processes.upstream(UpstreamProcess.Kind.ECHO);
        GatewayProcess gateway = gateway(upstream, "reconnectFor: 5s,");
        ScriptedClient client = connect(gateway, "/");
        upstream.kill();
        awaitNoLeg(client);

        send(client, numbered(1, 3));

        assertThat(client.awaitClose().closeCode()).isEqualTo(1014);
        gateway.awaitStats(books -> books.settled() && books.dropped("undeliverable") == 3);
        assertThat(reconnects(gateway, "gave-up")).isEqualTo(1);
    }

    // queue and retry

    @ParameterizedTest
    @ValueSource(strings = {"", "confirm: ping,"})
    void whatIsSentWhileThereIsNoUpstreamIsDeliveredInOrderAndOnce(String confirm) {
        UpstreamProcess upstream = processes.upstream(UpstreamProcess.Kind.ECHO);
        GatewayProcess gateway = gateway(upstream, confirm);
        ScriptedClient client = connect(gateway, "/");
        List<String> before = numbered(1, 50);
        List<String> waiting = numbered(51, 300);
        List<String> after = numbered(301, 350);
        send(client, before);
        client.awaitFrames(before.size());
        gateway.awaitStats(books -> books.delivered() == before.size());

        upstream.kill();
        awaitNoLeg(client);
        send(client, waiting);
        gateway.awaitStats(books -> books.queued() == waiting.size());
        upstream.start();
        send(client, after);

        assertThat(texts(client, waiting.size() + after.size())).isEqualTo(joined(waiting, after));
        assertThat(upstream.awaitReceived(350)).isEqualTo(joined(before, waiting, after));
        gateway.awaitStats(books -> books.delivered() == 350 && books.accepted() == 350);
    }

    @Test
    void aRequestWhoseUpstreamDiedOnItIsRetriedAndAnsweredOnce() {
        UpstreamProcess upstream = processes.upstream(UpstreamProcess.Kind.SINK);
        GatewayProcess gateway = gateway(upstream, "requests: {protocol: json-rpc},");
        ScriptedClient client = connect(gateway, "/");
        send(client, List.of(request(1), request(2)));
        upstream.awaitReceived(request(2));

        upstream.kill();
        send(client, List.of(request(3)));
        upstream.start(UpstreamProcess.Kind.JSON_RPC);

        assertThat(texts(client, 3)).containsExactly(reply(1), reply(2), reply(3));
        assertThat(upstream.awaitReceived(5))
                .containsExactly(request(1), request(2), request(1), request(2), request(3));
        gateway.awaitStats(books -> books.delivered() == 3 && books.settled());
        assertThat(client.frames()).hasSize(3);
    }

    // dedup

    @Test
    void aMessageThatCameBeforeIsDroppedAlsoWhenTheUpstreamIsAnotherByThen() {
        UpstreamProcess upstream = processes.upstream(UpstreamProcess.Kind.ECHO);
        GatewayProcess gateway = gateway(upstream, "dedup: {key: /id},");
        ScriptedClient client = connect(gateway, "/");
        send(client, List.of(withId(1), withId(2), withId(1)));
        client.awaitFrames(2);

        upstream.kill();
        awaitNoLeg(client);
        send(client, List.of(withId(2), withId(3), withId(3)));
        upstream.start();
        send(client, List.of(withId(3), withId(4)));

        assertThat(texts(client, 2)).containsExactly(withId(3), withId(4));
        assertThat(upstream.awaitReceived(4)).containsExactly(withId(1), withId(2), withId(3), withId(4));
        gateway.awaitStats(books -> books.delivered() == 4 && books.duplicate() == 4);
    }

    @Test
    void aResendOfAMessageThatExpiredIsDelivered() {
        UpstreamProcess upstream = processes.upstream(UpstreamProcess.Kind.ECHO);
        GatewayProcess gateway = gateway(upstream, "dedup: {key: /id}, queue: {ttl: 300ms},");
        ScriptedClient client = connect(gateway, "/");
        upstream.kill();
        awaitNoLeg(client);
        send(client, List.of(withId(1)));
        gateway.awaitStats(books -> books.expired() == 1);

        upstream.start();
        awaitLeg(gateway, 1);
        send(client, List.of(withId(1), withId(1)));

        assertThat(texts(client, 1)).containsExactly(withId(1));
        gateway.awaitStats(books -> books.delivered() == 1 && books.duplicate() == 1 && books.settled());
        assertThat(upstream.awaitReceived(1)).containsExactly(withId(1));
    }

    @Test
    void aResendByAClientThatConnectsAnewIsDeliveredIfItsFirstDeliveryFailedAndElseDropped() {
        UpstreamProcess upstream = processes.upstream(UpstreamProcess.Kind.ECHO);
        GatewayProcess gateway = gateway(upstream, "confirm: ping, reconnectFor: 5s, dedup: {key: /id, scope: route},");
        ScriptedClient client = connect(gateway, "/");
        send(client, List.of(withId(1)));
        client.awaitFrame();
        gateway.awaitStats(books -> books.delivered() == 1);
        upstream.process().suspend();
        // Written, so that it may be in the upstream's sockets; never confirmed.
        send(client, List.of(withId(2)));
        gateway.awaitStats(books -> books.unconfirmed() == 1);
        upstream.kill();
        send(client, List.of(withId(3)));
        assertThat(client.awaitClose().closeCode()).isEqualTo(1014);
        gateway.awaitStats(books -> books.settled() && books.dropped("undeliverable") == 2);

        upstream.start();
        ScriptedClient anew = connect(gateway, "/");
        send(anew, List.of(withId(1), withId(2), withId(3), withId(2)));

        assertThat(texts(anew, 2)).containsExactly(withId(2), withId(3));
        gateway.awaitStats(books -> books.delivered() == 3 && books.duplicate() == 2 && books.settled());
        assertThat(upstream.awaitReceived(3)).containsExactly(withId(1), withId(2), withId(3));
    }

    // overflow

    @Test
    void overflowDropsTheOldest() {
        assertThat(survivors("drop-oldest")).containsExactly("8", "9", "10", "11", "12");
    }

    @Test
    void overflowDropsTheNewest() {
        assertThat(survivors("drop-newest")).containsExactly("1", "2", "3", "4", "5");
    }

    /** Which of 12 messages reach the upstream when 5 may wait for it. */
    private List<String> survivors(String overflow) {
        UpstreamProcess upstream = processes.upstream(UpstreamProcess.Kind.ECHO);
        GatewayProcess gateway = gateway(upstream, "queue: {maxMessages: 5, overflow: " + overflow + "},");
        ScriptedClient client = connect(gateway, "/");
        upstream.kill();
        awaitNoLeg(client);

        send(client, numbered(1, 12));
        gateway.awaitStats(books -> books.accepted() == 12);
        gateway.stats().assertAccounted();
        upstream.start();

        List<String> received = texts(client, 5);
        gateway.awaitStats(books -> books.delivered() == 5 && books.dropped("overflow") == 7 && books.settled());
        assertThat(upstream.awaitReceived(received.size())).isEqualTo(received);
        return received;
    }

    @Test
    void overflowClosesTheSession() {
        UpstreamProcess upstream = processes.upstream(UpstreamProcess.Kind.ECHO);
        GatewayProcess gateway = gateway(upstream, "queue: {maxMessages: 5, overflow: close},");
        ScriptedClient client = connect(gateway, "/");
        upstream.kill();
        awaitNoLeg(client);

        send(client, numbered(1, 6));

        assertThat(client.awaitClose().closeCode()).isEqualTo(1013);
        gateway.awaitStats(books -> books.settled() && books.accepted() == 6 && books.droppedInAll() == 6);
    }

    @Test
    void overflowHoldsTheClientBackAndLosesNothing() {
        UpstreamProcess upstream = processes.upstream(UpstreamProcess.Kind.ECHO);
        GatewayProcess gateway = gateway(upstream, "queue: {maxMessages: 5, overflow: pause},");
        ScriptedClient client = connect(gateway, "/");
        upstream.kill();
        awaitNoLeg(client);

        List<String> messages = numbered(1, 500);
        send(client, messages);
        gateway.awaitStats(books -> books.queued() == 5);
        upstream.start();

        assertThat(texts(client, messages.size())).isEqualTo(messages);
        gateway.awaitStats(books -> books.delivered() == messages.size() && books.settled());
        assertThat(upstream.awaitReceived(messages.size())).isEqualTo(messages);
        assertThat(gateway.stats().all().droppedInAll()).isZero();
    }

    // backoff, measured where it is felt: at the listening socket

    /** Ceilings of the waits between tries before the 101, in milliseconds: 40, 80, 160, and no more than 160. */
    @Test
    void theWaitsBeforeAClientsNextTryGrowAndAreCappedAndJittered() {
        int tries = 6;
        int clients = 12;
        int waves = 8;
        DialLog dials = processes.track(
                new DialLog((target, before) -> target.startsWith("/fails") ? Script.HANG_UP_HARD : Script.ACCEPT));
        GatewayProcess gateway = processes.gateway("""
                upstreams:
                  chat:
                    endpoints: ["%s"]
                    breaker: {window: 10000, minimumCalls: 10000}
                    retry: {maxAttempts: %d, firstBackoff: 40ms, maxBackoff: 160ms, budget: 100%%}
                routes: [{upstream: chat}]
                """.formatted(dials.uri(), tries));

        List<Gaps> steps = Stream.generate(Gaps::new).limit(tries - 1).toList();
        for (int wave = 0; wave < waves; wave++) {
            payIn(gateway, clients * (tries - 1));
            List<ScriptedClient> waiting = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                ScriptedClient client = processes.track(ScriptedClient.open(gateway.address()));
                client.sendBytes(client.bytesOf(Handshake.of("/fails/" + wave + "/" + i)));
                waiting.add(client);
            }
            for (int i = 0; i < clients; i++) {
                assertThat(waiting.get(i).awaitResponse().status()).isEqualTo(502);
                List<Long> moments = dials.of("/fails/" + wave + "/" + i);
                assertThat(moments).hasSize(tries);
                for (int step = 0; step < tries - 1; step++) {
                    steps.get(step).add(moments.get(step + 1) - moments.get(step));
                }
            }
        }

        MetricSnapshot metrics = gateway.metrics();
        assertThat(metrics.value("tidegate_retries_total", "result", "failure"))
                .isEqualTo(waves * clients * (tries - 1));
        assertThat(metrics.value("tidegate_retries_total", "result", "denied")).isZero();
        String measured = "in ms: " + steps;
        // Expected medians: 20, 40, and three times 80, and what a dial takes on top of each: differences are free of
        // that. What the bounds leave is four standard deviations of the medians at the least.
        Gaps capped = Gaps.of(steps.subList(2, tries - 1));
        assertThat(capped.median() - steps.get(0).median()).as(measured).isGreaterThan(20);
        assertThat(capped.median() - steps.get(1).median()).as(measured).isGreaterThan(10);
        // Were they not capped, the last would be four times the third: 320 and 80.
        assertThat(steps.get(4).median() - steps.get(2).median()).as(measured).isLessThan(120);
        // Spread evenly over all of what is below the ceiling: expected are 16 and 144, above the shortest of all.
        double shortest = steps.get(0).quantile(0);
        assertThat(capped.quantile(0.1) - shortest).as(measured).isLessThan(50);
        assertThat(capped.quantile(0.9) - capped.quantile(0.1)).as(measured).isGreaterThan(50);
    }

    /** The ceiling is the time since the loss, from 50 ms up to maxBackoff. */
    @Test
    void theWaitsBeforeALostLegIsDialledAgainGrowAndAreCappedAndJittered() throws Exception {
        int sessions = 30;
        DialLog dials =
                processes.track(new DialLog((target, before) -> before == 0 ? Script.ACCEPT : Script.HANG_UP_HARD));
        GatewayProcess gateway = processes.gateway("""
                upstreams:
                  chat:
                    endpoints: ["%s"]
                    breaker: {window: 10000, minimumCalls: 10000}
                    retry: {firstBackoff: 40ms, maxBackoff: 1s}
                    reconnectRate: 100000/s
                routes: [{upstream: chat, continuity: reconnect, reconnectFor: 7s}]
                """.formatted(dials.uri()));
        List<ScriptedClient> clients = new ArrayList<>();
        for (int i = 0; i < sessions; i++) {
            clients.add(connect(gateway, "/" + i));
        }

        long lost = System.nanoTime();
        dials.resetConnections();
        for (ScriptedClient client : clients) {
            assertThat(client.awaitClose().closeCode()).isEqualTo(1014);
        }

        Gaps growing = new Gaps(); // in percent of their ceilings
        Gaps late = new Gaps();
        for (int i = 0; i < sessions; i++) {
            List<Long> moments = dials.of("/" + i);
            for (int n = 1; n + 1 < moments.size(); n++) {
                long sinceLoss = moments.get(n) - lost;
                long gap = moments.get(n + 1) - moments.get(n);
                if (sinceLoss < 1_000_000_000) {
                    growing.add((long) (gap * 100e6 / Math.max(50_000_000, sinceLoss)));
                } else if (sinceLoss > 1_500_000_000) {
                    late.add(gap);
                }
            }
        }
        String measured = "growing, in percent: " + growing + ", late, in ms: " + late;
        assertThat(late.count()).as(measured).isGreaterThan(2 * sessions);
        assertThat(growing.count()).as(measured).isGreaterThan(0);
        // Some seven a session, and half of the ceiling is expected, and what a dial takes on top. Were the ceiling 1 s
        // from the beginning, the median would be over 150; were it 50 ms for ever, some 5. A machine that stands still
        // as the legs are lost leaves few: then there is too little to judge by.
        if (growing.count() >= sessions) {
            assertThat(growing.median()).as(measured).isBetween(20.0, 150.0);
        }
        // Were they not capped, the median would be some 1,500.
        assertThat(late.median()).as(measured).isLessThan(900);
        // Spread evenly over all of what is below the ceiling.
        assertThat(late.quantile(0.1)).as(measured).isLessThan(400);
        assertThat(late.quantile(0.9) - late.quantile(0.1)).as(measured).isGreaterThan(400);
    }

    // retries

    @Test
    void theRetrySuccessRateIsWhatTheUpstreamSaw() {
        int clients = 40;
        // Of each four clients, one is served at once, and the others when one, two and three dials have failed.
        DialLog dials = processes.track(new DialLog((target, before) ->
                target.startsWith("/ok") || before >= number(target) % 4 ? Script.ACCEPT : Script.HANG_UP_HARD));
        GatewayProcess gateway = processes.gateway("""
                upstreams:
                  chat:
                    endpoints: ["%s"]
                    breaker: {window: 10000, minimumCalls: 10000}
                    retry: {maxAttempts: 4, firstBackoff: 5ms, maxBackoff: 20ms, budget: 100%%}
                routes: [{upstream: chat}]
                """.formatted(dials.uri()));
        payIn(gateway, 2 * clients);

        for (int i = 0; i < clients; i++) {
            connect(gateway, "/" + i).reset();
        }

        long retries = 0;
        for (int i = 0; i < clients; i++) {
            assertThat(dials.of("/" + i)).hasSize(1 + i % 4);
            retries += dials.of("/" + i).size() - 1;
        }
        long succeeded = clients * 3 / 4;
        MetricSnapshot metrics = gateway.metrics();
        double success = metrics.value("tidegate_retries_total", "result", "success");
        double failure = metrics.value("tidegate_retries_total", "result", "failure");
        assertThat(success).isEqualTo(succeeded);
        assertThat(success + failure).isEqualTo(retries);
        assertThat(success / (success + failure)).isCloseTo(0.5, within(1e-9));
        assertThat(metrics.value("tidegate_retries_total", "result", "denied")).isZero();
    }

    private static int number(String target) {
        return Integer.parseInt(target.substring(target.lastIndexOf('/') + 1));
    }

    /** Dials that succeed at once, each of which allows a retry later on. */
    private void payIn(GatewayProcess gateway, int retries) {
        for (int i = 0; i < retries; i++) {
            try (ScriptedClient client = ScriptedClient.connect(gateway.address(), "/ok")) {
                client.reset();
            }
        }
    }

    // the stage

    /** Its breaker never opens: what is tested is what becomes of messages. */
    private GatewayProcess gateway(UpstreamProcess upstream, String route) {
        return processes.gateway("""
                upstreams:
                  chat:
                    endpoints: ["%s"]
                    breaker: {window: 10000, minimumCalls: 10000}
                    retry: {firstBackoff: 10ms, maxBackoff: 100ms}
                routes: [{upstream: chat, continuity: reconnect, %s path: /}]
                """.formatted(upstream.uri(), route));
    }

    private ScriptedClient connect(GatewayProcess gateway, String target) {
        return processes.track(ScriptedClient.connect(gateway.address(), target));
    }

    /** Waits until the gateway answers pings itself, as it does while there is no upstream leg. */
    private static void awaitNoLeg(ScriptedClient client) {
        client.send(Frame.ping("lost?"));
        client.awaitFrame("a Pong of the gateway's", Frame.pong("lost?")::equals);
    }

    private static void awaitLeg(GatewayProcess gateway, int reconnects) {
        Patience.await("so many reconnects: " + reconnects, () -> reconnects(gateway, "reconnected") == reconnects);
    }

    private static long reconnects(GatewayProcess gateway, String result) {
        return gateway.stats().json().at("/routes/~1/reconnects/" + result).asLong(0);
    }

    private static void send(ScriptedClient client, List<String> messages) {
        client.send(messages.stream().map(Frame::text).toArray(Frame[]::new));
    }

    private static List<String> texts(ScriptedClient client, int count) {
        return client.awaitFrames(count).stream().map(Frame::text).toList();
    }

    private static List<String> numbered(int from, int to) {
        return IntStream.rangeClosed(from, to).mapToObj(Integer::toString).toList();
    }

    @SafeVarargs
    private static List<String> joined(List<String>... lists) {
        return Stream.of(lists).flatMap(List::stream).toList();
    }

    private static String withId(int id) {
        return "{\"id\":" + id + "}";
    }

    private static String request(int id) {
        return "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"method\":\"echo\",\"params\":[" + id + "]}";
    }

    private static String reply(int id) {
        return "{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":[" + id + "]}";
    }

    /** Times between two dials. */
    private static final class Gaps {

        private final List<Long> nanos = new ArrayList<>();

        static Gaps of(List<Gaps> several) {
            Gaps all = new Gaps();
            several.forEach(gaps -> all.nanos.addAll(gaps.nanos));
            return all;
        }

        void add(long gapNanos) {
            nanos.add(gapNanos);
        }

        int count() {
            return nanos.size();
        }

        double median() {
            return quantile(0.5);
        }

        double quantile(double share) {
            long[] sorted = nanos.stream().mapToLong(Long::longValue).toArray();
            Arrays.sort(sorted);
            return sorted[(int) (share * (sorted.length - 1))] / 1e6;
        }

        @Override
        public String toString() {
            return nanos.isEmpty()
                    ? "none"
                    : "%d, median %.0f, %.0f to %.0f".formatted(count(), median(), quantile(0), quantile(1));
        }
    }
}
