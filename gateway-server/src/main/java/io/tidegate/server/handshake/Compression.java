package io.tidegate.server.handshake;

/** How permessage-deflate (RFC 7692) is negotiated between client and upstream; a matter of the route. */
public enum Compression {

    /** Offers and answer pass as they are: both ends agree between themselves, context takeover included. */
    END_TO_END,

    /**
     * Without context takeover, either way: each message stands alone, so that it can be inflated by itself, kept, and sent
     * to another upstream than the one before it. One offer of the client's passes, with that added.
     */
    STANDALONE
}
