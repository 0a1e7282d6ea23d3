package io.tidegate.dedup;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tidegate.dedup.DedupKey.Unkeyed;
import io.tidegate.json.JsonPointer;
import io.tidegate.json.ScanLimits;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DedupKeyTest {

    private static final ScanLimits LIMITS = new ScanLimits(3, 60, 8);

    @Test
    void contentIsAllThatCanBeRead() {
        assertThat(content("abc")).isEqualTo(content("abc")).isNotEqualTo(content("abd"));
        assertThat(content("")).isEqualTo(content("")).isNotEqualTo(content("\0"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"id\":1}            | {\"x\":[2],\"id\" : 1}",
                "{\"id\":\"a\"}        | {\"id\":\"\\u0061\"}",
                "{\"id\":\"a/b\"}      | {\"id\":\"a\\/b\"}",
                "{\"id\":true}         | {\"id\":true,\"id\":false}",
            })
    void sameKeys(String one, String other) {
        assertThat(key(one)).isEqualTo(key(other));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"id\":1}      | {\"id\":\"1\"}",
                "{\"id\":1}      | {\"id\":1.0}",
                "{\"id\":true}   | {\"id\":\"true\"}",
                "{\"id\":true}   | {\"id\":false}",
                "{\"id\":\"\"}   | {\"id\":\" \"}",
                "{\"id\":\"s1\"} | {\"id\":\"1\"}",
            })
    void differentKeys(String one, String other) {
        assertThat(key(one)).isNotEqualTo(key(other));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"x\":1}                        | MISSING",
                "[1]                              | MISSING",
                "{\"id\":null}                    | NULL",
                "{\"id\":{}}                      | NOT_SCALAR",
                "{\"id\":[1]}                     | NOT_SCALAR",
                "hello                            | NOT_JSON",
                "{\"id\":                         | NOT_JSON",
                "{\"id\":\"123456789\"}           | TOO_LONG",
                "{\"x\":[[[]]],\"id\":1}          | TOO_DEEP",
                "{\"x\":\"0123456789012345678901234567890123456789012345678901234567\",\"id\":1} | TOO_LARGE",
            })
    void noKeys(String message, Unkeyed cause) {
        assertThat(key(message)).isEqualTo(cause);
    }

    @Test
    void anEmptyMessageIsNoJson() {
        assertThat(key("")).isEqualTo(Unkeyed.NOT_JSON);
    }

    @Test
    void aPointerInTextHasTheDefaultLimits() {
        assertThat(read(DedupKey.pointer("/a/0"), "{\"a\":[\"%s\"]}".formatted("x".repeat(256))))
                .isInstanceOf(String.class);
        assertThat(read(DedupKey.pointer("/a/0"), "{\"a\":[\"%s\"]}".formatted("x".repeat(257))))
                .isEqualTo(Unkeyed.TOO_LONG);
    }

    private static Object content(String message) {
        return read(DedupKey.content(), message);
    }

    private static Object key(String message) {
        return read(DedupKey.pointer(JsonPointer.parse("/id"), LIMITS), message);
    }

    private static Object read(DedupKey dedupKey, String message) {
        ByteBuf direct = Unpooled.directBuffer().writeZero(3).writeBytes(message.getBytes(UTF_8));
        direct.skipBytes(3);
        try {
            KeyHash key = new KeyHash();
            Unkeyed cause = dedupKey.reader().read(direct, key);
            assertThat(direct.readerIndex()).isEqualTo(3);
            return cause == null ? key.high() + ":" + key.low() : cause;
        } finally {
            direct.release();
        }
    }
}
