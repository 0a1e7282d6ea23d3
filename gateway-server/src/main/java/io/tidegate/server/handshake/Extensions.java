package io.tidegate.server.handshake;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * WebSocket extensions (RFC 6455, section 9). Only permessage-deflate (RFC 7692) passes, offer and answer as they are: it
 * is negotiated end to end and asks nothing of the gateway but to let RSV1 through. What the frames of another extension
 * would look like, the gateway can't know.
 */
final class Extensions {

    private static final String PERMESSAGE_DEFLATE = "permessage-deflate";

    private Extensions() {}

    /** The offers of permessage-deflate among {@code offers}, in their order; {@code null} when there is none. */
    static @Nullable String passable(List<String> offers) {
        String passed = HeaderRules.elements(offers).stream()
                .filter(Extensions::isDeflate)
                .collect(Collectors.joining(", "));
        return passed.isEmpty() ? null : passed;
    }

    /** Whether every extension in {@code answer} is permessage-deflate, once, and was offered. */
    static boolean isAcceptable(List<String> answer, @Nullable String offer) {
        List<String> answered = HeaderRules.elements(answer);
        return answered.isEmpty()
                || (offer != null && answered.size() == 1 && answered.stream().allMatch(Extensions::isDeflate));
    }

    private static boolean isDeflate(String extension) {
        int parameters = extension.indexOf(';');
        String name = parameters < 0 ? extension : extension.substring(0, parameters);
        return name.trim().toLowerCase(Locale.ROOT).equals(PERMESSAGE_DEFLATE);
    }
}
