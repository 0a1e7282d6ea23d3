package io.tidegate.frame;

/** Which end of a WebSocket connection sent the frames; it decides whether they must be masked (RFC 6455, section 5.1). */
public enum Sender {
    /** A WebSocket client: each of its frames must be masked. */
    CLIENT,
    /** A WebSocket server: none of its frames may be masked. */
    SERVER
}
