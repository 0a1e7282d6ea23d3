package io.tidegate.it;

import io.tidegate.testkit.Script;
import io.tidegate.testkit.ScriptedUpstream;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A listening socket that notes when it was dialled, and by whom: clients are told apart by the targets they ask for.
 *
 * <p><b>Threads:</b> any.
 */
final class DialLog implements AutoCloseable {

    private final ScriptedUpstream listener;
    private final Map<String, List<Long>> dials = Collections.synchronizedMap(new TreeMap<>());

    /** What a dial gets. */
    @FunctionalInterface
    interface Treatment {

        /** @param before dials for the same target before this one */
        Script of(String target, int before);
    }

    DialLog(Treatment treatment) {
        listener = ScriptedUpstream.start(connection -> {
            long now = System.nanoTime();
            List<Long> before = dials.computeIfAbsent(
                    connection.target(), target -> Collections.synchronizedList(new ArrayList<>()));
            before.add(now);
            treatment.of(connection.target(), before.size() - 1).serve(connection);
        });
    }

    /** {@code ws://127.0.0.1:PORT}. */
    URI uri() {
        return listener.uri();
    }

    /** All connections that live die by RST. */
    void resetConnections() {
        listener.resetConnections();
    }

    /** The moments, in nanoseconds, at which this client was dialled for. */
    List<Long> of(String target) {
        return List.copyOf(dials.getOrDefault(target, List.of()));
    }

    @Override
    public void close() {
        listener.close();
    }
}
