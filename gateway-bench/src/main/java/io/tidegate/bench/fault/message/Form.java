package io.tidegate.bench.fault.message;

import org.jspecify.annotations.Nullable;

/**
 * A way to write numbered messages and their replies.
 *
 * <p><b>Threads:</b> immutable.
 */
@SuppressWarnings("ImmutableEnumChecker") // a Template is immutable
public enum Form {
    /** Plain text that nobody answers. */
    MESSAGE("message {c} {s} {f}", null),
    /** Plain text that comes back as it is. */
    ECHO("echo {c} {s} {f}", "echo {c} {s} {f}"),
    /** JSON-RPC 2.0. */
    JSON_RPC(
            "{\"jsonrpc\":\"2.0\",\"id\":{s},\"method\":\"work\",\"params\":{\"client\":{c},\"filler\":\"{f}\"}}",
            "{\"jsonrpc\":\"2.0\",\"id\":{s},\"result\":{\"client\":{c},\"filler\":\"{f}\"}}"),
    /** OCPP-J. */
    OCPP_J(
            "[2,\"{s}\",\"Work\",{\"client\":{c},\"filler\":\"{f}\"}]",
            "[3,\"{s}\",{\"client\":{c},\"filler\":\"{f}\"}]");

    private final Template request;
    private final @Nullable Template reply;

    Form(String request, @Nullable String reply) {
        this.request = new Template(request);
        this.reply = reply == null ? null : new Template(reply);
    }

    /** The form of a request, by how it begins; null when it is none. */
    public static @Nullable Form of(String request) {
        for (Form form : values()) {
            if (form.request.begins(request)) {
                return form;
            }
        }
        return null;
    }

    /** Whether requests are answered. */
    public boolean answered() {
        return reply != null;
    }

    /**
     * A request.
     *
     * @param filler its letters of filler
     */
    public String request(Numbered number, int filler) {
        return request.fill(number, Filler.of(number, filler));
    }

    /** The number of a request; null when it is damaged or none of this form. */
    public @Nullable Numbered readRequest(String text) {
        return request.read(text);
    }

    /** The reply to a request that {@link #readRequest} took; null when this form has none. */
    public @Nullable String reply(String request) {
        Numbered number = this.request.read(request);
        return reply == null || number == null ? null : reply.fill(number, this.request.filler(request));
    }

    /** The number of a reply; null when it is damaged or none of this form. */
    public @Nullable Numbered readReply(String text) {
        return reply == null ? null : reply.read(text);
    }

    /** Whether a message that is no reply of an upstream reports an error in the protocol's own way. */
    public boolean isError(String text) {
        return switch (this) {
            case MESSAGE, ECHO -> false;
            case JSON_RPC -> text.contains("\"error\"");
            case OCPP_J -> text.startsWith("[4,");
        };
    }
}
