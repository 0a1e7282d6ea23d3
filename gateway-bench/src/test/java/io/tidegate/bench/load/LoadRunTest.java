package io.tidegate.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Real connections to upstreams that behave, and to ones that don't. */
class LoadRunTest {

    private static final Duration LINGER = Duration.ofSeconds(6);
    private static final Sample.Watcher NOBODY = sample -> {};

    /** 200 messages, whatever the machine's speed: the schedule decides. */
    private static final Traffic TWO_HUNDRED = Traffic.openLoop(500, 64);

    private static final Phases FOUR_TENTHS = new Phases(Duration.ZERO, Duration.ofMillis(400), LINGER);

    @Test
    void everyMessageOfTheScheduleIsSentAndMeasured() throws Exception {
        try (EchoServer server = EchoServer.faithful()) {
            LoadReport report = run(server, 7, TWO_HUNDRED, FOUR_TENTHS);

            assertThat(report.flawless()).isTrue();
            assertThat(report.messages().sent()).isEqualTo(200);
            assertThat(report.messages().received()).isEqualTo(200);
            assertThat(report.latency().getTotalCount()).isEqualTo(200);
            assertThat(report.sendDelay().getTotalCount()).isEqualTo(200);
            assertThat(report.connections().connected()).isEqualTo(7);
            assertThat(report.connections().open()).isEqualTo(7);
            assertThat(report.connections().handshake().getTotalCount()).isEqualTo(7);
            assertThat(report.measured()).isEqualTo(Duration.ofMillis(400));
            assertThat(report.interrupted()).isFalse();
        }
    }

    @Test
    void loopsShareTheRate() throws Exception {
        try (EchoServer server = EchoServer.faithful()) {
            LoadReport report = new LoadRun(
                            new LoadConfig(Target.of(server.uri()), Opening.of(5), TWO_HUNDRED, FOUR_TENTHS, 2), NOBODY)
                    .run();

            assertThat(report.flawless()).isTrue();
            assertThat(report.messages().received()).isEqualTo(200);
            assertThat(report.generator().loops()).isEqualTo(2);
        }
    }

    @Test
    void warmUpIsSentButNotMeasured() throws Exception {
        try (EchoServer server = EchoServer.faithful()) {
            Phases phases = new Phases(Duration.ofMillis(200), Duration.ofMillis(200), LINGER);

            LoadReport report = run(server, 2, TWO_HUNDRED, phases);

            assertThat(report.messages().sent()).isEqualTo(200);
            assertThat(report.latency().getTotalCount()).isEqualTo(100);
        }
    }

    @Test
    void lostMessagesAreCounted() throws Exception {
        try (EchoServer server =
                EchoServer.replyingEach((index, text) -> index % 10 == 9 ? List.of() : List.of(text))) {
            LoadReport report = run(server, 1, TWO_HUNDRED, FOUR_TENTHS);

            assertThat(report.messages()).isEqualTo(messages(report, 180, 20, 0, 0, 0, 0));
            assertThat(report.flawless()).isFalse();
        }
    }

    @Test
    void duplicatedMessagesAreCounted() throws Exception {
        try (EchoServer server =
                EchoServer.replyingEach((index, text) -> index % 10 == 0 ? List.of(text, text) : List.of(text))) {
            LoadReport report = run(server, 1, TWO_HUNDRED, FOUR_TENTHS);

            assertThat(report.messages()).isEqualTo(messages(report, 200, 0, 20, 0, 0, 0));
            assertThat(report.latency().getTotalCount()).isEqualTo(200);
            assertThat(report.flawless()).isFalse();
        }
    }

    @Test
    void reorderedMessagesAreCounted() throws Exception {
        String[] held = new String[1];
        try (EchoServer server = EchoServer.replyingEach((index, text) -> {
            if (index % 10 == 3) {
                held[0] = text;
                return List.of();
            }
            return index % 10 == 4 ? List.of(text, held[0]) : List.of(text);
        })) {
            LoadReport report = run(server, 1, TWO_HUNDRED, FOUR_TENTHS);

            assertThat(report.messages()).isEqualTo(messages(report, 200, 0, 0, 20, 0, 0));
            assertThat(report.flawless()).isFalse();
        }
    }

    @Test
    void corruptedMessagesAreCountedAndLost() throws Exception {
        try (EchoServer server = EchoServer.replyingEach((index, text) ->
                List.of(index % 10 == 0 ? text.substring(0, text.length() - 1) + "!" : text))) {
            LoadReport report = run(server, 1, TWO_HUNDRED, FOUR_TENTHS);

            assertThat(report.messages()).isEqualTo(messages(report, 180, 20, 0, 0, 20, 0));
            assertThat(report.flawless()).isFalse();
        }
    }

