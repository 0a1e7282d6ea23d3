package io.tidegate.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.tidegate.breaker.Breaker;
import io.tidegate.breaker.BreakerConfig;
import io.tidegate.breaker.BreakerOpenException;
import io.tidegate.dedup.Dedup;
import io.tidegate.dedup.DedupConfig;
import io.tidegate.dedup.DedupKey;
import io.tidegate.metrics.HistogramFlipper;
import io.tidegate.metrics.HistogramRange;
import io.tidegate.metrics.StripedHistogram;
import io.tidegate.metrics.WriterBarrier;
import io.tidegate.queue.Accounting;
import io.tidegate.queue.BoundedQueue;
import io.tidegate.queue.Delivery;
import io.tidegate.queue.Outbox;
import io.tidegate.queue.QueueConfig;
import io.tidegate.retry.RetryBudget;
import io.tidegate.retry.RetryConfig;
import io.tidegate.retry.RetryPolicy;
import io.tidegate.testkit.Frame;
import io.tidegate.testkit.ReservedPort;
import io.tidegate.testkit.Script;
import io.tidegate.testkit.ScriptedUpstream;
import io.tidegate.time.Ticker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;
import reactor.netty.http.client.HttpClient.WebsocketReceiver;
import reactor.util.retry.Retry;

/**
 * The examples of {@code docs/operators.md}, run: a reactor-netty client without a gateway, against a real server. What stands
 * between a pair of markers must stand in that page, too.
 */
class OperatorExamplesTest {

    private static final Duration WAIT = Duration.ofSeconds(20);

    @Test
    void breaker() {
        String uri = ReservedPort.nobody().toString();
        // tag::breaker
        Breaker breaker = Breaker.of("news", BreakerConfig.DEFAULTS.withOpenFor(Duration.ofSeconds(5)));

        Mono<String> headline = HttpClient.create()
                .websocket()
                .uri(uri)
                .receive()
                .asString()
                .next()
                .transform(answer -> breaker.guard(answer, Duration.ofSeconds(2)));
        // end::breaker

        for (int i = 0; i < BreakerConfig.DEFAULTS.minimumCalls(); i++) {
            assertThatThrownBy(() -> headline.block(WAIT)).rootCause().isInstanceOf(IOException.class);
        }
        assertThatThrownBy(() -> headline.block(WAIT))
                .isInstanceOf(BreakerOpenException.class)
                .hasMessageContaining("news");
    }

    @Test
    void retry() {
        try (ScriptedUpstream news = ScriptedUpstream.start(sends(Frame.text("tide is in")))) {
            news.next(Script.HANG_UP);
            news.next(Script.HANG_UP_HARD);
            Breaker breaker = Breaker.of("news", BreakerConfig.DEFAULTS);
            Mono<String> headline = client(news).receive().asString().next().transform(breaker::guard);
            // tag::retry
            RetryPolicy policy = RetryPolicy.builder(RetryConfig.DEFAULTS.withDeadline(Duration.ofSeconds(30)))
                    .budget(RetryBudget.of(0.2)) // one for all who call this server
                    .gate(breaker::untilProbe, BreakerOpenException.class::isInstance)
                    .build();

            Mono<String> patient = headline.retryWhen(policy.retry());
            // end::retry

            assertThat(patient.block(WAIT)).isEqualTo("tide is in");
            assertThat(breaker.snapshot().calls()).isEqualTo(3);
        }
    }

    @Test
    void dedup() {
        Frame first = Frame.text("{\"id\":1,\"text\":\"high\"}");
        Frame again = Frame.text("{\"text\":\"high, again\",\"id\":1}");
        Frame other = Frame.text("{\"id\":\"1\",\"text\":\"low\"}");
        try (ScriptedUpstream news = ScriptedUpstream.start(sends(first, again, other))) {
            WebsocketReceiver<?> websocket = client(news);
            // tag::dedup
            Dedup<ByteBuf> dedup = Dedup.of(DedupConfig.DEFAULTS, DedupKey.pointer("/id"));

            Flux<ByteBuf> events = websocket.receive().retain().transform(dedup::distinct);
            // end::dedup

            assertThat(events.map(OperatorExamplesTest::read)
                            .take(2)
                            .collectList()
                            .block(WAIT))
                    .containsExactly("{\"id\":1,\"text\":\"high\"}", "{\"id\":\"1\",\"text\":\"low\"}");
        }
    }

