package io.tidegate.bench.fault.process;

import io.tidegate.bench.fault.upstream.UpstreamCommand;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An upstream endpoint: an address, and one process after another that serves it.
 *
 * <p><b>Threads:</b> one.
 */
public final class UpstreamProcess {

    private final Children children;
    private final Path directory;
    private final int endpoint;
    private final int port;
    private final int closeCode;
    private final @Nullable Namespace namespace;
    private @Nullable Child child;

    /**
     * Makes one that doesn't run yet.
     *
     * @param directory where the journal and logs are
     * @param endpoint its number
     * @param closeCode what it closes sessions with when it is asked to end
     * @param namespace where its network is; null for the host's
     */
    public UpstreamProcess(
            Children children, Path directory, int endpoint, int closeCode, @Nullable Namespace namespace)
            throws IOException {
        this.children = children;
        this.directory = directory;
        this.endpoint = endpoint;
        this.closeCode = closeCode;
        this.namespace = namespace;
        this.port = Ports.free();
    }

    /** The journal of all upstreams in a directory. */
    public static Path journal(Path directory) {
        return directory.resolve("journal");
    }

    /** Its number. */
    public int endpoint() {
        return endpoint;
    }

    /** Its address. */
    public URI uri() {
        return URI.create("ws://" + host() + ":" + port);
    }

    /** Starts it, and waits until it takes connections. */
    public void start() throws IOException {
        List<String> command = new ArrayList<>(namespace == null ? List.of() : namespace.inside());
        // Made for a quick start: it is started again and again.
        command.addAll(Java.command("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-Xmx512m"));
        command.addAll(List.of("-cp", Java.classPath(), "io.tidegate.bench.Main", "fault-upstream"));
        command.addAll(List.of("--host", host(), "--port", Integer.toString(port)));
        command.addAll(List.of("--log", journal(directory).toString(), "--endpoint", Integer.toString(endpoint)));
        command.addAll(List.of("--close-code", Integer.toString(closeCode)));
        String name = "upstream " + endpoint;
        Child started = children.start(name, command, directory.resolve("upstream-" + endpoint + ".log"));
        child = started;
        started.await(UpstreamCommand.READY);
    }

    /** Its process. */
    public Child child() {
        Child running = child;
        if (running == null) {
            throw new IllegalStateException("upstream " + endpoint + ": never started");
        }
        return running;
    }

    private String host() {
        return namespace == null ? "127.0.0.1" : namespace.address();
    }
}
