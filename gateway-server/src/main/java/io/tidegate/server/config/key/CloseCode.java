package io.tidegate.server.config.key;

import io.tidegate.frame.CloseStatus;

/** The code of a Close frame that the gateway is to send (RFC 6455, section 7.4). */
public final class CloseCode {

    private static final String EXPECTED = "a Close code that may be sent: 1000 to 1003, 1007 to 1014, or 3000 to 4999";

    /** Codes that may be sent. */
    public static final Scalar<Integer> SHAPE = new Scalar<>(
            "code",
            EXPECTED,
            Scalar.Syntax.number("^(100[0-3]|100[7-9]|101[0-4]|[34][0-9]{3})$"),
            CloseCode::parse,
            CloseCode::requireSendable);

    private CloseCode() {}

    private static int parse(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new InvalidValue(EXPECTED);
        }
    }

    private static void requireSendable(int code) {
        if (!CloseStatus.isSendable(code)) {
            throw new InvalidValue(EXPECTED);
        }
    }
}