    @Test
    void queue() {
        try (ScriptedUpstream server = ScriptedUpstream.start()) {
            WebsocketReceiver<?> websocket = client(server);
            // tag::queue
            Outbox<String> outbox =
                    BoundedQueue.of(QueueConfig.DEFAULTS, String::length).newOutbox();

            Mono<Void> lost = Mono.error(() -> new IOException("connection lost"));
            Flux<Void> connection = websocket.handle((in, out) -> {
                Queue<Delivery<String>> sent = new ConcurrentLinkedQueue<>(); // filled and emptied by different threads
                Flux<String> unsent = outbox.deliveries().doOnNext(sent::add).map(Delivery::message);
                Mono<Void> answers = in.receive()
                        .doOnNext(answer -> outbox.confirm(sent.remove()))
                        .then(lost);
                return Mono.firstWithSignal(out.sendString(unsent).then().then(lost), answers); // sending may just end
            });
            Retry forEver =
                    Retry.backoff(Long.MAX_VALUE, Duration.ofMillis(100)).maxBackoff(Duration.ofSeconds(10));
            Disposable running = connection.retryWhen(forEver).subscribe();
            // end::queue

            try {
                IntStream.range(0, 100).forEach(i -> outbox.offer("before " + i));
                // Not in the middle of a handshake: reactor-netty's client may then say nothing at all.
                delivered(outbox, 100);
                server.kill();
                IntStream.range(0, 100).forEach(i -> outbox.offer("while it was down " + i));
                server.restart();

                Accounting books = delivered(outbox, 200);
                assertThat(books.balanced()).isTrue();
                assertThat(books.queued() + books.unconfirmed()).isZero();
            } finally {
                running.dispose();
            }
        }
    }

    private static Accounting delivered(Outbox<String> outbox, int messages) {
        return Objects.requireNonNull(Flux.interval(Duration.ofMillis(10))
                .map(tick -> outbox.accounting())
                .filter(books -> books.delivered() == messages)
                .blockFirst(WAIT));
    }

    @Test
    void metrics() throws Exception {
        List<ExecutorService> loops = List.of(Executors.newSingleThreadExecutor(), Executors.newSingleThreadExecutor());
        // tag::metrics
        StripedHistogram latency = new StripedHistogram(HistogramRange.LATENCY, loops.size());
        HistogramFlipper flipper =
                new HistogramFlipper(Ticker.system(), WriterBarrier.of(loops, Duration.ofSeconds(1)));
        flipper.add(List.of(latency));

        loops.get(0).submit(() -> latency.on(0).record(1_200_000)).get(); // nanoseconds; never waits, never allocates
        loops.get(1).submit(() -> latency.on(1).record(3_400_000)).get(); // one writer each

        flipper.flip(); // one owner, once a second; waits until no loop is in the midst of recording
        long p99 = latency.latest().recorded().percentile(99); // any reader
        // end::metrics

        loops.forEach(ExecutorService::shutdown);
        assertThat(p99).isBetween(3_300_000L, 3_500_000L);
    }

    @ParameterizedTest
    @ValueSource(strings = {"breaker", "retry", "dedup", "queue", "metrics"})
    void theDocumentationHasThem(String name) throws IOException {
        Path root = Path.of("").toAbsolutePath();
        while (!Files.exists(root.resolve("docs/operators.md"))) {
            root = root.getParent();
        }
        String page = Files.readString(root.resolve("docs/operators.md"));
        String source = Files.readString(
                root.resolve("gateway-server/src/test/java/io/tidegate/examples/OperatorExamplesTest.java"));
        Matcher tagged = Pattern.compile("// tag::" + name + "\n(.*?) *// end::" + name, Pattern.DOTALL)
                .matcher(source);
        assertThat(tagged.find()).isTrue();

        assertThat(page)
                .as("docs/operators.md, the code under \"%s\" (expected: as in OperatorExamplesTest)", name)
                .contains("```java\n" + tagged.group(1).stripTrailing().stripIndent() + "\n```");
    }

    private static WebsocketReceiver<?> client(ScriptedUpstream server) {
        return HttpClient.create().websocket().uri(server.uri().toString());
    }

    private static Script sends(Frame... frames) {
        return connection -> connection.accept(acceptance -> acceptance.followedBy(frames));
    }

    private static String read(ByteBuf buffer) {
        try {
            return buffer.toString(StandardCharsets.UTF_8);
        } finally {
            buffer.release();
        }
    }
}
