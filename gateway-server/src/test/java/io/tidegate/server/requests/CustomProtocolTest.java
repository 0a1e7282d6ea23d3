package io.tidegate.server.requests;

import static io.tidegate.server.requests.Requests.FromClient.OTHER;
import static io.tidegate.server.requests.Requests.FromUpstream.DROP;
import static io.tidegate.server.requests.Requests.FromUpstream.PASS;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.server.requests.Dialogue.Message;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A protocol described by pointers. */
class CustomProtocolTest {

    @Test
    void withoutAMethodWhateverHasTheIdIsTheReply() {
        Dialogue dialogue = new Dialogue(Dialogue.custom("/meta/ref", null, "{id}"));
        assertThat(dialogue.fromClient("{\"ref\":1}")).isEqualTo(OTHER);
        Message request = dialogue.request("{\"meta\":{\"ref\":1}}");

        assertThat(dialogue.fromUpstream("{\"meta\":{\"ref\":2}}")).isEqualTo(PASS);
        assertThat(dialogue.heard).isEmpty();
        assertThat(dialogue.fromUpstream("{\"method\":\"any\",\"meta\":{\"ref\":1}}"))
                .isEqualTo(PASS);

        assertThat(dialogue.heard).containsExactly("answered " + request + " after 0");
        assertThat(dialogue.fromUpstream("{\"meta\":{\"ref\":1}}")).isEqualTo(DROP);
    }

    @Test
    void withAMethodARequestNamesOneAndAReplyDoesNot() {
        Dialogue dialogue = new Dialogue(Dialogue.custom("/ref", "/op", null));
        assertThat(dialogue.fromClient("{\"ref\":1}")).isEqualTo(OTHER);
        dialogue.request("{\"ref\":1,\"op\":7}");

        assertThat(dialogue.fromUpstream("{\"ref\":1,\"op\":\"ask\"}")).isEqualTo(PASS);
        assertThat(dialogue.requests.pending()).isEqualTo(1);
        assertThat(dialogue.fromUpstream("{\"ref\":1,\"op\":{}}")).isEqualTo(PASS);
        assertThat(dialogue.requests.pending()).isEqualTo(1);
        assertThat(dialogue.fromUpstream("{\"ref\":1}")).isEqualTo(PASS);
        assertThat(dialogue.requests.pending()).isZero();
    }

    @Test
    void aMethodTooLongToReadIsAMethod() {
        Dialogue dialogue = new Dialogue(Dialogue.custom("/ref", "/op", null));
        String op = "x".repeat(300);
        dialogue.request("{\"ref\":1,\"op\":\"" + op + "\"}");

        dialogue.fromUpstream("{\"ref\":1,\"op\":\"" + op + "\"}");

        assertThat(dialogue.requests.pending()).isEqualTo(1);
    }

    @Test
    void arraysAreNoBatches() {
        Dialogue dialogue = new Dialogue(Dialogue.custom("/0", null, "[{id},\"{reason}\"]"));
        Message request = dialogue.request("[\"a\",{}]");

        assertThat(dialogue.requests.pending()).isEqualTo(1);
        assertThat(dialogue.fail(request, FailReason.UPSTREAM_LOST)).isEqualTo("[\"a\",\"upstream lost\"]");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '~',
            delimiter = '|',
            value = {
                "/id|{\"id\":7}|{\"id\":7,\"error\":{\"message\":\"upstream lost\"}}",
                "/{id}|{\"{id}\":7}|{\"\\u007bid}\":7,\"error\":{\"message\":\"upstream lost\"}}",
                "/a~1b\"|{\"a/b\\\"\":7}|{\"a/b\\u0022\":7,\"error\":{\"message\":\"upstream lost\"}}",
                "/é|{\"é\":7}|{\"é\":7,\"error\":{\"message\":\"upstream lost\"}}"
            })
    void theDefaultErrorHasTheIdInItsPlace(String pointer, String text, String error) {
        Dialogue dialogue = new Dialogue(Dialogue.custom(pointer, null, null));

        Message request = dialogue.request(text);

        assertThat(dialogue.fail(request, FailReason.UPSTREAM_LOST)).isEqualTo(error);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '~',
            delimiter = '|',
            value = {
                "{\"re\":{id},\"why\":\"{reason}\"}|{\"re\":\"x\",\"why\":\"upstream lost\"}",
                "{id}{id}|\"x\"\"x\"",
                "{ids}{id}{id|{ids}\"x\"{id",
                "{\"é\":{id}}|{\"é\":\"x\"}"
            })
    void anErrorIsWrittenAsTheTemplateSays(String template, String error) {
        Dialogue dialogue = new Dialogue(Dialogue.custom("/id", null, template));

        Message request = dialogue.request("{\"id\":\"x\"}");

        assertThat(dialogue.fail(request, FailReason.UPSTREAM_LOST)).isEqualTo(error);
    }
}
