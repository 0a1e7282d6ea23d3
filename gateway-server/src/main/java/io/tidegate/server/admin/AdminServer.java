package io.tidegate.server.admin;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.tidegate.metrics.HistogramFlipper;
import io.tidegate.metrics.series.MetricsUpkeep;
import io.tidegate.server.traffic.RouteTraffic;
import io.tidegate.server.upstream.Upstream;
import io.tidegate.time.Ticker;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;
import reactor.netty.resources.LoopResources;

/**
 * The HTTP server of the admin port: {@code /livez}, {@code /readyz}, {@code /metrics}, {@code /api/stats}. It has an event loop of its own, so
 * that no scrape ever holds up a message.
 */
public final class AdminServer {

    /** Binds a server to the admin address. */
    @FunctionalInterface
    public interface Binder {
        DisposableServer bind(HttpServer server) throws BindException;
    }

    /** How old a histogram may be. */
    private static final Duration INTERVAL = Duration.ofSeconds(1);

    private static final String TEXT = "text/plain; charset=utf-8";
    private static final String JSON = "application/json";

    private final RouteMetrics metrics;
    private final Stats stats;
    private final List<Upstream> upstreams;
    private final BooleanSupplier stopping;
    private final LoopResources loop = LoopResources.create("tidegate-admin", 1, 1, true, false);
    private final MetricsUpkeep upkeep;
    private @Nullable DisposableServer server;
    private @Nullable Disposable upkeepRuns;

    /**
     * @param traffic what to tell about
     * @param upstreams what to tell about, too
     * @param stopping whether the gateway takes no more clients
     */
    public AdminServer(List<RouteTraffic> traffic, List<Upstream> upstreams, BooleanSupplier stopping) {
        this.metrics = new RouteMetrics(traffic, new ContinuityMetrics(traffic), new UpstreamMetrics(upstreams));
        this.stats = new Stats(traffic, upstreams, Ticker.system());
        this.upstreams = upstreams;
        this.stopping = stopping;
        HistogramFlipper flipper = new HistogramFlipper(Ticker.system());
        flipper.add(traffic.stream().map(RouteTraffic::reconnectTimes).toList());
        this.upkeep = new MetricsUpkeep(flipper, List.of());
    }

    /** Starts to listen; blocks until it does. */
    public void start(Binder binder) throws BindException {
        upkeepRuns = upkeep.start(INTERVAL);
        server = binder.bind(HttpServer.create()
                .runOn(loop, false)
                .route(routes -> routes.get("/", this::index)
                        .get("/livez", (request, response) -> text(response, 200, "alive\n"))
                        .get("/readyz", (request, response) -> ready(response))
                        .get("/metrics", this::metrics)
                        .get("/api/stats", (request, response) -> send(response, 200, JSON, stats.write()))));
    }

    /** Where it listens. */
    public InetSocketAddress address() {
        DisposableServer running = server;
        if (running == null) {
            throw new IllegalStateException("admin server is not running (expected: started)");
        }
        return (InetSocketAddress) running.address();
    }

    /** Stops listening and ends the event loop. */
    public void stop() {
        DisposableServer running = server;
        if (running != null) {
            running.disposeNow();
        }
        if (upkeepRuns != null) {
            upkeepRuns.dispose();
        }
        loop.dispose();
    }

    private Publisher<Void> index(HttpServerRequest request, HttpServerResponse response) {
        return text(response, 200, "Tidegate admin port\n/livez\n/readyz\n/metrics\n/api/stats\n");
    }

    private Publisher<Void> ready(HttpServerResponse response) {
        if (stopping.getAsBoolean()) {
            return text(response, 503, "stopping\n");
        }
        for (Upstream upstream : upstreams) {
            if (!upstream.isUsable()) {
                return text(response, 503, "no usable endpoint (upstream " + upstream.name() + ")\n");
            }
        }
        return text(response, 200, "ready\n");
    }

    private Publisher<Void> metrics(HttpServerRequest request, HttpServerResponse response) {
        String accept = request.requestHeaders().get(HttpHeaderNames.ACCEPT, "");
        boolean asOpenMetrics = metrics.prefersOpenMetrics(accept);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try {
            metrics.write(out, asOpenMetrics);
        } catch (IOException e) {
            return Mono.error(e);
        }
        return send(response, 200, metrics.contentType(asOpenMetrics), out.toByteArray());
    }

    private static Publisher<Void> text(HttpServerResponse response, int status, String body) {
        return send(response, status, TEXT, body.getBytes(StandardCharsets.UTF_8));
    }

    private static Publisher<Void> send(HttpServerResponse response, int status, String type, byte[] body) {
        return response.status(status)
                .header(HttpHeaderNames.CONTENT_TYPE, type)
                .header(HttpHeaderNames.CONTENT_LENGTH, Integer.toString(body.length))
                .header(HttpHeaderNames.CACHE_CONTROL, "no-store")
                .sendByteArray(Mono.just(body));
    }
}
