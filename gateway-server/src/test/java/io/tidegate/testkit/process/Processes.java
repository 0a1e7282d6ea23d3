package io.tidegate.testkit.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedDeque;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The processes and peers of one test.
 *
 * <p>After each test it closes the peers and holds of every gateway that still runs: no session is left, no message is unaccounted
 * for, nothing is queued, and it logged no error. Then it ends all processes, by their ids.
 */
public final class Processes implements BeforeEachCallback, AfterEachCallback {
    private final Deque<AutoCloseable> peers = new ConcurrentLinkedDeque<>(); // clients connect on many threads
    private final Deque<UpstreamProcess> upstreams = new ArrayDeque<>();
    private final Deque<GatewayProcess> gateways = new ArrayDeque<>();
    private @Nullable Path directory;

    /** A gateway; see {@link GatewayProcess#start}. */
    public GatewayProcess gateway(String yaml, String... jvmOptions) {
        GatewayProcess gateway = GatewayProcess.start(Objects.requireNonNull(directory), yaml, jvmOptions);
        gateways.push(gateway);
        return gateway;
    }

    /** An upstream that listens. */
    public UpstreamProcess upstream(UpstreamProcess.Kind kind) {
        UpstreamProcess upstream = UpstreamProcess.launch(kind);
        upstreams.push(upstream);
        return upstream;
    }

    /** Closes it after the test, before what was tracked earlier and before all processes. */
    public <T extends AutoCloseable> T track(T peer) {
        peers.push(peer);
        return peer;
    }

    @Override
    public void beforeEach(ExtensionContext context) throws IOException {
        directory = Files.createTempDirectory("tidegate-it");
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        try {
            while (!peers.isEmpty()) {
                peers.pop().close();
            }
            for (GatewayProcess gateway : gateways) {
                if (gateway.process().isAlive()) {
                    assertSettled(gateway);
                }
                assertNoErrors(gateway);
            }
        } finally {
            gateways.forEach(GatewayProcess::close);
            upstreams.forEach(UpstreamProcess::close);
            deleteDirectory();
        }
    }

    private static void assertSettled(GatewayProcess gateway) {
        gateway.awaitNoSession();
        gateway.awaitStats(Books::settled).assertAccounted();
    }

    private static void assertNoErrors(GatewayProcess gateway) {
        List<String> errors = gateway.process().lines().stream()
                .filter(line -> line.contains(" ERROR ") || line.contains("LEAK:"))
                .toList();
        if (!errors.isEmpty()) {
            throw new AssertionError("the gateway logged errors: " + errors);
        }
    }

    private void deleteDirectory() throws IOException {
        Path made = directory;
        directory = null;
        if (made != null) {
            try (var files = Files.list(made)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(made);
        }
    }
}
