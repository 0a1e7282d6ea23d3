package io.tidegate.server.upstream.health;

/** What a connection of the gateway's own found at an endpoint. */
enum Finding {
    /** It was granted; and, if that was looked at, it stayed. */
    WELL,
    /** It was turned down in an orderly way, or had too much to take: nothing is known against the endpoint, nor for it. */
    ORDERLY,
    /** It was granted and then lost, or pings on it were not answered. */
    DROPPED,
    /** There was no answer to the handshake, a wrong one, or one that speaks of trouble (500 and above). */
    TROUBLED,
    /** There was no connection. */
    ABSENT;

    /** Whether a handshake was answered in a way that nothing is wrong with. */
    boolean isAnswer() {
        return this == WELL || this == ORDERLY;
    }
}
