package io.tidegate.server.handshake;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ExtensionsTest {

    @Test
    void nothingOfferedPassesAsNothing() {
        assertThat(Extensions.passable(List.of())).isNull();
        assertThat(Extensions.passable(List.of("", " , "))).isNull();
    }

    @Test
    void onlyDeflatePassesInItsOrderWithItsParameters() {
        assertThat(Extensions.passable(List.of(
                        "x-webkit-deflate-frame, permessage-deflate; client_max_window_bits",
                        "foo; bar=1,permessage-deflate,permessage-bzip2")))
                .isEqualTo("permessage-deflate; client_max_window_bits, permessage-deflate");
    }

    @Test
    void otherExtensionsDoNotPass() {
        assertThat(Extensions.passable(
                        List.of("permessage-deflated", "x-permessage-deflate; y", "foo; permessage-deflate")))
                .isNull();
    }

    @Test
    void caseOfTheNameDoesNotMatter() {
        assertThat(Extensions.passable(List.of("PerMessage-Deflate ; server_no_context_takeover")))
                .isEqualTo("PerMessage-Deflate ; server_no_context_takeover");
    }

    @Test
    void noAnswerIsAcceptableWhateverWasOffered() {
        assertThat(isAcceptable(List.of(), null)).isTrue();
        assertThat(isAcceptable(List.of(), "permessage-deflate")).isTrue();
    }

    @Test
    void deflateIsAcceptableOnlyIfOffered() {
        List<String> answer = List.of("permessage-deflate; server_max_window_bits=10");

        assertThat(isAcceptable(answer, "permessage-deflate")).isTrue();
        assertThat(isAcceptable(answer, null)).isFalse();
    }

    @Test
    void anotherOrASecondAnswerIsNot() {
        assertThat(isAcceptable(List.of("foo"), "permessage-deflate")).isFalse();
        assertThat(isAcceptable(List.of("permessage-deflate, foo"), "permessage-deflate"))
                .isFalse();
        assertThat(isAcceptable(List.of("permessage-deflate", "permessage-deflate"), "permessage-deflate"))
                .isFalse();
    }

    @Test
    void whatIsNegotiatedEndToEndTheClientIsToldAsItIs() {
        assertThat(Extensions.told(List.of(" permessage-deflate; x=1 "), "permessage-deflate", Compression.END_TO_END))
                .isEqualTo("permessage-deflate; x=1");
        assertThat(Extensions.told(List.of(), "permessage-deflate", Compression.END_TO_END))
                .isNull();
    }

    private static boolean isAcceptable(List<String> answer, @Nullable String offer) {
        return Extensions.isAcceptable(answer, offer, Compression.END_TO_END);
    }
}
