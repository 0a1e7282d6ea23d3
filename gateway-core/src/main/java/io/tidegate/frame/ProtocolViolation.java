package io.tidegate.frame;

/**
 * Frames that break RFC 6455 or a limit; carries the status to close with. An expected rejection: it has no stack trace.
 */
public final class ProtocolViolation extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final int closeCode;

    /**
     * @param closeCode {@link CloseStatus#PROTOCOL_ERROR} or {@link CloseStatus#TOO_BIG}
     * @param message what was wrong and what was expected, fit for a Close reason: at most 123 bytes of ASCII
     */
    public ProtocolViolation(int closeCode, String message) {
        super(message, null, false, false);
        this.closeCode = closeCode;
    }

    /** The code for the Close frame that the offender gets. */
    public int closeCode() {
        return closeCode;
    }

    /** The status that the offender gets: {@link #closeCode()} with the message as its reason. */
    public CloseStatus status() {
        return new CloseStatus(closeCode, String.valueOf(getMessage()));
    }
}
