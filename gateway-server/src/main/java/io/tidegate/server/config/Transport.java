package io.tidegate.server.config;

import java.util.Locale;

/** How the gateway talks to the kernel's sockets. */
public enum Transport {
    /** The best that this machine has: io_uring, else epoll, else NIO. */
    AUTO,
    /** Linux io_uring. */
    IO_URING,
    /** Linux epoll. */
    EPOLL,
    /** The JDK's own, on every system. */
    NIO;

    /** As written in the configuration: {@code io_uring}. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
