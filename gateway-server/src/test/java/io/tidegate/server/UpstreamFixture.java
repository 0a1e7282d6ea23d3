package io.tidegate.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.tidegate.breaker.BreakerConfig;
import io.tidegate.frame.CloseStatus;
import io.tidegate.frame.FrameLimits;
import io.tidegate.frame.Granularity;
import io.tidegate.retry.RetryConfig;
import io.tidegate.server.config.UpstreamConfig;
import io.tidegate.server.config.upstream.BalanceConfig;
import io.tidegate.server.config.upstream.DialRetryConfig;
import io.tidegate.server.config.upstream.DnsConfig;
import io.tidegate.server.config.upstream.EndpointConfig;
import io.tidegate.server.config.upstream.HealthConfig;
import io.tidegate.server.handshake.Compression;
import io.tidegate.server.handshake.OpeningAnswer;
import io.tidegate.server.handshake.OpeningRequest;
import io.tidegate.server.leg.LegMeter;
import io.tidegate.server.upstream.Attempt;
import io.tidegate.server.upstream.Call;
import io.tidegate.server.upstream.Endpoint;
import io.tidegate.server.upstream.LegEnd;
import io.tidegate.server.upstream.Redial;
import io.tidegate.server.upstream.Upstream;
import io.tidegate.server.upstream.UpstreamLeg;
import io.tidegate.testkit.Peer;
import io.tidegate.testkit.Script;
import io.tidegate.testkit.ScriptedUpstream;
import io.tidegate.testkit.UpstreamConnection;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** An upstream by itself, as a session sees it, and real servers for its endpoints. */
final class UpstreamFixture implements AfterEachCallback {

    /** Long enough that no test sees the end of it. */
    static final Duration FOREVER = Duration.ofHours(1);

    private static final CloseStatus BYE = new CloseStatus(1000, "");

    BalanceConfig balance = BalanceConfig.ROUND_ROBIN;
    Duration connectTimeout = Peer.PATIENCE;
    RetryConfig retry = RetryConfig.DEFAULTS.withBackoff(Duration.ofMillis(1), Duration.ofMillis(50));
    double retryBudget = 0.2;
    BreakerConfig breaker = BreakerConfig.DEFAULTS.withOpenFor(FOREVER);

    @Nullable
    HealthConfig health;

    int reconnectRate = 10_000;
    DnsConfig dns = DnsConfig.DEFAULTS;

    private final EventLoops loops = new EventLoops("test-loop", GatewayFixture.transport(), 2);
    private final EventLoop loop = loops.onServer(true).next();
    private final Deque<AutoCloseable> peers = new ArrayDeque<>();
    private @Nullable Upstream upstream;

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        try {
            if (upstream != null) {
                upstream.stop();
            }
            while (!peers.isEmpty()) {
                peers.pop().close();
            }
        } finally {
            loops.dispose();
        }
    }

    // the upstream

    /** Starts it with servers, or whatever has a URI, as endpoints of weight 1. */
    Upstream start(Object... endpoints) {
        Upstream started = new Upstream(
                "u",
                new UpstreamConfig(
                        Arrays.stream(endpoints)
                                .map(UpstreamFixture::uri)
                                .map(EndpointConfig::of)
                                .toList(),
                        balance,
                        connectTimeout,
                        new DialRetryConfig(retry, retryBudget),
                        breaker,
                        health,
                        reconnectRate,
                        dns),
                loops);
        upstream = started;
        started.start();
        return started;
    }

    Upstream upstream() {
        return Objects.requireNonNull(upstream, "no upstream was started");
    }

    /** The endpoint that is called so; the prefix will do. */
    Endpoint endpoint(Object name) {
        String prefix = uri(name).toString();
        return upstream().endpoints().stream()
                .filter(endpoint -> endpoint.toString().startsWith(prefix))
                .findFirst()
                .orElseThrow();
    }

    private static URI uri(Object endpoint) {
        return endpoint instanceof ScriptedUpstream server ? server.uri() : URI.create(endpoint.toString());
    }

    ScriptedUpstream server(Script script) {
        return track(ScriptedUpstream.start(script));
    }

    <T extends AutoCloseable> T track(T peer) {
        peers.push(peer);
        return peer;
    }

    /** The connections of sessions that a server has seen: all but those of checks. */
    static List<UpstreamConnection> sessions(ScriptedUpstream server) {
        return server.connections().stream().filter(c -> !isCheck(c)).toList();
    }

    static boolean isCheck(UpstreamConnection connection) {
        return "tidegate-health".equals(connection.request().header("User-Agent"));
    }

    // legs

    Mono<UpstreamLeg> dialling(Call call) {
        return upstream().dial(call, loop).subscribeOn(Schedulers.fromExecutorService(loop));
    }

    Mono<UpstreamLeg> redialling(Call call, Redial run) {
        return upstream().redial(call, loop, run).subscribeOn(Schedulers.fromExecutorService(loop));
    }

    Mono<UpstreamLeg> dialling(Call call, Attempt attempt) {
        return attempt.dial(call, loop).subscribeOn(Schedulers.fromExecutorService(loop));
    }

    /** For a leg whose session hears that it should move, and doesn't. */
    static void onMove(UpstreamLeg leg, Runnable asked) {
        leg.onMove(other -> {
            other.giveBack();
            asked.run();
        });
    }

    UpstreamLeg dial() {
        return dial(call());
    }

    UpstreamLeg dial(Call call) {
        return Objects.requireNonNull(dialling(call).block(Peer.PATIENCE));
    }

    UpstreamLeg redial(Call call, Redial run) {
        return Objects.requireNonNull(redialling(call, run).block(Peer.PATIENCE));
    }

    /** What dialling fails with. */
    Throwable dialFails() {
        return failure(dialling(call()));
    }

    static Throwable failure(Mono<UpstreamLeg> dial) {
        return Objects.requireNonNull(dial.<Throwable>then(Mono.empty())
                .onErrorResume(Mono::just)
                .switchIfEmpty(Mono.error(new AssertionError("a leg (expected: a failure)")))
                .block(Peer.PATIENCE));
    }

    /** The end of a session, as far as its leg is concerned. */
    void end(UpstreamLeg leg, LegEnd how) {
        leg.over(how);
        loop.execute(() -> leg.abandon(BYE));
    }

    static Redial lost(UpstreamLeg leg) {
        return new Redial(leg.endpoint(), System.nanoTime());
    }

    static Call call(String... header) {
        return call(List.of(), null, header);
    }

    static Call call(List<String> subprotocols, @Nullable OpeningAnswer agreed, String... header) {
        HttpHeaders headers = new DefaultHttpHeaders().set("Host", "gateway").set("X-Forwarded-For", "127.0.0.1");
        if (header.length > 0) {
            headers.set(header[0], header[1]);
        }
        OpeningRequest request =
                new OpeningRequest("/", "gateway", headers, subprotocols, null, Compression.END_TO_END);
        return new Call(request, "/", new FrameLimits(1 << 20, 1 << 20), Granularity.FRAMES, LegMeter.NONE, agreed);
    }

    /** Waits until it is so. */
    static void await(String what, BooleanSupplier isSo) {
        long deadline = System.nanoTime() + Peer.PATIENCE.toNanos();
        while (!isSo.getAsBoolean()) {
            assertThat(deadline - System.nanoTime())
                    .as("time left until: " + what)
                    .isPositive();
            try {
                TimeUnit.MILLISECONDS.sleep(2);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }
}
