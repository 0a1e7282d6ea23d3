package io.tidegate.bench.fault.message;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class FormTest {

    private static final Numbered NUMBER = new Numbered(17, 4_711);

    @ParameterizedTest
    @EnumSource
    void readsWhatItWrote(Form form) {
        String request = form.request(NUMBER, 20);

        assertThat(Form.of(request)).isEqualTo(form);
        assertThat(form.readRequest(request)).isEqualTo(NUMBER);
        String reply = form.reply(request);
        assertThat(reply != null).isEqualTo(form.answered());
        if (reply != null) {
            assertThat(form.readReply(reply)).isEqualTo(NUMBER);
            assertThat(form.isError(reply)).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource
    void noLetterCanChangeUnseen(Form form) {
        String request = form.request(NUMBER, 20);
        for (int i = 0; i < request.length(); i++) {
            char other = request.charAt(i) == 'x' ? 'y' : 'x';
            String damaged = request.substring(0, i) + other + request.substring(i + 1);
            assertThat(form.readRequest(damaged)).as(damaged).isNull();
        }
        assertThat(form.readRequest(request + request)).isNull();
        assertThat(form.readRequest(request.replace("4711", "4712"))).isNull();
    }

    @Test
    void isTheProtocolItSaysItIs() {
        JsonMapper mapper = JsonMapper.builder().build();
        String request = Form.JSON_RPC.request(NUMBER, 3);
        JsonNode reply = mapper.readTree(Objects.requireNonNull(Form.JSON_RPC.reply(request)));
        assertThat(mapper.readTree(request).get("method").asString()).isEqualTo("work");
        assertThat(reply.get("id").asInt()).isEqualTo(NUMBER.sequence());
        assertThat(reply.has("result")).isTrue();

        String call = Form.OCPP_J.request(NUMBER, 3);
        JsonNode result = mapper.readTree(Objects.requireNonNull(Form.OCPP_J.reply(call)));
        assertThat(mapper.readTree(call).get(0).asInt()).isEqualTo(2);
        assertThat(result.get(0).asInt()).isEqualTo(3);
        assertThat(result.get(1)).isEqualTo(mapper.readTree(call).get(1));
    }

    @Test
    void knowsErrors() {
        assertThat(Form.JSON_RPC.isError("{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32000,\"message\":\"\"}}"))
                .isTrue();
        assertThat(Form.OCPP_J.isError("[4,\"1\",\"InternalError\",\"\",{}]")).isTrue();
        assertThat(Form.ECHO.isError("error")).isFalse();
    }
}