    @Test
    void messagesOfAnotherConnectionAreCorrupted() throws Exception {
        String alien = plain(MessageId.of(77, 0));
        try (EchoServer server =
                EchoServer.replyingEach((index, text) -> index == 0 ? List.of(text, alien) : List.of(text))) {
            LoadReport report = run(server, 1, TWO_HUNDRED, FOUR_TENTHS);

            assertThat(report.messages()).isEqualTo(messages(report, 200, 0, 0, 0, 1, 0));
        }
    }

    @Test
    void closedConnectionsAreCountedByCode() throws Exception {
        try (EchoServer server = EchoServer.closingAfter(3, 1012)) {
            LoadReport report = run(server, 4, TWO_HUNDRED, FOUR_TENTHS);

            assertThat(report.connections().closed()).isEqualTo(Map.of("1012", 4L));
            assertThat(report.connections().open()).isZero();
            assertThat(report.messages().received()).isEqualTo(12);
            assertThat(report.messages().sent())
                    .isEqualTo(report.messages().received() + report.messages().lost());
            assertThat(report.flawless()).isFalse();
        }
    }

    @Test
    void refusedConnectionsAreCountedByStatus() throws Exception {
        try (EchoServer server = EchoServer.refusing(connection -> connection % 2 == 0)) {
            LoadReport report = run(server, 10, TWO_HUNDRED, FOUR_TENTHS);

            assertThat(report.connections().failed()).isEqualTo(Map.of("HTTP 503", 5L));
            assertThat(report.connections().connected()).isEqualTo(5);
            assertThat(report.messages().received()).isEqualTo(200);
            assertThat(report.flawless()).isFalse();
        }
    }

    @Test
    void noConnectionAtAllIsAnError() throws Exception {
        try (EchoServer server = EchoServer.refusing(connection -> true)) {
            assertThatThrownBy(() -> run(server, 3, TWO_HUNDRED, FOUR_TENTHS))
                    .isInstanceOf(CannotConnectException.class)
                    .hasMessageContaining("HTTP 503 × 3")
                    .hasMessageContaining("expected: a WebSocket server");
        }
    }

    @Test
    void anUnusedPortIsAnError() throws Exception {
        int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        LoadConfig config = new LoadConfig(
                Target.of(URI.create("ws://127.0.0.1:" + port)), Opening.of(2), TWO_HUNDRED, FOUR_TENTHS, 1);

        assertThatThrownBy(() -> new LoadRun(config, NOBODY).run())
                .isInstanceOf(CannotConnectException.class)
                .hasMessageContaining("connection refused × 2");
    }

    @Test
    void aServerThatNeverAnswersTheHandshakeTimesOut() throws Exception {
        try (ServerSocket silent = new ServerSocket(0)) {
            Opening opening = new Opening(2, 0, 2, Duration.ofMillis(200));
            URI uri = URI.create("ws://127.0.0.1:" + silent.getLocalPort());
            LoadConfig config = new LoadConfig(Target.of(uri), opening, TWO_HUNDRED, FOUR_TENTHS, 1);

            assertThatThrownBy(() -> new LoadRun(config, NOBODY).run())
                    .isInstanceOf(CannotConnectException.class)
                    .hasMessageContaining("timeout × 2");
        }
    }

    @Test
    void jsonRpcEchoesAndResultsAreMatchedById() throws Exception {
        try (EchoServer server =
                EchoServer.replyingEach((index, text) -> List.of(index % 2 == 0 ? text : reply(text, "result")))) {
            LoadReport report = run(server, 3, Traffic.openLoop(500, 128).asJsonRpc(), FOUR_TENTHS);

            assertThat(report.messages()).isEqualTo(messages(report, 200, 0, 0, 0, 0, 0));
            assertThat(report.flawless()).isTrue();
        }
    }

    @Test
    void jsonRpcErrorsAreRepliesThatAreNotFine() throws Exception {
        try (EchoServer server =
                EchoServer.replyingEach((index, text) -> List.of(index % 10 == 0 ? reply(text, "error") : text))) {
            LoadReport report = run(server, 1, Traffic.openLoop(500, 128).asJsonRpc(), FOUR_TENTHS);

            assertThat(report.messages()).isEqualTo(messages(report, 200, 0, 0, 0, 0, 20));
            assertThat(report.flawless()).isFalse();
        }
    }

    @Test
    void idleConnectionsAreHeld() throws Exception {
        try (EchoServer server = EchoServer.faithful()) {
            LoadReport report = run(server, 50, Traffic.idle(), Phases.of(Duration.ofMillis(200)));

            assertThat(report.flawless()).isTrue();
            assertThat(report.connections().open()).isEqualTo(50);
            assertThat(report.connections().took()).isPositive();
            assertThat(report.messages().sent()).isZero();
        }
    }

