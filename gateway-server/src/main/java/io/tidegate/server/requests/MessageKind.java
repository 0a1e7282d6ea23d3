package io.tidegate.server.requests;

/** What a message, or an element of a batch, is about. */
public enum MessageKind {

    /** From the client: a reply is expected, under its id. */
    REQUEST,

    /** From the client: takes back the request with its id. */
    CANCEL,

    /** From the client: opens the conversation; its reply is {@link #ACCEPT}. */
    OPEN,

    /** From the upstream: the last word on the request with its id. */
    REPLY,

    /** From the upstream: a result for the request with its id, after which others come. */
    RESULT,

    /** From the upstream: the reply to {@link #OPEN}. */
    ACCEPT,

    /** Anything else: notifications, requests of the upstream and the client's replies to them, what isn't JSON. */
    OTHER
}
