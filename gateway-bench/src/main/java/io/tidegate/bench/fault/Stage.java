package io.tidegate.bench.fault;

import io.tidegate.bench.fault.client.Load;
import io.tidegate.bench.fault.client.Plan;
import io.tidegate.bench.fault.judge.Deliveries;
import io.tidegate.bench.fault.judge.Outage;
import io.tidegate.bench.fault.judge.Promise;
import io.tidegate.bench.fault.message.Form;
import io.tidegate.bench.fault.process.Children;
import io.tidegate.bench.fault.process.GatewayProcess;
import io.tidegate.bench.fault.process.GatewaySettings;
import io.tidegate.bench.fault.process.Namespace;
import io.tidegate.bench.fault.process.UpstreamProcess;
import io.tidegate.bench.fault.upstream.Journal;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Upstreams, gateway and clients, all running, and what a scenario writes down about them.
 *
 * <p><b>Threads:</b> one; {@link #progress} may be called by another.
 */
final class Stage implements AutoCloseable {

    /** What an upstream closes its sessions with when it is asked to end. */
    static final int RESTARTING = 1012;

    private static final Duration PING = Duration.ofMillis(500);
    /** Where an upstream's end is not silent, a busy machine must not be taken for one. */
    private static final Duration PATIENT_PING = Duration.ofSeconds(10);

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration CONNECTING = Duration.ofMinutes(1);
    private static final Duration STALLED = Duration.ofSeconds(5);
    /** Where nothing may be missing, it is worth waiting for. */
    private static final Duration STALLED_FOR_LONG = Duration.ofSeconds(30);

    private static final long POLL_MILLIS = 10;

    private final FaultConfig config;
    private final List<UpstreamProcess> upstreams = new ArrayList<>();
    private final @Nullable Namespace namespace;
    private final GatewayProcess gateway;
    private final Deliveries deliveries = new Deliveries();
    private final Journal journal;
    private final Load load;
    private final long startNanos = System.nanoTime();
    private final List<Outage> outages = new ArrayList<>();
    private final Map<String, Long> figures = new LinkedHashMap<>();
    private final List<String> troubles = new ArrayList<>();
    private volatile int faults;

    /**
     * Starts everything; whatever was started ends with {@code children}.
     *
     * @param directory where files go
     */
    Stage(FaultConfig config, Children children, Path directory) throws IOException, InterruptedException {
        this.config = config;
        this.namespace = config.scenario() == Scenario.PARTITION ? Namespace.create(children) : null;
        int processes = config.scenario() == Scenario.SLOW ? 2 : config.endpoints();
        for (int i = 0; i < processes; i++) {
            Namespace network = i == 0 ? namespace : null; // the first one is cut off, others stay reachable
            upstreams.add(new UpstreamProcess(children, directory, i, RESTARTING, network));
            upstreams.get(i).start();
        }
        this.journal = new Journal(UpstreamProcess.journal(directory), deliveries);
        this.gateway = GatewayProcess.start(
                children, directory, config.gateway().jar(), config.gateway().jvm(), settings());
        this.load = new Load(new Plan(
                gateway.port(),
                paths(),
                config.traffic().form(),
                config.traffic().filler(),
                config.traffic().window()));
        if (!load.connect(CONNECTING)) {
            trouble("only " + load.open() + " of " + config.traffic().clients() + " clients connected");
        }
    }

    FaultConfig config() {
        return config;
    }

    List<UpstreamProcess> upstreams() {
        return upstreams;
    }

    GatewayProcess gateway() {
        return gateway;
    }

    Load load() {
        return load;
    }

    Deliveries deliveries() {
        return deliveries;
    }

    Journal journal() {
        return journal;
    }

    Namespace namespace() {
        if (namespace == null) {
            throw new IllegalStateException("namespace: none (expected: scenario partition)");
        }
        return namespace;
    }

    /** Something was broken. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
    void fault() {
        faults++;
    }

    /** An upstream was broken and works again. */
    void outage(Outage outage) {
        outages.add(outage);
    }

    List<Outage> outages() {
        return outages;
    }

    /** Writes down a figure; its name ends in its unit. */
    void figure(String name, long value) {
        figures.put(name, value);
    }

    Map<String, Long> figures() {
        return figures;
    }

    /** Writes down that something went wrong that no promise speaks of. */
    void trouble(String words) {
        troubles.add(words);
    }

    List<String> troubles() {
        return troubles;
    }

    /**
     * Waits until every message was sent and what is due for it has come, or nothing moves any more.
     *
     * @param messages how many are to be sent since the beginning
     * @return whether all was sent
     */
    boolean settle(long messages) throws IOException, InterruptedException {
        long moved = System.nanoTime();
        long before = -1;
        boolean answered = config.traffic().form().answered();
        Duration stalled = mayLose() ? STALLED : STALLED_FOR_LONG;
        while (System.nanoTime() - moved < stalled.toNanos()) {
            boolean sent = load.sent() >= messages;
            boolean settled = load.settled() >= load.sent();
            journal.readOn(); // after that look: what has its reply was written down before
            boolean done = answered ? settled : deliveries.distinct() >= load.sent();
            if (sent && done) {
                return true;
            }
            long now = load.sent() + load.settled() + deliveries.distinct();
            if (now != before) {
                before = now;
                moved = System.nanoTime();
            }
            Thread.sleep(POLL_MILLIS);
        }
        return load.sent() >= messages;
    }

    private boolean mayLose() {
        Promise promise = config.route().promise();
        return config.scenario() != Scenario.SLOW && (promise == Promise.TOLD || promise == Promise.AT_MOST_ONCE);
    }

    /**
     * Waits until upstreams have read so many messages, each counted once. Where nothing is answered, clients may have sent far more
     * than that: whoever breaks an upstream by what was sent may break it before it has read anything, again and again.
     *
     * @return whether they have
     */
    boolean awaitRead(long messages, Duration patience) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (true) {
            journal.readOn();
            if (deliveries.distinct() >= messages) {
                return true;
            }
            if (System.nanoTime() - deadline >= 0) {
                return false;
            }
            Thread.sleep(1);
        }
    }

    /** How far the run is, in a line. */
    String progress() {
        String replies =
                config.traffic().form().answered() ? String.format(Locale.ROOT, "  settled %,d", load.settled()) : "";
        return String.format(
                Locale.ROOT,
                "%6.1f s  faults %,d of %,d  clients open %,d  sent %,d%s%s",
                (System.nanoTime() - startNanos) / 1e9,
                faults,
                config.faults(),
                load.open(),
                load.sent(),
                config.scenario().repeats()
                        ? String.format(Locale.ROOT, " of %,d", config.traffic().messages())
                        : "",
                replies);
    }

    /** Ends the clients, and reads the journal to its end: from here on all counts are final. */
    @Override
    public void close() throws IOException {
        load.close();
        journal.close();
    }

    private GatewaySettings settings() {
        Map<String, List<URI>> routes = new LinkedHashMap<>();
        if (config.scenario() == Scenario.SLOW) {
            routes.put("/dead", List.of(upstreams.get(0).uri()));
            routes.put("/slow", List.of(upstreams.get(1).uri()));
        } else {
            routes.put("/", upstreams.stream().map(UpstreamProcess::uri).toList());
        }
        FaultConfig.Route route = config.route();
        Form protocol = route.protocol();
        String requests = protocol == null ? null : protocol == Form.OCPP_J ? "ocpp-j" : "json-rpc";
        return new GatewaySettings(
                routes,
                route.reconnect(),
                route.confirm(),
                requests,
                route.queueBytes(),
                config.scenario().silent() ? PING : CONNECT_TIMEOUT,
                config.scenario().silent() ? PING : PATIENT_PING,
                route.reconnectRate());
    }

    private List<String> paths() {
        List<String> paths = new ArrayList<>();
        for (int i = 0; i < config.traffic().clients(); i++) {
            paths.add(config.scenario() != Scenario.SLOW ? "/" : SlowScenario.isSlow(i) ? "/slow" : "/dead");
        }
        return paths;
    }
}
