package io.tidegate.bench.fault.client;

import io.tidegate.bench.fault.message.Form;
import java.util.List;

/**
 * What clients do.
 *
 * @param port where the gateway listens, on loopback
 * @param paths what each client asks for, client by client
 * @param form what they send
 * @param filler letters of filler in each message
 * @param window most messages of a client without a reply; applies to forms that are answered
 */
public record Plan(int port, List<String> paths, Form form, int filler, int window) {

    /** Keeps a copy. */
    public Plan {
        paths = List.copyOf(paths);
    }
}
