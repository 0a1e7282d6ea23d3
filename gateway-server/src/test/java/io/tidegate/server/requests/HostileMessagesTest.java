package io.tidegate.server.requests;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tidegate.server.config.continuity.Replay;
import io.tidegate.server.config.continuity.RequestsConfig.Preset;
import io.tidegate.server.requests.Dialogue.Message;
import io.tidegate.server.requests.Requests.FromClient;
import io.tidegate.server.requests.Requests.FromUpstream;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** Messages that are deep, long, broken or ambiguous: none of them stops the session, or makes it forget others. */
class HostileMessagesTest {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    static Stream<Arguments> protocols() {
        return Stream.of(
                Arguments.of(new Dialogue(Preset.JSON_RPC), "{\"id\":1,\"method\":\"m\"}", "{\"id\":1,\"result\":0}"),
                Arguments.of(new Dialogue(Preset.OCPP_J), "[2,\"a\",\"m\",{}]", "[3,\"a\",{}]"),
                Arguments.of(
                        new Dialogue(Preset.GRAPHQL_TRANSPORT_WS),
                        "{\"id\":\"a\",\"type\":\"subscribe\"}",
                        "{\"id\":\"a\",\"type\":\"complete\"}"),
                Arguments.of(new Dialogue(Dialogue.custom("/id", null, null)), "{\"id\":1}", "{\"id\":1}"));
    }

    @ParameterizedTest
    @MethodSource("protocols")
    void deepAndLongMessagesAreNothing(Dialogue dialogue, String request, String reply) {
        List<String> texts = List.of(
                "[".repeat(1_000_000),
                "{\"a\":".repeat(200_000),
                "{\"params\":" + "[".repeat(600) + "]".repeat(600) + ",\"id\":9,\"method\":\"m\"}",
                "{\"id\":\"" + "x".repeat(1_000_000),
                "{\"id\":" + "9".repeat(1_000_000) + ",\"method\":\"m\"}",
                "\"" + "\\u0041".repeat(200_000),
                "\\",
                "{\"id\":1e",
                "[2,1e");
        for (String text : texts) {
            assertThat(dialogue.fromClient(text)).isEqualTo(FromClient.OTHER);
            assertThat(dialogue.requests.pending()).isZero();
        }
        dialogue.request(request);
        for (String text : texts) {
            assertThat(dialogue.fromUpstream(text)).isEqualTo(FromUpstream.PASS);
        }
        assertThat(dialogue.fromUpstream(reply)).isEqualTo(FromUpstream.PASS);
        assertThat(dialogue.heard).hasSize(1);
        assertThat(dialogue.fromUpstream(reply)).isEqualTo(FromUpstream.DROP);
    }

    @ParameterizedTest
    @MethodSource("protocols")
    void whateverBytesComeNothingBreaks(Dialogue dialogue, String request, String reply) {
        Random random = new Random(1);
        for (int i = 0; i < 4_000; i++) {
            ByteBuf payload = mutated(random.nextBoolean() ? request : '[' + reply + ',' + request + ']', random);
            int from = payload.readerIndex();
            int to = payload.writerIndex();
            if (random.nextBoolean()) {
                dialogue.requests.fromClient(payload, new Message("m"));
            } else {
                dialogue.requests.fromUpstream(payload);
            }
            assertThat(payload.readerIndex()).isEqualTo(from);
            assertThat(payload.writerIndex()).isEqualTo(to);
            assertThat(payload.refCnt()).isEqualTo(1);
            payload.release();
        }
    }

    /** The text with some bytes changed, taken away or put in; on or off heap, from anywhere in its buffer on. */
    private static ByteBuf mutated(String text, Random random) {
        byte[] bytes = text.getBytes(UTF_8);
        int skip = random.nextInt(4);
        ByteBuf payload = random.nextBoolean() ? Unpooled.buffer() : Unpooled.directBuffer();
        payload.writeZero(skip);
        for (byte b : bytes) {
            switch (random.nextInt(20)) {
                case 0 -> payload.writeByte(random.nextInt(256));
                case 1 -> payload.writeByte("[]{}\",:\\".charAt(random.nextInt(8)));
                case 2 -> payload.writeByte(b).writeByte(b);
                case 3 -> {}
                default -> payload.writeByte(b);
            }
        }
        return payload.skipBytes(skip);
    }

    /** A batch that Jackson can't read is one that nobody is sure to answer. */
    @Test
    void onlyBatchesThatAreJsonAreTracked() {
        Random random = new Random(2);
        MessageReader reader = new MessageReader(Dialogue.config(Preset.JSON_RPC, Replay.ALL));
        int intact = 0;
        for (int i = 0; i < 4_000; i++) {
            ByteBuf payload = mutated(" [{\"id\":1,\"method\":\"m\"}, [3,{}] ] ", random);
            int size = size(payload);
            reader.openClient(payload);
            if (reader.isBatch()) {
                assertThat(reader.left()).as(payload.toString(UTF_8)).isEqualTo(Math.max(0, size));
                intact += size > 0 ? 1 : 0;
            }
            while (reader.next()) {
                assertThat(reader.kind()).isNotNull();
            }
            payload.release();
        }
        assertThat(intact).isGreaterThan(10);
    }

    /** Elements of the array that Jackson reads; -1 if it reads none. */
    private static int size(ByteBuf payload) {
        byte[] bytes = new byte[payload.readableBytes()];
        payload.getBytes(payload.readerIndex(), bytes);
        try {
            JsonNode node = MAPPER.readTree(new String(bytes, ISO_8859_1));
            return node.isArray() ? node.size() : -1;
        } catch (JacksonException e) {
            return -1;
        }
    }

    @Test
    void ofSeveralIdsTheFirstCounts() {
        Dialogue dialogue = new Dialogue(Preset.JSON_RPC);
        Message request = dialogue.request("{\"id\":1,\"id\":2,\"method\":\"a\",\"method\":\"b\"}");
        assertThat(dialogue.requests.pending()).isEqualTo(1);

        dialogue.fromUpstream("{\"id\":2,\"result\":0}");
        assertThat(dialogue.requests.isPending(request)).isTrue();
        dialogue.fromUpstream("{\"id\":1,\"id\":2,\"result\":0}");
        assertThat(dialogue.requests.isPending(request)).isFalse();
    }

    @Test
    void membersAreFoundUnderNamesWithEscapes() {
        Dialogue dialogue = new Dialogue(Preset.JSON_RPC);
        dialogue.request("{\"\\u0069d\":1,\"m\\u0065thod\":\"a\"}");

        assertThat(dialogue.fromUpstream("{\"id\":1,\"m\\u0065thod\":\"ask\"}")).isEqualTo(FromUpstream.PASS);
        assertThat(dialogue.requests.pending()).isEqualTo(1);
        dialogue.fromUpstream("{\"i\\u0064\":1,\"result\":0}");
        assertThat(dialogue.requests.pending()).isZero();
    }

    @Test
    void aMarkOfByteOrderIsPassedOver() {
        Dialogue dialogue = new Dialogue(Preset.JSON_RPC);
        dialogue.request("\uFEFF{\"id\":1,\"method\":\"a\"}");
        dialogue.request("\uFEFF[{\"id\":2,\"method\":\"a\"}]");

        assertThat(dialogue.requests.pending()).isEqualTo(2);
    }
}
