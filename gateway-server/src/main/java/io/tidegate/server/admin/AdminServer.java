package io.tidegate.server.admin;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.tidegate.metrics.HistogramFlipper;
import io.tidegate.metrics.series.MetricsUpkeep;
import io.tidegate.queue.ByteBudget;
import io.tidegate.server.traffic.RouteTraffic;
import io.tidegate.server.upstream.Upstream;
import io.tidegate.time.Ticker;
import java.io.ByteArrayOutputStream;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.Disposable;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;
import reactor.netty.resources.LoopResources;

/**
 * The HTTP server of the admin port. {@code GET /} lists what it has. It has an event loop of its own, so that no scrape ever
 * holds up a message.
 */
public final class AdminServer {

    /** Binds a server to the admin address. */
    @FunctionalInterface
    public interface Binder {
        DisposableServer bind(HttpServer server) throws BindException;
    }

    /** How old a histogram may be. */
    private static final Duration INTERVAL = Duration.ofSeconds(1);

    private static final String JSON = "application/json";

    /** Bytes. */
    private static final int MAX_BODY = 1024;

    private static final String INDEX = """
            Tidegate admin port
            GET  /livez
            GET  /readyz
            GET  /metrics
            GET  /api/stats
            POST /api/upstreams/UPSTREAM/endpoints/ENDPOINT/drain
            POST /api/upstreams/UPSTREAM/endpoints/ENDPOINT/undrain
            POST /api/upstreams/UPSTREAM/endpoints/ENDPOINT/breaker  {"state": "open" | "closed" | "auto"}""";

    private final RouteMetrics metrics;
    private final Stats stats;
    private final Access access;
    private final EndpointOrders orders;
    private final List<Upstream> upstreams;
    private final BooleanSupplier stopping;
    private final LoopResources loop = LoopResources.create("tidegate-admin", 1, 1, true, false);
    private final MetricsUpkeep upkeep;
    private @Nullable DisposableServer server;
    private @Nullable Disposable upkeepRuns;
    /** Until it is known, others than this machine may be asking. */
    private volatile boolean loopback;

    /**
     * @param traffic what to tell about
     * @param upstreams what to tell about, too, and to give orders to
     * @param queues the budget of all queues of the process
     * @param token what has to be borne by requests that change something; {@code null} to refuse them
     * @param stopping whether the gateway takes no more clients
     */
    public AdminServer(
            List<RouteTraffic> traffic,
            List<Upstream> upstreams,
            ByteBudget queues,
            @Nullable String token,
            BooleanSupplier stopping) {
        this.metrics =
                new RouteMetrics(traffic, new ContinuityMetrics(traffic, queues), new UpstreamMetrics(upstreams));
        this.stats = new Stats(traffic, upstreams, Ticker.system());
        this.access = new Access(token);
        this.orders = new EndpointOrders(upstreams, endpoint -> Reply.ok(JSON, stats.write(endpoint)));
        this.upstreams = upstreams;
        this.stopping = stopping;
        HistogramFlipper flipper = new HistogramFlipper(Ticker.system());
        flipper.add(traffic.stream().flatMap(route -> route.times().stream()).toList());
        this.upkeep = new MetricsUpkeep(flipper, List.of());
    }

    /** Starts to listen; blocks until it does. */
    public void start(Binder binder) throws BindException {
        upkeepRuns = upkeep.start(INTERVAL);
        server = binder.bind(HttpServer.create().runOn(loop, false).handle(this::serve));
        loopback = address().getAddress().isLoopbackAddress();
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

    private Publisher<Void> serve(HttpServerRequest request, HttpServerResponse response) {
        String path = pathOf(request.uri());
        EndpointOrders.Order order = EndpointOrders.at(path);
        if (order != null) {
            return execute(order, request, response);
        }
        String authorization = request.requestHeaders().get(HttpHeaderNames.AUTHORIZATION);
        Reply refusal = access.refusalToRead(authorization, loopback);
        @Nullable
        Reply page = switch (path) {
            case "/" -> Reply.text(HttpResponseStatus.OK, INDEX);
            case "/livez" -> Reply.text(HttpResponseStatus.OK, "alive");
            case "/readyz" -> ready();
            case "/metrics" -> refusal != null ? refusal : metrics(request);
            case "/api/stats" -> refusal != null ? refusal : Reply.ok(JSON, stats.write());
            default -> null;
        };
        if (page == null) {
            page = Reply.text(HttpResponseStatus.NOT_FOUND, "no such path (expected: one of those that / lists)");
        } else if (!request.method().equals(HttpMethod.GET) && !request.method().equals(HttpMethod.HEAD)) {
            page = onlyBy("GET, HEAD", request);
        }
        return page.to(response);
    }

    private Publisher<Void> execute(
            EndpointOrders.Order order, HttpServerRequest request, HttpServerResponse response) {
        Reply refusal = request.method().equals(HttpMethod.POST)
                ? access.refusalToChange(request.requestHeaders().get(HttpHeaderNames.AUTHORIZATION))
                : onlyBy("POST", request);
        if (refusal != null) {
            // What the body may be is not waited for.
            return refusal.to(response.keepAlive(false));
        }
        return request.receive()
                .asByteArray()
                .collect(ByteArrayOutputStream::new, AdminServer::gather)
                .map(body -> body.size() > MAX_BODY
                        ? Reply.text(
                                HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE,
                                "body: too large (expected: <= " + MAX_BODY + " bytes)")
                        : orders.execute(order, body.toByteArray()))
                .flatMapMany(reply -> reply.to(response));
    }

    /** Keeps no more than shows that it is too much. */
    private static void gather(ByteArrayOutputStream body, byte[] part) {
        body.write(part, 0, Math.min(part.length, MAX_BODY + 1 - body.size()));
    }

    private Reply ready() {
        if (stopping.getAsBoolean()) {
            return Reply.text(HttpResponseStatus.SERVICE_UNAVAILABLE, "stopping");
        }
        for (Upstream upstream : upstreams) {
            if (!upstream.isUsable()) {
                return Reply.text(
                        HttpResponseStatus.SERVICE_UNAVAILABLE,
                        "no usable endpoint (upstream " + upstream.name() + ")");
            }
        }
        return Reply.text(HttpResponseStatus.OK, "ready");
    }

    private Reply metrics(HttpServerRequest request) {
        boolean asOpenMetrics =
                metrics.prefersOpenMetrics(request.requestHeaders().get(HttpHeaderNames.ACCEPT, ""));
        return Reply.ok(metrics.contentType(asOpenMetrics), metrics.write(asOpenMetrics));
    }

    private static Reply onlyBy(String allowed, HttpServerRequest request) {
        return Reply.text(
                        HttpResponseStatus.METHOD_NOT_ALLOWED,
                        "method: " + request.method() + " (expected: " + allowed + ')')
                .with(HttpHeaderNames.ALLOW, allowed);
    }

    /** The path as it was sent: without the query, and without what comes before it in a proxy's requests (RFC 9112, 3.2.2). */
    private static String pathOf(String target) {
        int query = target.indexOf('?');
        String uri = query < 0 ? target : target.substring(0, query);
        if (uri.startsWith("/")) {
            return uri;
        }
        try {
            String path = URI.create(uri).getRawPath();
            return path == null ? "" : path;
        } catch (IllegalArgumentException e) {
            return "";
        }
    }
}
