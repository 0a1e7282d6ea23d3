package io.tidegate.server.handshake;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** RFC 7692, sections 5.1 and 7.1, and what standalone compression makes of them. */
class DeflateParametersTest {

    private static final String BOTH = "; server_no_context_takeover; client_no_context_takeover";

    @Nested
    class Offers {

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "permessage-deflate                                      | ",
                    "permessage-deflate; client_no_context_takeover          | ",
                    "permessage-deflate; server_no_context_takeover          | ",
                    "permessage-deflate; client_max_window_bits              | ; client_max_window_bits",
                    "permessage-deflate; client_max_window_bits=8            | ; client_max_window_bits=8",
                    "permessage-deflate; client_max_window_bits=\"15\"       | ; client_max_window_bits=15",
                    "permessage-deflate; server_max_window_bits=9            | ; server_max_window_bits=9",
                    "PerMessage-Deflate;Client_Max_Window_Bits ; server_max_window_bits = 10 "
                            + "| ; server_max_window_bits=10; client_max_window_bits",
                    "foo, permessage-deflate; client_max_window_bits=9, permessage-deflate | ; client_max_window_bits=9",
                    "permessage-deflate; unknown, permessage-deflate         | ",
                })
        void firstValidOneIsOfferedWithoutContextTakeover(String offers, @Nullable String windows) {
            assertThat(Extensions.standalone(offers))
                    .isEqualTo("permessage-deflate" + BOTH + (windows == null ? "" : windows));
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "permessage-bzip2",
                    "permessage-deflate; unknown",
                    "permessage-deflate; unknown=1",
                    "permessage-deflate;",
                    "permessage-deflate; server_no_context_takeover=1",
                    "permessage-deflate; client_no_context_takeover=true",
                    "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
                    "permessage-deflate; client_max_window_bits; client_max_window_bits=10",
                    "permessage-deflate; server_max_window_bits=10; Server_Max_Window_Bits=10",
                    "permessage-deflate; server_max_window_bits",
                    "permessage-deflate; server_max_window_bits=",
                    "permessage-deflate; server_max_window_bits=7",
                    "permessage-deflate; server_max_window_bits=16",
                    "permessage-deflate; server_max_window_bits=08",
                    "permessage-deflate; server_max_window_bits=1e1",
                    "permessage-deflate; server_max_window_bits=-9",
                    "permessage-deflate; server_max_window_bits=\"9",
                    "permessage-deflate; client_max_window_bits=",
                    "permessage-deflate; client_max_window_bits=0",
                    "permessage-deflate; client_max_window_bits=100000000000000000000",
                })
        void invalidOnesAreNotOffered(String offers) {
            assertThat(Extensions.standalone(offers)).isNull();
        }

        @Test
        void noneIsNone() {
            assertThat(Extensions.standalone(null)).isNull();
        }
    }

    @Nested
    class Answers {

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    // the client's offer     | the upstream's answer                       | what the client is told
                    "                         | ; server_no_context_takeover                | ",
                    "                         | ; client_no_context_takeover; server_no_context_takeover | ",
                    "                         | ; server_no_context_takeover; server_max_window_bits=9   | ; server_max_window_bits=9",
                    "; client_max_window_bits | ; server_no_context_takeover                | ",
                    "; client_max_window_bits | ; server_no_context_takeover; client_max_window_bits=15 | ; client_max_window_bits=15",
                    "; client_max_window_bits=10 | ; server_no_context_takeover             | ",
                    "; client_max_window_bits=10 | ; server_no_context_takeover; client_max_window_bits=9 | ; client_max_window_bits=9",
                    "; client_max_window_bits=10 | ; server_no_context_takeover; client_max_window_bits=12 | ; client_max_window_bits=10",
                    "; server_max_window_bits=10 | ; server_no_context_takeover; server_max_window_bits=10 | ; server_max_window_bits=10",
                    "; server_max_window_bits=10 | ; server_no_context_takeover; server_max_window_bits=8 | ; server_max_window_bits=8",
                })
        void acceptableOneIsToldToTheClientWithoutContextTakeover(
                @Nullable String client, String upstream, @Nullable String told) {
            String offer = Extensions.standalone(extension(client));
            List<String> answer = List.of(extension(upstream));

            assertThat(Extensions.isAcceptable(answer, offer, Compression.STANDALONE))
                    .isTrue();
            assertThat(Extensions.told(answer, offer, Compression.STANDALONE))
                    .isEqualTo("permessage-deflate" + BOTH + (told == null ? "" : told));
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "                            | ",
                    "                            | ; client_no_context_takeover",
                    "                            | ; server_no_context_takeover; client_max_window_bits=10",
                    "                            | ; server_no_context_takeover; unknown",
                    "                            | ; server_no_context_takeover; server_no_context_takeover",
                    "                            | ; server_no_context_takeover; server_max_window_bits=16",
                    "; client_max_window_bits    | ; server_no_context_takeover; client_max_window_bits",
                    "; server_max_window_bits=10 | ; server_no_context_takeover",
                    "; server_max_window_bits=10 | ; server_no_context_takeover; server_max_window_bits=11",
                    "; server_max_window_bits=10 | ; server_no_context_takeover; server_max_window_bits",
                })
        void othersAreNotAcceptable(@Nullable String client, @Nullable String upstream) {
            String offer = Extensions.standalone(extension(client));

            assertThat(Extensions.isAcceptable(List.of(extension(upstream)), offer, Compression.STANDALONE))
                    .isFalse();
        }

        @Test
        void noneIsAcceptableAndToldAsNone() {
            String offer = Extensions.standalone("permessage-deflate");

            assertThat(Extensions.isAcceptable(List.of(), offer, Compression.STANDALONE))
                    .isTrue();
            assertThat(Extensions.told(List.of(), offer, Compression.STANDALONE))
                    .isNull();
        }

        @Test
        void oneThatNothingWasOfferedForOrTwoAreNot() {
            String answer = extension("; server_no_context_takeover");

            assertThat(Extensions.isAcceptable(List.of(answer), null, Compression.STANDALONE))
                    .isFalse();
            assertThat(Extensions.isAcceptable(List.of(answer, answer), answer, Compression.STANDALONE))
                    .isFalse();
        }
    }

    @Nested
    class LaterLegs {

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    // told to the client             | the new leg's answer                | fits
                    "none                             | none                                | true",
                    "none                             | ; server_no_context_takeover        | false",
                    "; server_no_context_takeover     | none                                | false",
                    "; server_no_context_takeover     | ; server_no_context_takeover        | true",
                    "; server_no_context_takeover     | ; server_max_window_bits=9          | true",
                    "; server_max_window_bits=9       | ; server_no_context_takeover        | false",
                    "; server_max_window_bits=9       | ; server_max_window_bits=10         | false",
                    "; server_max_window_bits=9       | ; server_max_window_bits=9          | true",
                    "; server_max_window_bits=15      | ; server_no_context_takeover        | true",
                    "; server_no_context_takeover     | ; client_max_window_bits=14         | false",
                    "; server_no_context_takeover     | ; client_max_window_bits=15         | true",
                    "; client_max_window_bits=12      | ; client_max_window_bits=11         | false",
                    "; client_max_window_bits=12      | ; client_max_window_bits=12         | true",
                    "; client_max_window_bits=12      | ; server_no_context_takeover        | true",
                    "; client_max_window_bits=12; server_max_window_bits=9 "
                            + "| ; client_max_window_bits=13; server_max_window_bits=8 | true",
                })
        void fitWhereNeitherWindowOutgrowsItsReader(String agreed, String answer, boolean fits) {
            assertThat(answer("v1", answer).fits(answer("v1", agreed))).isEqualTo(fits);
        }

        @Test
        void fitOnlyWithTheSameSubprotocol() {
            assertThat(answer("v2", "none").fits(answer("v1", "none"))).isFalse();
            assertThat(answer(null, "none").fits(answer("v1", "none"))).isFalse();
            assertThat(answer(null, "none").fits(answer(null, "none"))).isTrue();
        }

        private static OpeningAnswer answer(@Nullable String subprotocol, String parameters) {
            return new OpeningAnswer(
                    new DefaultHttpHeaders(), subprotocol, parameters.equals("none") ? null : extension(parameters));
        }
    }

    private static String extension(@Nullable String parameters) {
        return "permessage-deflate" + (parameters == null ? "" : parameters);
    }
}
