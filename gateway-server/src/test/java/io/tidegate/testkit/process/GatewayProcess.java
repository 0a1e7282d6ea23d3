package io.tidegate.testkit.process;

import io.tidegate.server.cli.Main;
import io.tidegate.testkit.Handshake;
import io.tidegate.testkit.MetricSnapshot;
import io.tidegate.testkit.Patience;
import io.tidegate.testkit.Peer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * A gateway as operators run it: {@code run --config FILE}, in a process of its own, watched through its admin port.
 *
 * <p><b>Threads:</b> every method may be called from any thread.
 */
public final class GatewayProcess implements AutoCloseable {
    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(Peer.PATIENCE).build();
    private static final String ADDRESS = "127\\.0\\.0\\.1:(\\d+)";
    private static final String LISTENERS = """
            listeners: [{address: "127.0.0.1:0"}]
            admin: {address: "127.0.0.1:0"}
            """;

    /** Nobody here comes back in a herd. */
    private static final String AT_ONCE = "drain: {spread: 0s}\n";

    private final ChildProcess process;
    private final InetSocketAddress address;
    private final InetSocketAddress admin;

    private GatewayProcess(ChildProcess process) {
        this.process = process;
        this.address = loopback(process, "listening on " + ADDRESS);
        this.admin = loopback(process, "admin on http://" + ADDRESS);
    }

    private static InetSocketAddress loopback(ChildProcess process, String line) {
        String port = process.awaitLine(Pattern.compile(line)).group(1);
        return new InetSocketAddress("127.0.0.1", Integer.parseInt(port));
    }

    /**
     * Starts one, on free ports, and waits until it is ready.
     *
     * @param directory where its configuration may be written
     * @param yaml its upstreams, routes and whatever else but {@code listeners} and {@code admin}
     * @param jvmOptions {@code "-Xmx64m"}, say
     */
    static GatewayProcess start(Path directory, String yaml, String... jvmOptions) {
        ChildProcess process = null;
        try {
            String drain = yaml.contains("drain:") ? "" : AT_ONCE;
            Path file =
                    Files.writeString(Files.createTempFile(directory, "gateway", ".yaml"), LISTENERS + drain + yaml);
            process =
                    ChildProcess.start("gateway", Main.class, List.of(jvmOptions), "run", "--config", file.toString());
            GatewayProcess gateway = new GatewayProcess(process);
            gateway.awaitReady();
            return gateway;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (AssertionError e) {
            if (process != null) {
                process.close();
            }
            throw e;
        }
    }

    /** Where clients connect. */
    public InetSocketAddress address() {
        return address;
    }

    /** Where its admin port is. */
    public InetSocketAddress admin() {
        return admin;
    }

    /** {@code ws://127.0.0.1:PORT} and the path. */
    public URI uri(String path) {
        return URI.create("ws://" + Handshake.hostOf(address) + path);
    }

    /** Its process: log lines, signals. */
    public ChildProcess process() {
        return process;
    }

    /** Waits for 200 of {@code /readyz}. */
    public void awaitReady() {
        Patience.await("readiness", () -> get("/readyz"), response -> response.statusCode() == 200);
    }

    /** What the admin port answers. */
    public HttpResponse<String> get(String path) {
        URI uri = URI.create("http://" + Handshake.hostOf(admin) + path);
        try {
            return HTTP.send(HttpRequest.newBuilder(uri).timeout(Peer.PATIENCE).build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw new AssertionError("no answer of " + uri + "\nfrom " + process, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** Its metrics now. */
    public MetricSnapshot metrics() {
        return MetricSnapshot.of(admin);
    }

    /** Its metrics once {@code wanted} holds. */
    public MetricSnapshot awaitMetrics(Predicate<MetricSnapshot> wanted) {
        return MetricSnapshot.await(admin, wanted);
    }

    /** Its metrics once {@code wanted} holds. */
    public MetricSnapshot awaitMetrics(Duration patience, Predicate<MetricSnapshot> wanted) {
        return MetricSnapshot.await(admin, patience, wanted);
    }

    /** Its books now. */
    public Stats stats() {
        HttpResponse<String> response = get("/api/stats");
        if (response.statusCode() != 200) {
            throw new AssertionError("expected: 200 of /api/stats\nbut was: " + response.statusCode());
        }
        return Stats.parse(response.body());
    }

    /** Its books once {@code wanted} holds of those of all routes. */
    public Stats awaitStats(Predicate<Books> wanted) {
        return Patience.await("other books", this::stats, stats -> wanted.test(stats.all()));
    }

    /** Waits until no client is connected. */
    public void awaitNoSession() {
        awaitMetrics(now -> now.value("tidegate_connections") == 0);
    }

    /** SIGTERM, and its exit code. */
    public int stop() {
        process.terminate();
        return process.awaitExit();
    }

    /** SIGKILL, if it still runs. */
    @Override
    public void close() {
        process.close();
    }
}
