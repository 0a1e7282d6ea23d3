package io.tidegate.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertAll;

import ch.qos.logback.classic.Level;
import io.tidegate.server.Gateway;
import io.tidegate.server.config.ConfigException;
import io.tidegate.server.config.ConfigReader;
import io.tidegate.testkit.LogCapture;
import io.tidegate.testkit.ScriptedClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.function.Executable;

/**
 * A gateway in this process, its peers, and tabs with its dashboard.
 *
 * <p>{@link #close} holds that no browser complained and that no gateway logged an error.
 */
final class DashboardFixture implements AutoCloseable {

    private final Chromium chromium;
    private final LogCapture log = LogCapture.start("io.tidegate");
    private final Deque<AutoCloseable> peers = new ArrayDeque<>();
    private final Deque<Gateway> gateways = new ArrayDeque<>();

    DashboardFixture(Chromium chromium) {
        this.chromium = chromium;
    }

    /**
     * Starts a gateway.
     *
     * @param admin the keys of its admin port
     * @param yaml its upstreams and routes
     */
    Gateway start(String admin, String yaml) {
        String ports = """
                listeners: [{address: "127.0.0.1:0"}]
                admin: {%s}
                eventLoops: 2
                """.formatted(admin);
        try {
            Path file = Files.createTempFile("tidegate", ".yaml");
            try {
                gateways.push(Gateway.start(ConfigReader.read(Files.writeString(file, ports + yaml), Map.of())));
                return gateway();
            } finally {
                Files.delete(file);
            }
        } catch (ConfigException e) {
            throw new AssertionError(e.problems().toString(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The one that was started last. */
    Gateway gateway() {
        return gateways.element();
    }

    ScriptedClient connect(Gateway gateway, String path) {
        return track(ScriptedClient.connect(gateway.listeners().get(0), path));
    }

    /** Opens the dashboard in a window that is so wide. */
    Tab open(Gateway gateway, int width) {
        return track(chromium.open(Objects.requireNonNull(gateway.admin()), width));
    }

    /** Closes it at the end, before what was tracked earlier and before the gateways. */
    <T extends AutoCloseable> T track(T peer) {
        peers.push(peer);
        return peer;
    }

    /** How sessions end is told elsewhere: none that is left is waited for. */
    @Override
    public void close() {
        try {
            Stream<Executable> ends = Stream.concat(
                    peers.stream().map(peer -> peer::close),
                    gateways.stream().map(gateway -> () -> gateway.stop(Duration.ZERO)));
            assertAll(ends);
            assertThat(log.atLeast(Level.ERROR)).isEmpty();
        } finally {
            log.close();
        }
    }
}
