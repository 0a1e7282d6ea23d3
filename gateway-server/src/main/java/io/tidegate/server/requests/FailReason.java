package io.tidegate.server.requests;

/** Why the gateway answers a request itself, with an error. */
public enum FailReason {

    /** No reply came in time. */
    TIMEOUT("request timed out"),

    /** Its upstream leg was lost before the reply, and it may not be sent again. */
    NOT_REPLAYED("upstream lost, request not replayed"),

    /** It waited too long for an upstream leg. */
    EXPIRED("request expired while waiting for the upstream"),

    /** There was no room for it to wait. */
    DROPPED("request dropped, too much is waiting for the upstream"),

    /** No upstream leg could be had any more. */
    UPSTREAM_LOST("upstream lost");

    private final String text;

    FailReason(String text) {
        this.text = text;
    }

    /** What the client is told: plain text that can stand in a JSON string as it is. */
    public String text() {
        return text;
    }
}