    @Test
    void connectsArePaced() throws Exception {
        try (EchoServer server = EchoServer.faithful()) {
            Opening opening = new Opening(11, 50, 3, Duration.ofSeconds(10));
            LoadReport report = new LoadRun(
                            new LoadConfig(
                                    Target.of(server.uri()),
                                    opening,
                                    Traffic.idle(),
                                    Phases.of(Duration.ofMillis(50)),
                                    1),
                            NOBODY)
                    .run();

            assertThat(report.connections().open()).isEqualTo(11);
            assertThat(report.connections().took()).isGreaterThanOrEqualTo(Duration.ofMillis(200));
        }
    }

    @Test
    void closedLoopKeepsMessagesInFlight() throws Exception {
        try (EchoServer server = EchoServer.faithful()) {
            LoadReport report = run(server, 2, Traffic.closedLoop(4, 64), Phases.of(Duration.ofMillis(300)));

            assertThat(report.flawless()).isTrue();
            assertThat(report.messages().received()).isGreaterThanOrEqualTo(8);
            assertThat(report.messages().sent()).isEqualTo(report.messages().received());
        }
    }

    @Test
    void messagesOfManyReadsAreCompared() throws Exception {
        try (EchoServer server = EchoServer.faithful()) {
            Phases patient = new Phases(Duration.ZERO, Duration.ofMillis(400), Duration.ofSeconds(30));
            LoadReport report = run(server, 1, Traffic.openLoop(50, 300_000), patient);

            assertThat(report.messages()).isEqualTo(messages(report, 20, 0, 0, 0, 0, 0));
        }
    }

    @Test
    void aStoppedRunReportsWhatItHas() throws Exception {
        try (EchoServer server = EchoServer.faithful()) {
            LoadRun[] run = new LoadRun[1];
            run[0] = new LoadRun(
                    new LoadConfig(
                            Target.of(server.uri()),
                            Opening.of(1),
                            TWO_HUNDRED,
                            new Phases(Duration.ZERO, Duration.ofMinutes(5), LINGER),
                            1),
                    sample -> run[0].stop());

            LoadReport report = run[0].run();

            assertThat(report.interrupted()).isTrue();
            assertThat(report.flawless()).isTrue();
            assertThat(report.messages().received()).isPositive();
            assertThat(report.measured()).isLessThan(Duration.ofMinutes(4));
        }
    }

    /**
     * The server stands still for 600 ms when message 200 arrives. Whatever the machine does, the 300 messages due in the
     * first 300 ms of the stall can't be echoed until 300 ms after they were due. A generator that waits for echoes
     * would have recorded one such latency.
     */
    @Test
    void messagesDueDuringAStallAreCountedInFull() throws Exception {
        try (EchoServer server = EchoServer.stallingAt(200, Duration.ofMillis(600))) {
            Phases phases = new Phases(Duration.ZERO, Duration.ofSeconds(2), Duration.ofSeconds(10));

            LoadReport report = run(server, 1, Traffic.openLoop(1000, 64), phases);

            assertThat(report.messages()).isEqualTo(messages(report, 2000, 0, 0, 0, 0, 0));
            assertThat(report.latency().getTotalCount()).isEqualTo(2000);
            long hour = Duration.ofHours(1).toNanos();
            assertThat(report.latency()
                            .getCountBetweenValues(Duration.ofMillis(300).toNanos(), hour))
                    .isGreaterThanOrEqualTo(300);
            assertThat(report.latency().getMaxValue())
                    .isGreaterThanOrEqualTo(Duration.ofMillis(599).toNanos());
        }
    }

    private static LoadReport run(EchoServer server, int connections, Traffic traffic, Phases phases) throws Exception {
        return new LoadRun(new LoadConfig(Target.of(server.uri()), Opening.of(connections), traffic, phases, 1), NOBODY)
                .run();
    }

    /** What is expected; how far the machine was behind is not. */
    private static Messages messages(
            LoadReport report,
            long received,
            long lost,
            long duplicated,
            long reordered,
            long corrupted,
            long errorReplies) {
        return new Messages(
                received + lost,
                received,
                lost,
                duplicated,
                reordered,
                corrupted,
                errorReplies,
                report.messages().behind(),
                0);
    }

    private static String reply(String request, String member) {
        String id = request.replaceAll("^.*\"id\":(\\d+),.*$", "$1");
        return "{\"jsonrpc\": \"2.0\", \"" + member + "\": {\"id\": 5}, \"id\": " + id + "}";
    }

    private static String plain(long id) {
        byte[] bytes = new byte[64];
        new SequencePayload(64).fill(bytes, id);
        return new String(bytes, java.nio.charset.StandardCharsets.US_ASCII);
    }
}
