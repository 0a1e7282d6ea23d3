package io.tidegate.bench.fault.judge;

import java.util.List;
import java.util.stream.Stream;

/** Lines of a gateway's log that must not be there, whatever is broken around it. */
public final class Alarms {

    private static final int SHOWN = 5;

    private Alarms() {}

    /** Errors, and buffers that nobody released (Netty's leak detector), each in a line; the first ones when there are many. */
    public static List<String> in(Stream<String> log) {
        List<String> found = log.filter(line -> line.contains(" ERROR ") || line.contains("LEAK:"))
                .map(line -> "the gateway logged: " + line)
                .toList();
        return found.size() <= SHOWN
                ? found
                : Stream.concat(
                                found.stream().limit(SHOWN),
                                Stream.of("the gateway logged " + (found.size() - SHOWN) + " more errors"))
                        .toList();
    }
}
