package io.tidegate.server.handshake;

import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of one offer or one answer of permessage-deflate (RFC 7692, section 7.1).
 *
 * @param serverNoContext {@code server_no_context_takeover}
 * @param clientNoContext {@code client_no_context_takeover}
 * @param serverBits {@code server_max_window_bits}: 8 to 15, or {@link #ABSENT}
 * @param clientBits {@code client_max_window_bits}: 8 to 15, {@link #ABSENT}, or, in an offer, {@link #ANY}
 */
record DeflateParameters(boolean serverNoContext, boolean clientNoContext, int serverBits, int clientBits) {

    static final String EXTENSION = "permessage-deflate";

    /** The parameter is not there. */
    static final int ABSENT = 0;

    /** The parameter is there without a value: the client heeds whatever it is told. Above every value, as it limits nothing. */
    static final int ANY = 16;

    private static final int LARGEST = 15;

    private static final String SERVER_NO_CONTEXT = "server_no_context_takeover";
    private static final String CLIENT_NO_CONTEXT = "client_no_context_takeover";
    private static final String SERVER_BITS = "server_max_window_bits";
    private static final String CLIENT_BITS = "client_max_window_bits";

    /** A value may be quoted (RFC 6455, section 9.1); zeroes in front are not allowed. */
    private static final Pattern BITS = Pattern.compile("([89]|1[0-5])|\"([89]|1[0-5])\"");

    /** Reads an offer; {@code null} when it is of another extension or has a parameter that is unknown, repeated or wrong. */
    static @Nullable DeflateParameters offer(String extension) {
        return parse(extension, true);
    }

    /** Reads an answer; {@code null} as with an offer. */
    static @Nullable DeflateParameters answer(String extension) {
        return parse(extension, false);
    }

    /** Whether {@code extension} is permessage-deflate, whatever its parameters. */
    static boolean isNamedBy(String extension) {
        int parameters = extension.indexOf(';');
        String name = parameters < 0 ? extension : extension.substring(0, parameters);
        return name.trim().toLowerCase(Locale.ROOT).equals(EXTENSION);
    }

    private static @Nullable DeflateParameters parse(String extension, boolean isOffer) {
        if (!isNamedBy(extension)) {
            return null;
        }
        boolean serverNoContext = false;
        boolean clientNoContext = false;
        int serverBits = ABSENT;
        int clientBits = ABSENT;
        Set<String> seen = new HashSet<>();
        String[] parts = extension.split(";", -1);
        for (int i = 1; i < parts.length; i++) {
            int equals = parts[i].indexOf('=');
            String name = (equals < 0 ? parts[i] : parts[i].substring(0, equals))
                    .trim()
                    .toLowerCase(Locale.ROOT);
            String value = equals < 0 ? null : parts[i].substring(equals + 1).trim();
            boolean valid = seen.add(name);
            switch (name) {
                case SERVER_NO_CONTEXT -> {
                    serverNoContext = true;
                    valid &= value == null;
                }
                case CLIENT_NO_CONTEXT -> {
                    clientNoContext = true;
                    valid &= value == null;
                }
                case SERVER_BITS -> {
                    serverBits = bits(value);
                    valid &= serverBits != ABSENT;
                }
                case CLIENT_BITS -> {
                    clientBits = isOffer && value == null ? ANY : bits(value);
                    valid &= clientBits != ABSENT;
                }
                default -> valid = false;
            }
            if (!valid) {
                return null;
            }
        }
        return new DeflateParameters(serverNoContext, clientNoContext, serverBits, clientBits);
    }

    private static int bits(@Nullable String value) {
        return value != null && BITS.matcher(value).matches() ? Integer.parseInt(value.replace("\"", "")) : ABSENT;
    }

    /** The same windows, without context takeover either way. */
    DeflateParameters standalone() {
        return new DeflateParameters(true, true, serverBits, clientBits);
    }

    /**
     * Whether {@code answer} may be given to this offer: the server does all that it was asked to do, and asks of the client
     * nothing that the client did not say it can do. It may limit its own window unasked (section 7.1.2.1).
     */
    boolean mayBeAnsweredBy(DeflateParameters answer) {
        boolean keepsNoContext = answer.serverNoContext || !serverNoContext;
        boolean keepsServerWindow =
                serverBits == ABSENT || (answer.serverBits != ABSENT && answer.serverBits <= serverBits);
        boolean asksWhatIsOffered = clientBits != ABSENT || answer.clientBits == ABSENT;
        return keepsNoContext && keepsServerWindow && asksWhatIsOffered;
    }

    /**
     * What a client that made this offer is told of an upstream's {@code answer} to it. A server may ignore the value of an
     * offered {@code client_max_window_bits} (section 7.1.2.2), and some then answer with a larger one; the client gets no
     * larger one than it offered.
     */
    DeflateParameters told(DeflateParameters answer) {
        int bits = Math.min(answer.clientBits, clientBits);
        return new DeflateParameters(true, true, answer.serverBits, bits);
    }

    /**
     * Whether a client that was told {@code agreed} understands an upstream that answered with this, and the other way round:
     * the upstream's window must not outgrow the client's expectation, nor the client's window the upstream's.
     */
    boolean fits(DeflateParameters agreed) {
        return window(serverBits) <= window(agreed.serverBits) && window(clientBits) >= window(agreed.clientBits);
    }

    private static int window(int bits) {
        return bits == ABSENT ? LARGEST : bits;
    }

    /** As in a {@code Sec-WebSocket-Extensions} header. */
    @Override
    public String toString() {
        StringBuilder header = new StringBuilder(EXTENSION);
        if (serverNoContext) {
            header.append("; ").append(SERVER_NO_CONTEXT);
        }
        if (clientNoContext) {
            header.append("; ").append(CLIENT_NO_CONTEXT);
        }
        if (serverBits != ABSENT) {
            header.append("; ").append(SERVER_BITS).append('=').append(serverBits);
        }
        if (clientBits != ABSENT) {
            header.append("; ").append(CLIENT_BITS);
            if (clientBits != ANY) {
                header.append('=').append(clientBits);
            }
        }
        return header.toString();
    }
}
