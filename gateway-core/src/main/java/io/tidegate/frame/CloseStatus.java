package io.tidegate.frame;

/**
 * The status of a Close frame (RFC 6455, section 7.1.5 and 7.1.6).
 *
 * @param code the status code, or {@link #NO_STATUS} when the Close frame was empty
 * @param reason the reason, empty when there was none
 */
public record CloseStatus(int code, String reason) {

    /** Stands for "no status code present"; never sent on the wire (RFC 6455, section 7.4.1). */
    public static final int NO_STATUS = 1005;

    /** What a Close frame without payload says. */
    public static final CloseStatus EMPTY = new CloseStatus(NO_STATUS, "");

    public static final int NORMAL = 1000;
    public static final int GOING_AWAY = 1001;
    public static final int PROTOCOL_ERROR = 1002;
    public static final int INVALID_PAYLOAD = 1007;
    public static final int POLICY = 1008;
    public static final int TOO_BIG = 1009;
    public static final int INTERNAL_ERROR = 1011;
    public static final int OVERLOAD = 1013;
    public static final int BAD_GATEWAY = 1014;

    /**
     * Tells whether an endpoint may put {@code code} into a Close frame: the codes that RFC 6455 (section 7.4) and the
     * IANA registry define for that (1000–1003, 1007–1014), and those of libraries and applications (3000–4999).
     */
    public static boolean isSendable(int code) {
        return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
    }

    @Override
    public String toString() {
        if (code == NO_STATUS) {
            return "no status";
        }
        return reason.isEmpty() ? Integer.toString(code) : code + " \"" + reason + '"';
    }
}
