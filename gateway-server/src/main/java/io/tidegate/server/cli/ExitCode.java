package io.tidegate.server.cli;

/** What the process ends with. The numbers are those of BSD's sysexits. */
final class ExitCode {

    /** All went well; also after a drain, by SIGTERM or SIGINT. */
    static final int FINE = 0;

    /** The command line makes no sense. */
    static final int USAGE = 64;

    /** An address can't be bound. */
    static final int CANNOT_BIND = 69;

    /** Anything that has no code of its own. */
    static final int INTERNAL = 70;

    /** The configuration is not valid, or can't be read. */
    static final int INVALID_CONFIGURATION = 78;

    private ExitCode() {}
}
