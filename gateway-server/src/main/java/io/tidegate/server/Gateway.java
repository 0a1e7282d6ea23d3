package io.tidegate.server;

import io.netty.channel.ChannelOption;
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
import io.tidegate.server.config.GatewayConfig;
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
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.netty.ChannelBindException;
import reactor.netty.DisposableServer;
import reactor.netty.http.HttpProtocol;
import reactor.netty.http.server.HttpServer;

/**
 * A running gateway.
 *
 * <p><b>Threads:</b> {@link #start} and {@link #stop} block and must not be called on an event loop; the rest may be called
 * anywhere.
 */
public final class Gateway {

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
    private final List<RouteTraffic> traffic;
    private final List<DisposableServer> listeners = new ArrayList<>();
    /** Also those that have no session yet, which nobody else knows. */
    private final ChannelGroup clients = new DefaultChannelGroup("clients", GlobalEventExecutor.INSTANCE, true);

    private @Nullable AdminServer admin;
    private volatile boolean started;
    private volatile int sessionsAtStop;
    private volatile boolean stopping;

    private Gateway(GatewayConfig config) {
        loops = new EventLoops("tidegate-loop", config.transport(), config.loops());
        Map<String, Upstream> named = new LinkedHashMap<>();
        config.upstreams().forEach((name, upstream) -> named.put(name, new Upstream(name, upstream, loops)));
        upstreams = List.copyOf(named.values());
        queues = new ByteBudget(config.queueBytes());
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
        Gateway gateway = new Gateway(config);
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
            gateway.started = true;
            return gateway;
        } catch (RuntimeException | BindException e) {
            gateway.stop(Duration.ZERO);
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
     * Stops accepting, closes every leg with 1001, waits for the closing handshakes, and ends the event loops.
     *
     * @param timeout how long to wait for the peers; the rest is cut off then
     */
    public void stop(Duration timeout) {
        if (stopping) {
            return;
        }
        sessionsAtStop = acceptor.sessions().size();
        stopping = true;
        listeners.forEach(Gateway::unbind);
        upstreams.forEach(Upstream::stop);
        int open = acceptor.sessions().size();
        acceptor.end(new CloseStatus(CloseStatus.GOING_AWAY, "gateway stopping"));
        long start = System.nanoTime();
        long deadline = start + timeout.toNanos();
        while (!acceptor.isIdle() && deadline - System.nanoTime() > 0) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
        int cut = acceptor.sessions().size();
        if (cut > 0) {
            log.warn("{} sessions did not finish their closing handshake within {} and are cut off", cut, timeout);
            acceptor.sessions().forEach(Session::cut);
        }
        // An event loop that ends first may leave connections open behind it.
        clients.close().awaitUninterruptibly(CLOSING_SECONDS, TimeUnit.SECONDS);
        if (admin != null) {
            admin.stop();
        }
        loops.dispose();
        lines.flush();
        if (started) {
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
            log.atInfo()
                    .addKeyValue("sessions", open)
                    .addKeyValue("cutOff", cut)
                    .addKeyValue("durationMillis", millis)
                    .log("{} sessions ended, {} of them cut off, in {} ms", open, cut, millis);
        }
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
        public boolean isStopping() {
            return stopping;
        }

        @Override
        public int sessionsAtStop() {
            return sessionsAtStop;
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
