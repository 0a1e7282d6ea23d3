package io.tidegate.server.admin;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.tidegate.metrics.HistogramFlipper;
import io.tidegate.metrics.series.MetricsUpkeep;
import io.tidegate.server.admin.metrics.Metrics;
import io.tidegate.server.admin.stats.DrainJson;
import io.tidegate.server.admin.stats.Events;
import io.tidegate.server.admin.stats.HistogramLogs;
import io.tidegate.server.admin.stats.Journal;
import io.tidegate.server.admin.stats.SessionsPage;
import io.tidegate.server.admin.stats.Stats;
import io.tidegate.server.traffic.RouteTraffic;
import io.tidegate.time.Ticker;
import java.io.ByteArrayOutputStream;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;
import reactor.netty.resources.LoopResources;

/**
 * The HTTP server of the admin port. {@code GET /} is the dashboard, {@code GET /api} lists what there is.
 *
 * <p>It has an event loop of its own, and one thread that makes what is asked for, so that no scrape ever holds up a message. As
 * the same thread flips the histograms, before each answer, all readers are told the same, up to the last message.
 */
public final class AdminServer {

    /** Binds a server to the admin address. */
    @FunctionalInterface
    public interface Binder {
        DisposableServer bind(HttpServer server) throws BindException;
    }

    private static final Logger log = LoggerFactory.getLogger(AdminServer.class);

    private static final Duration INTERVAL = Duration.ofSeconds(1);
    private static final Duration STOP_PATIENCE = Duration.ofSeconds(1);
    private static final Duration GOODBYE_INTERVAL = Duration.ofMillis(5);
    private static final int MOST_TASKS = 10_000;

    private static final String JSON = "application/json";
    private static final String EVENTS = "text/event-stream";
    private static final String LOG = "text/plain; charset=utf-8";
    private static final String WATCH = "/api/events";
    private static final String DRAIN = "/api/drain";
    private static final String JSON_LINES = "application/x-ndjson";
    /** What comes bit by bit isn't compressed, as that would keep it back. */
    private static final Set<String> STREAMS = Set.of(EVENTS, JSON_LINES);

    private static final String HISTOGRAMS = "/api/histograms/";
    private static final String HLOG = ".hlog";

    /** Bytes. */
    private static final int MAX_BODY = 1024;

    /** Streams of events at a time: each is a connection that may never end. */
    private static final int MOST_WATCHERS = 100;

    private static final String INDEX = """
            Tidegate admin port
            GET  /                        the dashboard
            GET  /livez
            GET  /readyz
            GET  /metrics
            GET  /api/status              the configuration in force, and since when
            GET  /api/stats
            GET  /api/events
            GET  /api/sessions            ?limit=50&after=CURSOR&route=LABEL&endpoint=LABEL&sort=id|queue|age|latency|slowest
            GET  /api/histograms
            GET  /api/histograms/NAME.hlog
            POST /api/drain               ends the process; one JSON object a second, the summary last
            POST /api/upstreams/UPSTREAM/endpoints/ENDPOINT/drain
            POST /api/upstreams/UPSTREAM/endpoints/ENDPOINT/undrain
            POST /api/upstreams/UPSTREAM/endpoints/ENDPOINT/breaker  {"state": "open" | "closed" | "auto"}""";

    private final Subject subject;
    private final Metrics metrics;
    private final Stats stats;
    private final Events events;
    private final HistogramLogs logs;
    private final Pages pages = new Pages();
    private final Access access;
    private final EndpointOrders orders;
    private final LoopResources loop = LoopResources.create("tidegate-admin", 1, 1, true, false);
    private final Scheduler work = Schedulers.newBoundedElastic(1, MOST_TASKS, "tidegate-admin-work", 60, true);
    private final HistogramFlipper flipper;
    private final MetricsUpkeep upkeep;
    private final Disposable.Composite periodic = Disposables.composite();
    private final AtomicInteger watchers = new AtomicInteger();
    private @Nullable DisposableServer server;
    /** Until it is known, others than this machine may be asking. */
    private volatile boolean loopback;

    /**
     * @param subject what to tell about, and to give orders to
     * @param token what has to be borne by requests that change something; {@code null} to refuse them
     */
    public AdminServer(Subject subject, @Nullable String token) {
        Clock clock = Clock.systemUTC();
        Journal journal = new Journal(clock);
        List<RouteTraffic> traffic = subject.traffic();
        this.subject = subject;
        this.metrics = new Metrics(subject);
        this.stats = new Stats(subject, journal, Ticker.system(), clock);
        this.logs = new HistogramLogs(traffic, clock);
        this.events = new Events(stats, subject, journal, logs, Ticker.system());
        this.access = new Access(token);
        this.orders = new EndpointOrders(subject.upstreams(), endpoint -> Reply.ok(JSON, stats.write(endpoint)));
        this.flipper = new HistogramFlipper(Ticker.system(), subject.writers());
        flipper.add(
                traffic.stream().flatMap(route -> route.histograms().stream()).toList());
        this.upkeep = new MetricsUpkeep(
                flipper,
                traffic.stream().flatMap(route -> route.series().stream()).toList());
    }

