package io.tidegate.server;

import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.tidegate.frame.CloseStatus;
import io.tidegate.metrics.WriterBarrier;
import io.tidegate.queue.ByteBudget;
import io.tidegate.server.admin.AdminServer;
import io.tidegate.server.admin.Subject;
import io.tidegate.server.config.Address;
import io.tidegate.server.config.AdminConfig;
import io.tidegate.server.config.ConfigReader;
import io.tidegate.server.config.DrainConfig;
import io.tidegate.server.config.GatewayConfig;
import io.tidegate.server.drain.Drain;
import io.tidegate.server.drain.DrainSummary;
import io.tidegate.server.handshake.HandshakeGate;
import io.tidegate.server.leg.Leg;
import io.tidegate.server.log.Lines;
import io.tidegate.server.route.Route;
import io.tidegate.server.route.RouteTable;
import io.tidegate.server.session.Session;
import io.tidegate.server.traffic.RouteTraffic;
import io.tidegate.server.upstream.Upstream;
import io.tidegate.time.Ticker;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.netty.ChannelBindException;
import reactor.netty.DisposableServer;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.server.HttpServer;

/**
 * A running gateway.
 *
 * <p><b>Threads:</b> {@link #start}, {@link #drain}, {@link #stop} and {@link #close} block and must not be called on an event
 * loop; the rest may be called anywhere.
 */
