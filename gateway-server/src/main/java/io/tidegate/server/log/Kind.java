package io.tidegate.server.log;

import org.slf4j.event.Level;

/** The lines of which there may be one for each session or handshake: the level of each, and what they say in a word. */
public enum Kind {
    /** A handshake came to nothing, and not by its client's fault. */
    HANDSHAKE_FAILED(Level.WARN, "handshake failed"),
    /** An upstream refused a handshake. */
    HANDSHAKE_REFUSED(Level.INFO, "handshake refused"),
    /** The gateway is at fault. */
    INTERNAL_ERROR(Level.ERROR, "internal error"),
    /** An upstream leg is lost, and another one is dialled. */
    LEG_LOST(Level.INFO, "upstream leg lost"),
    /** It was. */
    RECONNECTED(Level.INFO, "reconnected"),
    /** It wasn't, for as long as the route allows. */
    GIVEN_UP(Level.WARN, "given up"),
    /** Another endpoint serves from now on, and the leg before was none that was lost. */
    MOVED(Level.INFO, "moved"),
    /** An upstream leg is lost for good, and the session with it. */
    UPSTREAM_LOST(Level.WARN, "upstream lost"),
    /** The upstream broke RFC 6455 or sent too much. */
    UPSTREAM_VIOLATION(Level.WARN, "upstream broke the protocol"),
    /** The client did. */
    CLIENT_VIOLATION(Level.INFO, "client broke the protocol");

    private final Level level;
    private final String text;

    Kind(Level level, String text) {
        this.level = level;
        this.text = text;
    }

    Level level() {
        return level;
    }

    /** For people: {@code upstream leg lost}. */
    public String text() {
        return text;
    }
}
