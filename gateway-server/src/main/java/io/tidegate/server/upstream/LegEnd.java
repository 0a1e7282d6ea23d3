package io.tidegate.server.upstream;

/** How an upstream leg ended, as far as it tells something about its endpoint. */
public enum LegEnd {
    /** In an ordinary way, or by the gateway's or the client's doing: tells nothing. */
    ENDED,
    /** The connection was lost, or the endpoint closed it because it goes away: a failure if it was young. */
    LOST,
    /** The endpoint didn't answer pings: a failure. */
    UNRESPONSIVE
}
