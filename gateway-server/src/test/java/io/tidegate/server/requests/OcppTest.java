package io.tidegate.server.requests;

import static io.tidegate.server.config.continuity.RequestsConfig.Preset.OCPP_J;
import static io.tidegate.server.requests.Requests.FromClient.DUPLICATE;
import static io.tidegate.server.requests.Requests.FromClient.OTHER;
import static io.tidegate.server.requests.Requests.FromUpstream.DROP;
import static io.tidegate.server.requests.Requests.FromUpstream.PASS;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.server.config.continuity.Replay;
import io.tidegate.server.requests.Dialogue.Message;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** OCPP-J: both sides call, each with ids of its own. */
class OcppTest {

    private final Dialogue dialogue = new Dialogue(OCPP_J);

    @ParameterizedTest
    @ValueSource(strings = {"[3,\"a\",{}]", "[4,\"a\",\"GenericError\",\"\",{}]"})
    void aCallEndsWithItsResultOrError(String reply) {
        Message call = dialogue.request("[2,\"a\",\"Heartbeat\",{}]");

        assertThat(dialogue.fromUpstream(reply)).isEqualTo(PASS);

        assertThat(dialogue.heard).containsExactly("answered " + call + " after 0");
        assertThat(dialogue.fromUpstream(reply)).isEqualTo(DROP);
    }

    @Test
    void aCallOfTheUpstreamIsNoReply() {
        dialogue.request("[2,\"a\",\"Heartbeat\",{}]");

        assertThat(dialogue.fromUpstream("[2,\"a\",\"Reset\",{\"type\":\"Soft\"}]"))
                .isEqualTo(PASS);
        assertThat(dialogue.fromClient("[3,\"a\",{\"status\":\"Accepted\"}]")).isEqualTo(OTHER);

        assertThat(dialogue.requests.pending()).isEqualTo(1);
        assertThat(dialogue.fromUpstream("[3,\"a\",{}]")).isEqualTo(PASS);
        assertThat(dialogue.fromUpstream("[2,\"a\",\"Reset\",{}]"))
                .as("with an id that was answered")
                .isEqualTo(PASS);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[3,\"a\",{}]",
                "[4,\"a\",\"GenericError\",\"\",{}]",
                "[6,\"a\",\"NotifyPeriodicEventStream\",{}]",
                "[\"2\",\"a\",\"Heartbeat\",{}]",
                "[2]",
                "[2,",
                "[2,null,\"Heartbeat\",{}]",
                "[2,{},\"Heartbeat\",{}]",
                "{\"0\":3,\"1\":\"a\"}",
                "[]"
            })
    void isNoCall(String text) {
        assertThat(dialogue.fromClient(text)).isEqualTo(OTHER);
    }

    @Test
    void aCallWithAPendingIdIsADuplicate() {
        dialogue.request("[2,\"a\",\"Heartbeat\",{}]");

        assertThat(dialogue.fromClient("[2,\"\\u0061\",\"Heartbeat\",{}]")).isEqualTo(DUPLICATE);
    }

    @Test
    void anErrorIsACallError() {
        Message call = dialogue.request("[2, \"\\u0061\", \"Heartbeat\", {}]");

        assertThat(dialogue.fail(call, FailReason.EXPIRED))
                .isEqualTo("[4,\"\\u0061\",\"GenericError\",\"request expired while waiting for the upstream\",{}]");
        assertThat(dialogue.fromUpstream("[3,\"a\",{}]")).isEqualTo(DROP);
    }

    @Test
    void theActionSaysWhatIsReplayable() {
        Dialogue other = new Dialogue(Dialogue.config(OCPP_J, Replay.of(Set.of("Heartbeat"))));

        Message heartbeat = other.request("[2,\"a\",\"Heartbeat\",{}]");
        Message start = other.request("[2,\"b\",\"StartTransaction\",{}]");

        assertThat(other.requests.isReplayable(heartbeat)).isTrue();
        assertThat(other.requests.isReplayable(start)).isFalse();
    }
}
