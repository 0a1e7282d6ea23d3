package io.tidegate.server.requests;

import static io.tidegate.server.config.continuity.RequestsConfig.Preset.JSON_RPC;
import static io.tidegate.server.requests.Requests.FromClient.DUPLICATE;
import static io.tidegate.server.requests.Requests.FromClient.OTHER;
import static io.tidegate.server.requests.Requests.FromClient.REQUEST;
import static io.tidegate.server.requests.Requests.FromUpstream.DROP;
import static io.tidegate.server.requests.Requests.FromUpstream.PASS;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidegate.server.config.continuity.Replay;
import io.tidegate.server.requests.Dialogue.Message;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** JSON-RPC 2.0: what is a request, what its reply, and what a batch. */
class JsonRpcTest {

    private final Dialogue dialogue = new Dialogue(JSON_RPC);

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"jsonrpc\":\"2.0\",\"method\":\"m\"}",
                "{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"id\":null}",
                "{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"params\":{\"id\":1}}",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":5}",
                "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":null}",
                "{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"m\"}",
                "{\"id\":1",
                "{\"id\":1,\"method\"",
                "id",
                "",
                "\"id\"",
                "7",
                "[]",
                "[ ]",
                "[",
                "[1,2,3]",
                "[{\"method\":\"m\"}]",
                "[{\"id\":1,\"method\":\"m\"}",
                "[{\"id\":1,\"method\":\"m\"},]",
                "[,{\"id\":1,\"method\":\"m\"}]",
                "[{\"id\":1,\"method\":\"m\"}]]",
                "[{\"id\":1,\"method\":\"m\"}}"
            })
    void isNoRequest(String text) {
        assertThat(dialogue.fromClient(text)).isEqualTo(OTHER);
        assertThat(dialogue.requests.pending()).isZero();
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '~',
            delimiter = '|',
            value = {
                "1|1",
                "\"1\"|\"\\u0031\"",
                "\"a/b\"|\"a\\/b\"",
                "\"\\uD83D\\uDE00\"|\"😀\"",
                "\"\"|\"\"",
                "1.0|1",
                "1e2|100",
                "-0|0",
                "1.50|1.5",
                "0.0|0",
                "-0.50|-5e-1",
                "12e255|120E254",
                "1e-256|0.1e-255",
                "10e2147483647|10e2147483647",
                "100e2147483647|100e2147483647",
                "1e-2147483647|1e-2147483647",
                "1e-2147483648|1e-2147483648",
                "1e99999999999|1e99999999999",
                "12345678901234567890|12345678901234567890",
                "true|true"
            })
    void theSameIdInOtherWords(String asked, String answered) {
        dialogue.request("{\"id\":" + asked + ",\"method\":\"m\"}");

        assertThat(dialogue.fromUpstream(" {\"result\": 1, \"id\" : " + answered + " } "))
                .isEqualTo(PASS);

        assertThat(dialogue.heard).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '~',
            delimiter = '|',
            value = {"1|\"1\"", "\"1\"|1", "1|2", "1|1.5", "\"1.0\"|\"1\"", "true|\"true\"", "\"a\"|\"A\"", "1|null"})
    void anotherId(String asked, String answered) {
        dialogue.request("{\"id\":" + asked + ",\"method\":\"m\"}");

        assertThat(dialogue.fromUpstream("{\"result\":1,\"id\":" + answered + "}"))
                .isEqualTo(PASS);

        assertThat(dialogue.requests.pending()).isEqualTo(1);
    }

    @Test
    void aRequestOfTheUpstreamIsNoReply() {
        dialogue.request("{\"id\":1,\"method\":\"m\"}");

        assertThat(dialogue.fromUpstream("{\"id\":1,\"method\":\"ask\"}")).isEqualTo(PASS);
        assertThat(dialogue.fromClient("{\"id\":1,\"result\":\"told\"}")).isEqualTo(OTHER);
        assertThat(dialogue.requests.pending()).isEqualTo(1);

        dialogue.fromUpstream("{\"id\":1,\"result\":0}");
        assertThat(dialogue.fromUpstream("{\"id\":1,\"method\":\"ask\"}"))
                .as("with an id that was answered")
                .isEqualTo(PASS);
    }

    @Test
    void aReplyMayHaveANullMethod() {
        dialogue.request("{\"id\":1,\"method\":\"m\"}");

        dialogue.fromUpstream("{\"jsonrpc\":\"2.0\",\"method\":null,\"params\":null,\"id\":1,\"result\":0}");

        assertThat(dialogue.requests.pending()).isZero();
    }

    @Test
    void aBrokenReplyIsNone() {
        dialogue.request("{\"id\":1,\"method\":\"m\"}");

        assertThat(dialogue.fromUpstream("{\"id\":1,\"result\":")).isEqualTo(PASS);

        assertThat(dialogue.requests.pending()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "-1.50e+3", "\"a\\u0031\\\"{reason}\"", "\"é😀\""})
    void anErrorHasTheIdAsTheClientWroteIt(String id) {
        Message request = dialogue.request("{\"id\": " + id + " ,\"method\":\"m\"}");

        assertThat(dialogue.fail(request, FailReason.TIMEOUT))
                .isEqualTo("{\"jsonrpc\":\"2.0\",\"id\":" + id
                        + ",\"error\":{\"code\":-32000,\"message\":\"request timed out\"}}");
    }

    @Test
    void aBatchIsAnsweredByABatchInAnyOrder() {
        Message batch =
                dialogue.request(" [{\"id\":1,\"method\":\"a\"}, {\"method\":\"b\"} ,{\"id\":\"1\",\"method\":\"]\"}]");
        assertThat(dialogue.requests.pending()).isEqualTo(2);
        dialogue.ticker.advanceNanos(9);

        assertThat(dialogue.fromUpstream(
                        "[{\"id\":\"1\",\"result\":\",[\"},{\"method\":\"event\"},{\"id\":1,\"result\":0}] "))
                .isEqualTo(PASS);

        assertThat(dialogue.heard).containsExactly("answered " + batch + " after 9");
        assertThat(dialogue.fromUpstream("[{\"id\":1,\"result\":0},{\"id\":\"1\",\"result\":0}]"))
                .isEqualTo(DROP);
        assertThat(dialogue.fromUpstream("[{\"id\":1,\"result\":0},{\"method\":\"event\"}]"))
                .as("with something else in it")
                .isEqualTo(PASS);
    }

    @Test
    void aBatchIsAnsweredBySingleReplies() {
        Message batch = dialogue.request("[{\"id\":1,\"method\":\"a\"},{\"id\":2,\"method\":\"b\"}]");
        dialogue.fromUpstream("{\"id\":2,\"result\":0}");

        assertThat(dialogue.heard).isEmpty();
        assertThat(dialogue.requests.isPending(batch)).isTrue();
        assertThat(dialogue.fromUpstream("{\"id\":2,\"result\":0}")).isEqualTo(DROP);

        dialogue.ticker.advanceNanos(3);
        dialogue.fromUpstream("{\"id\":1,\"result\":0}");
        assertThat(dialogue.heard).containsExactly("answered " + batch + " after 3");
    }

    @Test
    void aPartlyAnsweredBatchIsNotReplayable() {
        Message batch = dialogue.request("[{\"id\":1,\"method\":\"a\"},{\"id\":2,\"method\":\"b\"}]");
        assertThat(dialogue.requests.isReplayable(batch)).isTrue();

        dialogue.fromUpstream("{\"id\":2,\"result\":0}");

        assertThat(dialogue.requests.isReplayable(batch)).isFalse();
        assertThat(dialogue.fail(batch, FailReason.NOT_REPLAYED))
                .startsWith("[{\"jsonrpc\":\"2.0\",\"id\":1,")
                .endsWith("}]")
                .doesNotContain("\"id\":2");
    }

    @Test
    void aFailedBatchIsAnsweredByABatch() {
        Message batch = dialogue.request("[{\"id\":1,\"method\":\"a\"},{\"id\":\"x\",\"method\":\"b\"}]");

        assertThat(dialogue.fail(batch, FailReason.UPSTREAM_LOST))
                .isEqualTo(
                        "[{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32000,\"message\":\"upstream lost\"}},"
                                + "{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"error\":{\"code\":-32000,\"message\":\"upstream lost\"}}]");
        assertThat(dialogue.fromUpstream("[{\"id\":1,\"result\":0},{\"id\":\"x\",\"result\":0}]"))
                .isEqualTo(DROP);
    }

    @ParameterizedTest
    @CsvSource({"get, get, true", "get, set, false", "set, get, false"})
    void aBatchIsReplayableIfAllInItIs(String request, String notification, boolean replayable) {
        Dialogue other = new Dialogue(Dialogue.config(JSON_RPC, Replay.of(Set.of("get"))));

        Message batch = other.request("[{\"id\":1,\"method\":\"get\"},{\"id\":2,\"method\":\"" + request
                + "\"},{\"method\":\"" + notification + "\"}]");

        assertThat(other.requests.isReplayable(batch)).isEqualTo(replayable);
    }

    @Test
    void aBatchTimesOutAsAWhole() {
        Message batch = dialogue.request("[{\"id\":1,\"method\":\"a\"},{\"id\":2,\"method\":\"b\"}]");
        dialogue.ticker.advanceNanos(5);
        dialogue.fromUpstream("{\"id\":2,\"result\":0}");

        assertThat(dialogue.requests.nanosUntilTimeout()).isEqualTo(Dialogue.TIMEOUT.toNanos() - 5);
        dialogue.ticker.advance(Dialogue.TIMEOUT);
        dialogue.requests.expire(late -> assertThat(late).isSameAs(batch));
        assertThat(dialogue.requests.nanosUntilTimeout()).isEqualTo(-1);
    }

    @Test
    void aBatchOfPendingIdsIsADuplicate() {
        dialogue.request("[{\"id\":1,\"method\":\"a\"},{\"id\":2,\"method\":\"b\"}]");

        assertThat(dialogue.fromClient("[{\"id\":2,\"method\":\"b\"},{\"id\":1,\"method\":\"a\"}]"))
                .isEqualTo(DUPLICATE);
        assertThat(dialogue.fromClient("{\"id\":2,\"method\":\"b\"}")).isEqualTo(DUPLICATE);
        assertThat(dialogue.fromClient("[{\"id\":1,\"method\":\"a\"},{\"method\":\"n\"}]"))
                .as("with a notification")
                .isEqualTo(OTHER);
    }

    @Test
    void aBatchWithAPendingIdIsTrackedForTheOthers() {
        Message single = dialogue.request("{\"id\":1,\"method\":\"a\"}");
        Message batch = dialogue.request(
                "[{\"id\":1,\"method\":\"a\"},{\"id\":2,\"method\":\"b\"},{\"id\":2,\"method\":\"b\"}]");
        assertThat(dialogue.requests.pending()).isEqualTo(2);

        dialogue.fromUpstream("{\"id\":2,\"result\":0}");
        dialogue.fromUpstream("{\"id\":1,\"result\":0}");

        assertThat(dialogue.heard).containsExactly("answered " + batch + " after 0", "answered " + single + " after 0");
    }

    @Test
    void aBatchOfMoreThanAThousandIsNotTracked() {
        assertThat(dialogue.fromClient(batch(1_001))).isEqualTo(OTHER);
        assertThat(dialogue.fromClient(batch(1_000))).isEqualTo(REQUEST);
        assertThat(dialogue.requests.pending()).isEqualTo(1_000);
    }

    private static String batch(int size) {
        return IntStream.range(0, size)
                .mapToObj(id -> "{\"id\":" + id + ",\"method\":\"m\"}")
                .collect(Collectors.joining(",", "[", "]"));
    }
}
