package io.tidegate.bench.load;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class PayloadTest {

    private static final long ID = MessageId.of(1_048_575, 4_000_000_000L);

    static Stream<Payload> payloads() {
        return Stream.of(
                new SequencePayload(SequencePayload.LEAST),
                new SequencePayload(100),
                new JsonRpcPayload(JsonRpcPayload.LEAST),
                new JsonRpcPayload(1000));
    }

    @ParameterizedTest
    @MethodSource("payloads")
    void readsItsOwnMessages(Payload payload) {
        assertThat(read(payload, bytes(payload))).isEqualTo(ID);
        assertThat(MessageId.connection(ID)).isEqualTo(1_048_575);
        assertThat(MessageId.sequence(ID)).isEqualTo(4_000_000_000L);
    }

    @ParameterizedTest
    @MethodSource("payloads")
    void noticesAnyChangedByte(Payload payload) {
        for (int i = 0; i < payload.length(); i++) {
            byte[] bytes = bytes(payload);
            bytes[i] ^= 1;
            assertThat(read(payload, bytes))
                    .as("byte %d of %s", i, new String(bytes, US_ASCII))
                    .isNotEqualTo(ID);
            assertThat(read(payload, bytes)).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("payloads")
    void noticesMissingBytes(Payload payload) {
        String text = new String(bytes(payload), US_ASCII);
        for (int i = 0; i < text.length(); i++) {
            assertThat(read(payload, text.substring(0, i).getBytes(US_ASCII))).isZero();
        }
        assertThat(read(payload, (text + "x").getBytes(US_ASCII))).isZero();
    }

    @Test
    void jsonRpcRequestsAreJson() {
        Payload payload = new JsonRpcPayload(200);
        JsonNode json = JsonMapper.builder().build().readTree(bytes(payload));

        assertThat(bytes(payload)).hasSize(200);
        assertThat(json.get("jsonrpc").asString()).isEqualTo("2.0");
        assertThat(json.get("id").asLong()).isEqualTo(ID).isLessThan(1L << 53);
        assertThat(json.get("method").asString()).isEqualTo("echo");
    }

    @Test
    void jsonRpcRepliesBearTheirIdAnywhere() {
        Payload payload = new JsonRpcPayload(200);

        assertThat(read(payload, "{\"result\":{\"id\":1},\"id\":%d}")).isEqualTo(ID);
        assertThat(read(payload, "{\"id\":%d,\"error\":{\"code\":-1}}")).isEqualTo(-ID);
        assertThat(read(payload, "{\"id\":\"%d\",\"result\":1}")).as("a string").isZero();
        assertThat(read(payload, "{\"id\":%d}")).as("no result").isZero();
        assertThat(read(payload, "{\"id\":%d,\"result\":1} x")).isZero();
        assertThat(read(payload, "[%d]")).isZero();
        assertThat(read(payload, "{\"id\":%d0,\"result\":1}")).as("not ours").isZero();
        assertThat(read(payload, "{\"id\":%d000000000000,\"result\":1}"))
                .as("not a long")
                .isZero();
    }

    private static long read(Payload payload, String form) {
        return read(payload, form.formatted(ID).getBytes(US_ASCII));
    }

    private static long read(Payload payload, byte[] bytes) {
        return payload.read(Unpooled.wrappedBuffer(new byte[3], bytes), 3, bytes.length);
    }

    private static byte[] bytes(Payload payload) {
        byte[] bytes = new byte[payload.length()];
        payload.fill(bytes, ID);
        return bytes;
    }
}
