package io.tidegate.bench.fault;

import java.util.Locale;

/** What is broken. */
enum Scenario {
    /** Upstreams are killed (SIGKILL) and started again. */
    KILL(8, 1, 200, 100_000),
    /** Upstreams are asked to end (SIGTERM), close their sessions, and are started again. */
    RESTART(8, 1, 10, 20_000),
    /** Upstreams stand still (SIGSTOP) and go on. */
    PAUSE(8, 2, 5, 10_000),
    /** All packets to and from an upstream are lost, and neither side is told. */
    PARTITION(8, 2, 5, 10_000),
    /** One upstream is dead, and some clients of another don't read. */
    SLOW(1_000, 1, 1, 5_000_000),
    /** One of two upstreams that serve many sessions is killed. */
    STORM(9_000, 2, 1, 18_000);

    private final int clients;
    private final int endpoints;
    private final int faults;
    private final int messages;

    Scenario(int clients, int endpoints, int faults, int messages) {
        this.clients = clients;
        this.endpoints = endpoints;
        this.faults = faults;
        this.messages = messages;
    }

    int clients() {
        return clients;
    }

    int endpoints() {
        return endpoints;
    }

    int faults() {
        return faults;
    }

    int messages() {
        return messages;
    }

    /** Whether upstreams are broken again and again, on a schedule. */
    boolean repeats() {
        return this != SLOW && this != STORM;
    }

    /** Whether a broken upstream says nothing at all, not even that it is gone. */
    boolean silent() {
        return this == PAUSE || this == PARTITION;
    }

    /** Its name on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