    /** Starts to listen; blocks until it does. */
    public void start(Binder binder) throws BindException {
        periodic.add(upkeep.start(INTERVAL, work));
        periodic.add(
                work.schedulePeriodically(this::tick, INTERVAL.toMillis(), INTERVAL.toMillis(), TimeUnit.MILLISECONDS));
        server = binder.bind(HttpServer.create()
                .runOn(loop, false)
                .compress((request, response) ->
                        !STREAMS.contains(response.responseHeaders().get(HttpHeaderNames.CONTENT_TYPE, "")))
                .handle(this::serve));
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

    /** Stops listening, closes all connections and ends the event loop; blocks until it has. */
    public void stop() {
        // Where the other events come from, so that none of them is in the way.
        Mono.fromRunnable(() -> {
                    // With what came of the drain.
                    tick();
                    events.end();
                })
                .subscribeOn(work)
                .timeout(STOP_PATIENCE)
                // Nothing that watchers miss is to keep the gateway from ending.
                .onErrorComplete()
                .block();
        awaitGoodbyes();
        DisposableServer running = server;
        if (running != null) {
            running.disposeNow();
        }
        periodic.dispose();
        // First the connections: nobody is to ask for what nobody makes any more.
        loop.disposeLater(Duration.ZERO, STOP_PATIENCE).block(STOP_PATIENCE.multipliedBy(2));
        work.dispose();
    }

    /** How many periodic tasks it has. */
    public int tasks() {
        return periodic.size();
    }

    /** Waits until those who watch have been sent the end of their streams; one who doesn't read isn't waited for for long. */
    private void awaitGoodbyes() {
        Flux.interval(Duration.ZERO, GOODBYE_INTERVAL)
                .takeUntil(tick -> watchers.get() == 0)
                .take(STOP_PATIENCE)
                .blockLast();
    }

    private void tick() {
        try {
            events.tick();
        } catch (RuntimeException e) {
            log.error("the events of this second can't be told", e);
        }
    }

    private Publisher<Void> serve(HttpServerRequest request, HttpServerResponse response) {
        String path = pathOf(request.uri());
        if (path.equals(DRAIN)) {
            return drain(request, response);
        }
        EndpointOrders.Order order = EndpointOrders.at(path);
        if (order != null) {
            return execute(order, request, response);
        }
        Supplier<@Nullable Reply> page = page(path, request);
        if (page == null) {
            return Reply.text(HttpResponseStatus.NOT_FOUND, "no such path (expected: one of those that /api lists)")
                    .to(response);
        }
        if (!request.method().equals(HttpMethod.GET) && !request.method().equals(HttpMethod.HEAD)) {
            return onlyBy("GET, HEAD", request).to(response);
        }
        String authorization = request.requestHeaders().get(HttpHeaderNames.AUTHORIZATION);
        Reply refusal = isOpen(path) ? null : access.refusalToRead(authorization, loopback);
        if (refusal != null) {
            return refusal.to(response);
        }
        if (path.equals(WATCH) && request.method().equals(HttpMethod.GET) && watchers.get() < MOST_WATCHERS) {
            return stream(response);
        }
        return Mono.fromCallable(page::get)
                .subscribeOn(isProbe(path) ? Schedulers.immediate() : work)
                .defaultIfEmpty(Reply.text(HttpResponseStatus.NOT_FOUND, "no such file"))
                .flatMapMany(reply -> reply.to(response));
    }

    /** What is at a path, to be made on the thread for it; {@code null} if nothing is. */
    private @Nullable Supplier<@Nullable Reply> page(String path, HttpServerRequest request) {
        if (Pages.mayBeAt(path)) {
            return () -> pages.at(path);
        }
        if (path.startsWith(HISTOGRAMS) && path.endsWith(HLOG)) {
            return () -> histogram(path.substring(HISTOGRAMS.length(), path.length() - HLOG.length()));
        }
        return switch (path) {
            case "/api" -> () -> Reply.text(HttpResponseStatus.OK, INDEX);
            case "/livez" -> () -> Reply.text(HttpResponseStatus.OK, "alive");
            case "/readyz" -> this::ready;
            case "/metrics" -> () -> metrics(request.requestHeaders().get(HttpHeaderNames.ACCEPT, ""));
            case "/api/status" -> () -> Reply.text(HttpResponseStatus.OK, status());
            case "/api/stats" ->
                () -> {
                    flipper.flip();
                    return Reply.ok(JSON, stats.write());
                };
            case WATCH -> this::events;
            case "/api/sessions" -> () -> sessions(request.uri());
            case "/api/histograms" -> () -> Reply.text(HttpResponseStatus.OK, String.join("\n", logs.names()));
            default -> null;
        };
    }

    /** Whether anybody may read what is at a path: it says nothing of what passes. */
    private static boolean isOpen(String path) {
        return path.equals("/api") || isProbe(path) || Pages.mayBeAt(path);
    }

    /** Whether it is answered at once: a probe is not to fail because somebody asks for much else. */
    private static boolean isProbe(String path) {
        return path.equals("/livez") || path.equals("/readyz");
    }

    private Reply ready() {
        String why = subject.unreadiness();
        return why == null
                ? Reply.text(HttpResponseStatus.OK, "ready")
                : Reply.text(HttpResponseStatus.SERVICE_UNAVAILABLE, why);
    }

    private String status() {
        String why = subject.unreadiness();
        return "# tidegate " + subject.version() + ", transport " + subject.transport() + ", "
                + subject.sessions().size() + " sessions, " + (why == null ? "ready" : "not ready: " + why)
                + "\n# in force since " + subject.configuredAt().truncatedTo(ChronoUnit.SECONDS) + ":\n"
                + subject.configuration().stripTrailing();
    }

    private Reply metrics(String accept) {
        flipper.flip();
        boolean asOpenMetrics = metrics.prefersOpenMetrics(accept);
        return Reply.ok(metrics.contentType(asOpenMetrics), metrics.write(asOpenMetrics));
    }

    private Reply sessions(String uri) {
        try {
            return Reply.ok(JSON, new SessionsPage(uri).write(subject));
        } catch (IllegalArgumentException e) {
            return Reply.text(HttpResponseStatus.BAD_REQUEST, String.valueOf(e.getMessage()));
        }
    }

    private Reply histogram(String name) {
        flipper.flip();
        byte[] lines = logs.write(name);
        return lines == null
                ? Reply.text(
                        HttpResponseStatus.NOT_FOUND,
                        "histogram: " + name + " (expected: one of " + String.join(", ", logs.names()) + ')')
                : Reply.ok(LOG, lines);
    }

    /** In place of a stream. */
    private Reply events() {
        int now = watchers.get();
        return now < MOST_WATCHERS
                ? Reply.ok(EVENTS, new byte[0])
                : Reply.text(
                        HttpResponseStatus.SERVICE_UNAVAILABLE,
                        "watchers: " + now + " (expected: < " + MOST_WATCHERS + ')');
    }

    /** What a watcher is too slow for is left out: nothing piles up but what is in its connection's buffers. */
    private Publisher<Void> stream(HttpServerResponse response) {
        Channel[] channel = new Channel[1];
        response.withConnection(connection -> channel[0] = connection.channel());
        Flux<byte[]> told = Flux.defer(() -> {
                    flipper.flip();
                    return Flux.fromIterable(events.first()).concatWith(events.later());
                })
                .subscribeOn(work)
                .filter(event -> channel[0].isWritable())
                .onBackpressureLatest();
        return counted(() -> response.sse()
                .header(HttpHeaderNames.CACHE_CONTROL, "no-store")
                .sendByteArray(told)
                .then());
    }

    /** Counts whoever is told something bit by bit, up to its end. */
    private Mono<Void> counted(Supplier<Mono<Void>> stream) {
        return Mono.defer(() -> {
            // At once, on the event loop: those who come together are counted before any of them is told something.
            watchers.incrementAndGet();
            return stream.get().doFinally(how -> watchers.decrementAndGet());
        });
    }

    private Publisher<Void> execute(
            EndpointOrders.Order order, HttpServerRequest request, HttpServerResponse response) {
        Reply refusal = refusalToChange(request);
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

    /** Begins to drain, and tells how it goes until it is over; whoever asks meanwhile is told the same. */
    private Publisher<Void> drain(HttpServerRequest request, HttpServerResponse response) {
        Reply refusal = refusalToChange(request);
        if (refusal != null) {
            return refusal.to(response.keepAlive(false));
        }
        log.atInfo().addKeyValue("reason", "an operator said so").log("draining: an operator said so");
        Flux<byte[]> told = Mono.fromCallable(subject::startDraining)
                .subscribeOn(work)
                .flatMapMany(drain -> Flux.interval(INTERVAL)
                        .onBackpressureLatest()
                        .map(second -> DrainJson.progress(drain))
                        .takeUntilOther(drain.summary())
                        .startWith(DrainJson.progress(drain))
                        .concatWith(drain.summary().map(DrainJson::summary)));
        return counted(() -> response.keepAlive(false)
                .header(HttpHeaderNames.CONTENT_TYPE, JSON_LINES)
                .header(HttpHeaderNames.CACHE_CONTROL, "no-store")
                .send(told.map(Unpooled::wrappedBuffer), each -> true)
                .then());
    }

    private @Nullable Reply refusalToChange(HttpServerRequest request) {
        return request.method().equals(HttpMethod.POST)
                ? access.refusalToChange(request.requestHeaders().get(HttpHeaderNames.AUTHORIZATION))
                : onlyBy("POST", request);
    }

    /** Keeps no more than shows that it is too much. */
    private static void gather(ByteArrayOutputStream body, byte[] part) {
        body.write(part, 0, Math.min(part.length, MAX_BODY + 1 - body.size()));
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
