package io.tidegate.server.handshake;

import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * WebSocket extensions (RFC 6455, section 9). Only permessage-deflate (RFC 7692) passes. What the frames of another
 * extension would look like, the gateway can't know.
 */
final class Extensions {

    private Extensions() {}

    /** The offers of permessage-deflate among {@code offers}, in their order; {@code null} when there is none. */
    static @Nullable String passable(List<String> offers) {
        String passed = HeaderRules.elements(offers).stream()
                .filter(DeflateParameters::isNamedBy)
                .collect(Collectors.joining(", "));
        return passed.isEmpty() ? null : passed;
    }

    /**
     * What is offered upstream in place of {@code offers} so that each message stands alone: the first of them that is valid,
     * with that added; {@code null} when there is none. What the client did not offer is not offered upstream, so that no
     * answer can ask it of the client.
     */
    static @Nullable String standalone(@Nullable String offers) {
        return offers == null
                ? null
                : HeaderRules.elements(List.of(offers)).stream()
                        .map(DeflateParameters::offer)
                        .filter(Objects::nonNull)
                        .findFirst()
                        .map(offer -> offer.standalone().toString())
                        .orElse(null);
    }

    /**
     * Whether every extension in {@code answer} is permessage-deflate, once, and was offered. Of what is negotiated end to
     * end, the client judges the parameters; else they are judged here.
     */
    static boolean isAcceptable(List<String> answer, @Nullable String offer, Compression compression) {
        List<String> answered = HeaderRules.elements(answer);
        if (answered.isEmpty()) {
            return true;
        }
        if (offer == null || answered.size() > 1) {
            return false;
        }
        String only = answered.get(0);
        return compression == Compression.END_TO_END
                ? DeflateParameters.isNamedBy(only)
                : mayAnswer(DeflateParameters.answer(only), DeflateParameters.offer(offer));
    }

    /** What the client is told of an acceptable answer; {@code null} for no extension. */
    static @Nullable String told(List<String> answer, @Nullable String offer, Compression compression) {
        List<String> answered = HeaderRules.elements(answer);
        if (answered.isEmpty()) {
            return null;
        }
        String only = answered.get(0);
        if (offer == null || compression == Compression.END_TO_END) {
            return only;
        }
        DeflateParameters offered = DeflateParameters.offer(offer);
        DeflateParameters parameters = DeflateParameters.answer(only);
        return offered == null || parameters == null
                ? null
                : offered.told(parameters).toString();
    }

    /** Whether messages go as they are between a client that was told {@code agreed} and an upstream that answered otherwise. */
    static boolean fit(@Nullable String answer, @Nullable String agreed) {
        if (answer == null || agreed == null) {
            return answer == null && agreed == null;
        }
        DeflateParameters now = DeflateParameters.answer(answer);
        DeflateParameters before = DeflateParameters.answer(agreed);
        return now != null && before != null && now.fits(before);
    }

    private static boolean mayAnswer(@Nullable DeflateParameters answer, @Nullable DeflateParameters offer) {
        return answer != null && offer != null && offer.mayBeAnsweredBy(answer);
    }
}
