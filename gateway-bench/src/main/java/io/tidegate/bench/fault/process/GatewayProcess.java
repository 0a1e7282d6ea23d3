package io.tidegate.bench.fault.process;

import io.tidegate.bench.fault.judge.Accounting;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The gateway under test, and what it says of itself on its admin port.
 *
 * <p><b>Threads:</b> any, once it is ready.
 */
public final class GatewayProcess {

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration ANSWER = Duration.ofSeconds(5);
    private static final long POLL_MILLIS = 20;
    private static final int FOUND = 200;
    private static final int MISSING = 404;

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(ANSWER).build();
    private final JsonMapper mapper = JsonMapper.builder().build();
    private final Child child;
    private final int port;
    private final int adminPort;

    private GatewayProcess(Child child, int port, int adminPort) {
        this.child = child;
        this.port = port;
        this.adminPort = adminPort;
    }

    /**
     * Starts one, and waits until it is ready.
     *
     * @param jar the gateway; null for the one in this program's class path
     * @param jvm options for its JVM
     */
    public static GatewayProcess start(
            Children children, Path directory, @Nullable Path jar, List<String> jvm, GatewaySettings settings)
            throws IOException, InterruptedException {
        int port = Ports.free();
        int adminPort = Ports.free();
        Path config = directory.resolve("gateway.yaml");
        Files.writeString(config, settings.yaml(port, adminPort));
        List<String> command = new ArrayList<>(Java.command(jvm.toArray(new String[0])));
        command.addAll(
                jar == null
                        ? List.of("-cp", Java.classPath(), "io.tidegate.server.cli.Main")
                        : List.of("-jar", jar.toString()));
        command.addAll(List.of("run", "--config", config.toString()));
        Child child = children.start("gateway", command, directory.resolve("gateway.log"));
        GatewayProcess gateway = new GatewayProcess(child, port, adminPort);
        gateway.awaitReady();
        return gateway;
    }

    /** Where clients connect to. */
    public int port() {
        return port;
    }

    /** Its process. */
    public Child child() {
        return child;
    }

    /** What it counts, its accounting by route ({@code all} for the sum); empty when it doesn't tell. */
    public Map<String, Accounting> accounting() throws IOException, InterruptedException {
        HttpResponse<String> stats = get("/api/stats");
        return stats.statusCode() == MISSING ? Map.of() : parse(stats).books();
    }

    /** What it counts. */
    public GatewayStats stats() throws IOException, InterruptedException {
        return parse(get("/api/stats"));
    }

    private GatewayStats parse(HttpResponse<String> stats) throws IOException {
        if (stats.statusCode() != FOUND) {
            throw new IOException("gateway: /api/stats: " + stats.statusCode() + " (expected: " + FOUND + ")");
        }
        try {
            return GatewayStats.of(mapper.readTree(stats.body()));
        } catch (JacksonException | IllegalArgumentException unreadable) {
            throw new IOException("gateway: /api/stats: " + unreadable.getMessage(), unreadable);
        }
    }

    /** Its metrics: names with labels, as they stand in the Prometheus text, and values. */
    public Map<String, Double> metrics() throws IOException, InterruptedException {
        Map<String, Double> metrics = new TreeMap<>();
        get("/metrics").body().lines().filter(line -> !line.startsWith("#")).forEach(line -> {
            int space = line.lastIndexOf(' ');
            metrics.put(line.substring(0, space), Double.parseDouble(line.substring(space + 1)));
        });
        return metrics;
    }

    private void awaitReady() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!ready()) {
            if (!child.alive()) {
                throw child.ended();
            }
            if (System.nanoTime() - deadline >= 0) {
                throw new IOException("gateway: not ready within " + PATIENCE.toSeconds() + " s");
            }
            Thread.sleep(POLL_MILLIS);
        }
    }

    private boolean ready() throws InterruptedException {
        try {
            return get("/readyz").statusCode() == FOUND;
        } catch (IOException notYet) {
            return false;
        }
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + adminPort + path);
        return http.send(HttpRequest.newBuilder(uri).timeout(ANSWER).build(), HttpResponse.BodyHandlers.ofString());
    }
}