public final class Gateway implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(Gateway.class);

    private static final int BACKLOG = 4096;
    private static final int MAX_REQUEST_LINE = 16 * 1024;
    private static final int MAX_REQUEST_HEADERS = 64 * 1024;

    /** The value of the label {@code route} for what came to no route. */
    private static final String UNROUTED = "none";

    /** How long a flip of the histograms waits for a busy event loop. */
    private static final Duration LOOP_PATIENCE = Duration.ofMillis(200);

    /** How long it may take to close what is left of connections. */
    private static final int CLOSING_SECONDS = 1;

    private final EventLoops loops;
    private final List<Upstream> upstreams;
    private final Acceptor acceptor;
    private final Lines lines;
    private final ByteBudget queues;
    private final DrainConfig drainConfig;
    private final String yaml;
    private final Instant since = Instant.now();
    private final List<RouteTraffic> traffic;
    private final List<DisposableServer> listeners = new ArrayList<>();
    /** Also those that have no session yet, which nobody else knows. */
    private final ChannelGroup clients = new DefaultChannelGroup("clients", GlobalEventExecutor.INSTANCE, true);

    private @Nullable AdminServer admin;
    private final Sinks.One<DrainSummary> drained = Sinks.one();
    private volatile @Nullable Drain drain;
    private boolean closed;

    private Gateway(GatewayConfig config, String yaml) {
        this.yaml = yaml;
        loops = new EventLoops("tidegate-loop", config.transport(), config.loops());
        Map<String, Upstream> named = new LinkedHashMap<>();
        config.upstreams().forEach((name, upstream) -> named.put(name, new Upstream(name, upstream, loops)));
        upstreams = List.copyOf(named.values());
        queues = new ByteBudget(config.queueBytes());
        drainConfig = config.drain();
        boolean isMeasured = config.admin() != null;
        RouteTable routes = new RouteTable(config.routes().stream()
                .map(route -> Route.of(
                        route, Objects.requireNonNull(named.get(route.upstream())), queues, isMeasured, loops.count()))
                .toList());
        RouteTraffic unrouted = new RouteTraffic(UNROUTED, false, false, loops.count());
        lines = new Lines(Ticker.system(), loops.onServer(true), config.log().access());
        acceptor = new Acceptor(routes, unrouted, lines);
        traffic = new ArrayList<>(routes.routes().stream().map(Route::traffic).toList());
        traffic.add(unrouted);
    }

    /**
     * Starts a gateway; returns when it listens.
     *
     * @throws BindException if an address is taken or not of this machine, naming it; nothing is left running then
     * @throws IllegalArgumentException if this machine hasn't the transport asked for
     */
    public static Gateway start(GatewayConfig config) throws BindException {
        return start(config, "# configured by the process that it runs in\n");
    }

    /** As the other one, and operators are shown what was read. */
    public static Gateway start(ConfigReader.Loaded loaded) throws BindException {
        return start(loaded.config(), loaded.yaml());
    }

    private static Gateway start(GatewayConfig config, String yaml) throws BindException {
        Gateway gateway = new Gateway(config, yaml);
        try {
            gateway.upstreams.forEach(Upstream::start);
            for (var listener : config.listeners()) {
                gateway.listeners.add(bind(gateway.server(), listener.address()));
            }
            AdminConfig admin = config.admin();
            if (admin != null) {
                AdminServer server = new AdminServer(gateway.new Self(), admin.token());
                gateway.admin = server;
                server.start(http -> bind(http, admin.address()));
            }
            return gateway;
        } catch (RuntimeException | BindException e) {
            gateway.close();
            throw e;
        }
    }

    /**
     * Sets what Netty only reads once, before its first use in this JVM. A process that uses Netty in other ways before it
     * starts a gateway calls this first; for others, {@link #start} is early enough.
     */
    public static void prepare() {
        EventLoops.avoidMultishotPoll();
    }

    /** Where clients connect, in the order of the configuration; real ports in place of 0. */
    public List<InetSocketAddress> listeners() {
        return listeners.stream()
                .map(server -> (InetSocketAddress) server.address())
                .toList();
    }

    /** Where the admin port is; {@code null} when there is none. */
    public @Nullable InetSocketAddress admin() {
        return admin == null ? null : admin.address();
    }

    /** The transport in use: {@code io_uring}, {@code epoll} or {@code nio}. */
    public String transport() {
        return EventLoops.name(loops.transport());
    }

    /** How many event loops there are. */
    public int eventLoops() {
        return loops.count();
    }

    /** The version in the jar's manifest, or {@code development} when run from class files. */
    public static String version() {
        String version = Gateway.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    /** The best transport that this machine has: {@code io_uring}, {@code epoll} or {@code nio}. */
    public static String transportAvailable() {
        return EventLoops.name(EventLoops.best());
    }

    /**
     * Begins to end: takes no more clients, and closes its sessions as its configuration says ({@code drain}), without losing
     * what they promise. {@link #close} comes after that.
     *
     * @return the drain that is under way, the same one each time
     */
    public Drain drain() {
        // Without the lock, which whoever closes the gateway holds until it is closed.
        Drain begun = drain;
        return begun == null ? drain(drainConfig, true) : begun;
    }

    private synchronized Drain drain(DrainConfig how, boolean patient) {
        Drain begun = drain;
        if (begun != null) {
            return begun;
        }
        Drain now = new Drain(
                how,
                patient,
                acceptor::sessions,
                acceptor::isIdle,
                () -> RouteTraffic.accounting(traffic),
                this::tasks,
                Ticker.system(),
                (EventLoop) loops.each().iterator().next());
        drain = now;
        acceptor.end(now);
        listeners.forEach(Gateway::unbind);
        now.summary().subscribe(drained::tryEmitValue);
        now.start();
        return now;
    }

    /**
     * Waits until it is drained, whoever began that.
     *
     * <p><b>Signals:</b> the summary; never an error. <b>Threads:</b> an event loop.
     */
    public Mono<DrainSummary> drained() {
        return drained.asMono();
    }

    /**
     * Closes every leg with 1001 at once, waits for the closing handshakes, and {@linkplain #close closes} the gateway.
     *
     * @param timeout how long to wait for the peers; the rest is cut off then
     */
    public void stop(Duration timeout) {
        Drain now = drain(new DrainConfig(timeout, Duration.ZERO, CloseStatus.GOING_AWAY), false);
        // It may have begun before, and be patient.
        now.hurry(timeout);
        DrainSummary summary = now.summary().block();
        if (summary != null && summary.forced() > 0) {
            log.warn(
                    "{} sessions did not finish their closing handshake within {} and are cut off",
                    summary.forced(),
                    timeout);
        }
        close();
    }

    /** Ends everything, sessions that are still there included; blocks until it has. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        listeners.forEach(Gateway::unbind);
        upstreams.forEach(Upstream::stop);
        // An event loop that ends first may leave connections open behind it.
        clients.close().awaitUninterruptibly(CLOSING_SECONDS, TimeUnit.SECONDS);
        if (admin != null) {
            admin.stop();
        }
        loops.dispose();
        lines.flush();
    }

    private int tasks() {
        int own = admin == null ? 0 : admin.tasks();
        return own + upstreams.stream().mapToInt(Upstream::tasks).sum();
    }

    /** What passed on each route, and on none. */
    List<RouteTraffic> traffic() {
        return traffic;
    }

    /** The upstreams. */
    List<Upstream> upstreams() {
        return upstreams;
    }

    /** What the admin port tells of. */
    private final class Self implements Subject {

        private final WriterBarrier writers = WriterBarrier.of(loops.each(), LOOP_PATIENCE);

        @Override
        public List<RouteTraffic> traffic() {
            return traffic;
        }

        @Override
        public List<Upstream> upstreams() {
            return upstreams;
        }

        @Override
        public WriterBarrier writers() {
            return writers;
        }

        @Override
        public ByteBudget queues() {
            return queues;
        }

        @Override
        public Collection<Session> sessions() {
            return acceptor.sessions();
        }

        @Override
        public @Nullable Drain drain() {
            return drain;
        }

        @Override
        public Drain startDraining() {
            return Gateway.this.drain();
        }

        @Override
        public String configuration() {
            return yaml;
        }

        @Override
        public Instant configuredAt() {
            return since;
        }

        @Override
        public String version() {
            return Gateway.version();
        }

        @Override
        public String transport() {
            return Gateway.this.transport();
        }
    }

    private HttpServer server() {
        return HttpServer.create()
                .runOn(loops)
                .protocol(HttpProtocol.HTTP11)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childOption(ChannelOption.RECVBUF_ALLOCATOR, Leg.READS)
                .httpRequestDecoder(
                        spec -> spec.maxInitialLineLength(MAX_REQUEST_LINE).maxHeaderSize(MAX_REQUEST_HEADERS))
                .doOnChannelInit((observer, channel, remote) -> {
                    clients.add(channel);
                    channel.pipeline().addFirst(HandshakeGate.NAME, new HandshakeGate());
                })
                .handle(acceptor);
    }

    private static void unbind(DisposableServer server) {
        try {
            server.disposeNow();
        } catch (IllegalStateException e) {
            log.warn("{} does not close: {}", server.address(), e.getMessage());
        }
    }

    private static DisposableServer bind(HttpServer server, Address address) throws BindException {
        try {
            return server.host(address.host()).port(address.port()).bindNow();
        } catch (ChannelBindException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            BindException failure = new BindException("cannot bind " + address + ": " + cause.getMessage());
            failure.initCause(e);
            throw failure;
        }
    }
}
