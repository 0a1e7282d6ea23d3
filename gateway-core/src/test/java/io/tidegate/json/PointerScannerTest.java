package io.tidegate.json;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.IllegalReferenceCountException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PointerScannerTest {

    private static final String RPC =
            "{\"jsonrpc\":\"2.0\",\"method\":\"subtract\",\"params\":[42,{\"id\":9}],\"id\":\"7-\\u00e9\"}";

    private final PointerScanner scanner = new PointerScanner(ScanLimits.DEFAULTS);

    /** Where buffers keep their bytes. */
    enum Kind {
        HEAP {
            @Override
            ByteBuf hold(byte[] bytes) {
                return Unpooled.buffer(bytes.length).writeBytes(bytes);
            }
        },
        DIRECT {
            @Override
            ByteBuf hold(byte[] bytes) {
                return Unpooled.directBuffer(bytes.length).writeBytes(bytes);
            }
        },
        COMPOSITE {
            @Override
            ByteBuf hold(byte[] bytes) {
                int half = bytes.length / 2;
                return Unpooled.wrappedBuffer(
                        HEAP.hold(bytes).slice(0, half), DIRECT.hold(bytes).slice(half, bytes.length - half));
            }
        },
        SLICE {
            @Override
            ByteBuf hold(byte[] bytes) {
                return Unpooled.buffer(bytes.length + 9)
                        .writeLong(0x2222222222222222L)
                        .writeBytes(bytes)
                        .writeByte('"')
                        .slice(8, bytes.length);
            }
        };

        abstract ByteBuf hold(byte[] bytes);
    }

    @ParameterizedTest
    @EnumSource
    void findsScalarsInEveryKindOfBuffer(Kind kind) {
        ByteBuf text = kind.hold(RPC.getBytes(UTF_8));

        assertThat(scan(text, "/id")).isEqualTo(found(ScalarType.STRING, RPC.indexOf("7-"), 8, "7-é"));
        assertThat(scan(text, "/method")).isEqualTo(found(ScalarType.STRING, RPC.indexOf("subtract"), 8, "subtract"));
        assertThat(scan(text, "/params/0")).isEqualTo(found(ScalarType.NUMBER, RPC.indexOf("42"), 2, "42"));
        assertThat(scan(text, "/params/1/id")).isEqualTo(found(ScalarType.NUMBER, RPC.indexOf("9}"), 1, "9"));
        assertThat(scan(text, "/params/2")).isEqualTo(Outcome.of(ScanStatus.MISSING));
        assertThat(text.refCnt()).isEqualTo(1);

        text.release();
        assertThatThrownBy(() -> scan(text, "/id"))
                .isInstanceOfAny(IllegalReferenceCountException.class, IndexOutOfBoundsException.class);
    }

    @ParameterizedTest
    @EnumSource
    void findsWhatLiesAcrossTheEndOfAWindow(Kind kind) {
        String member = "\"i\\u0064\" : \"a\\nb\" } ";
        for (int before = 1024 - member.length() - 3; before <= 1024; before++) {
            String text = "{" + " ".repeat(before) + member;
            ByteBuf buffer = kind.hold(text.getBytes(UTF_8));
            assertThat(scan(buffer, "/id")).isEqualTo(found(ScalarType.STRING, text.indexOf("a\\n"), 4, "a\nb"));
            buffer.release();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"a\\nb\"", "\"\"", "17", "-1e5", "true", "false"})
    void tellsWhereTheScalarIsAsItIsWritten(String scalar) {
        ByteBuf text = Unpooled.wrappedBuffer(("{\"id\" : " + scalar + " }").getBytes(UTF_8));

        assertThat(scanner.scan(JsonPointer.parse("/id"), text)).isEqualTo(ScanStatus.FOUND);
        assertThat(text.toString(scanner.from(), scanner.to() - scanner.from(), UTF_8))
                .isEqualTo(scalar);
    }

    @Test
    void scansBetweenTheIndexesGiven() {
        ByteBuf text = Unpooled.wrappedBuffer("[{\"id\":1},{\"id\":2}]".getBytes(UTF_8));
        JsonPointer id = JsonPointer.parse("/id");
        assertThat(scanner.scan(id, text, 10, 18)).isEqualTo(ScanStatus.FOUND);
        assertThat(scanner.offset()).isEqualTo(16);
        assertThat(scanner.scan(id, text, 10, 16)).isEqualTo(ScanStatus.NOT_JSON);
        assertThat(scanner.scan(id, text, 10, 10)).isEqualTo(ScanStatus.NOT_JSON);
    }

    @ParameterizedTest
    @EnumSource
    void staysWithinTheBuffer(Kind kind) {
        ByteBuf text = kind.hold("{\"id\":1}".getBytes(UTF_8));
        JsonPointer id = JsonPointer.parse("/id");
        assertThatThrownBy(() -> scanner.scan(id, text, 0, text.capacity() + 1))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> scanner.scan(id, text, -1, 3)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> scanner.scan(id, text, 3, 2)).isInstanceOf(IndexOutOfBoundsException.class);
        text.release();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "``       | true                      | FOUND TRUE",
                "``       | ` false `                 | FOUND FALSE",
                "``       | null                      | NULL",
                "``       | 1                         | FOUND NUMBER",
                "``       | {}                        | NOT_SCALAR",
                "``       | [                         | NOT_SCALAR",
                "``       | ``                        | NOT_JSON",
                "``       | `  `                      | NOT_JSON",
                "/id      | {}                        | MISSING",
                "/id      | { }                       | MISSING",
                "/id      | []                        | MISSING",
                "/id      | [1,2]                     | MISSING",
                "/id      | 17                        | MISSING",
                "/id      | \"id\"                    | MISSING",
                "/id      | {\"id\":null}             | NULL",
                "/id      | {\"id\":{}}               | NOT_SCALAR",
                "/id      | {\"id\":[1]}              | NOT_SCALAR",
                "/id      | {\"Id\":1,\"i\":2,\"idx\":3,\"\":4} | MISSING",
                "/0       | {\"0\":true}              | FOUND TRUE",
                "/0       | [true]                    | FOUND TRUE",
                "/1       | [true,false]              | FOUND FALSE",
                "/01      | [true,false]              | MISSING",
                "/-       | [true,false]              | MISSING",
                "/-       | {\"-\":true}              | FOUND TRUE",
                "/a/b     | {\"a\":1,\"b\":2}         | MISSING",
                "/        | {\"\":true}               | FOUND TRUE",
                "/a~1b    | {\"a\\/b\":true}          | FOUND TRUE",
                "/a\"b    | {\"a\\\"b\":true}         | FOUND TRUE",
                "/a\"b    | {\"a\"b\":true}           | NOT_JSON",
                "/a\\b    | {\"a\\b\":true}           | MISSING",
                "/a\\b    | {\"a\\\\b\":true}         | FOUND TRUE",
                "/id      | {\"\\u0069\\u0064\":true} | FOUND TRUE",
                "/😀      | {\"\\uD83D\\uDE00\":true} | FOUND TRUE",
                "/😀      | {\"\\uD83D\\u0041\\uDE00\":1} | MISSING",
                "/id      | {\"\\uD83D\":1,\"id\":true} | FOUND TRUE",
            })
    void judgesWhatStandsThere(String pointer, String text, String what) {
        assertThat(scan(text, pointer).what()).isEqualTo(what);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "-0",
                "1234567890",
                "-10.5",
                "0.09",
                "1e5",
                "1E+09",
                "2.5e-90",
                "true",
                "false",
                "null",
                "\"\"",
                "\" !#[]~\u007fé日😀\"",
                "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
                "\"\\uafAF\\u0909\"",
                "\"a string of more than eight bytes\"",
                "[]",
                "[ ]",
                "{}",
                "{ }",
                "[[],{},[[]]]",
                "{\"id\":1}",
                "{\"b\":[{\"c\":1,\"d\":[2,3]},4],\"e\":{}}",
                " [ 1 , { \"b\" : \"c\" , \"d\" : [ ] } ]\t\r\n",
            })
    void skipsValuesOfEveryForm(String value) {
        assertThat(scan("{\"a\":" + value + ",\"id\":true}", "/id").what()).isEqualTo("FOUND TRUE");
        assertThat(scan("[" + value + "," + value + ",true]", "/2").what()).isEqualTo("FOUND TRUE");
        assertThat(scan("[" + value + "]", "/1").what()).isEqualTo("MISSING");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"a\":1 \"id\":2}",
                "{\"a\" 1,\"id\":2}",
                "{\"a\":,\"id\":2}",
                "{,\"id\":2}",
                "{a:1,\"id\":2}",
                "{\"a\":01,\"id\":2}",
                "{\"a\":-,\"id\":2}",
                "{\"a\":1.,\"id\":2}",
                "{\"a\":.5,\"id\":2}",
                "{\"a\":1e,\"id\":2}",
                "{\"a\":1e+,\"id\":2}",
                "{\"a\":+1,\"id\":2}",
                "{\"a\":NaN,\"id\":2}",
                "{\"a\":True,\"id\":2}",
                "{\"a\":nul,\"id\":2}",
                "{\"a\":nulls,\"id\":2}",
                "{\"a\":'x',\"id\":2}",
                "{\"a\":\"\n\",\"id\":2}",
                "{\"a\":\"\\x\",\"id\":2}",
                "{\"a\":\"\\u00g0\",\"id\":2}",
                "{\"a\":\"\\u00`0\",\"id\":2}",
                "{\"a\":\"\\u00G0\",\"id\":2}",
                "{\"a\":\"\\u00@0\",\"id\":2}",
                "{\"a\":\"\\u00:0\",\"id\":2}",
                "{\"a\":\"\\u00/0\",\"id\":2}",
                "{\"a\":\"\\u000\",\"id\":2}",
                "{\"a\":\"\u001f\",\"id\":2}",
                "{\"a\":{\"b\" 1},\"id\":2}",
                "{\"a\":{\"b\":1 \"c\":1},\"id\":2}",
                "{\"a\":[1,2}],\"id\":2}",
                "[1,2}",
                "{\"a\":[1 2],\"id\":2}",
                "{\"a\":[1,],\"id\":2}",
                "{\"a\":[1},\"id\":2}",
                "{\"a\":{\"b\":1,},\"id\":2}",
                "{\"a\":{\"b\":1],\"id\":2}",
                "{\"a\":{1:1},\"id\":2}",
                "{\"a\":1,}",
                "{\"a\":1",
                "{\"a\":1]",
                "{\"a\"",
                "{",
                "{\"id\"=2}",
                "{\"id\":2",
                "{\"id\":2x}",
                "{\"id\":truex}",
                "{\"id\":\"2}",
                "// {}\n{\"id\":2}",
            })
    void refusesWhatIsNotJson(String text) {
        assertThat(scan(text, "/id")).isEqualTo(Outcome.of(ScanStatus.NOT_JSON));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"id\":true}",
                "{\"id\":true,",
                "{\"id\":true]!",
                "{\"id\":true,\"id\":false}",
                "{\"id\":true }"
            })
    void looksAtNothingBehindTheScalar(String text) {
        assertThat(scan(text, "/id").what()).isEqualTo("FOUND TRUE");
    }

    @Test
    void goesIntoTheFirstOfSeveralMembersOfOneName() {
        assertThat(scan("{\"a\":{\"b\":1},\"a\":{\"b\":2}}", "/a/b")).isEqualTo(found(ScalarType.NUMBER, 10, 1, "1"));
        assertThat(scan("{\"a\":{},\"a\":{\"b\":2}}", "/a/b")).isEqualTo(Outcome.of(ScanStatus.MISSING));
    }

    @Test
    void skipsAByteOrderMarkInFrontOnly() {
        assertThat(scan("\uFEFF[true]", "/0").what()).isEqualTo("FOUND TRUE");
        assertThat(scan("[\uFEFFtrue]", "/0").what()).isEqualTo("NOT_JSON");
        assertThat(scan("\uFEFF\uFEFF[true]", "/0").what()).isEqualTo("NOT_JSON");
        assertThat(scan("\uFEFF", "/0").what()).isEqualTo("NOT_JSON");
    }

    @Test
    void leavesUtf8InStringsToOthers() {
        ByteBuf text = Unpooled.wrappedBuffer("{\"\u00ff\":\"\u00c0\u0080\",\"id\":\"\u00fe\"}".getBytes(ISO_8859_1));
        assertThat(scan(text, "/id").key()).isEqualTo("73fe");
    }

    @Test
    void makesKeysThatDifferByTypeAndTextOnly() {
        assertThat(key("\"id\"")).isEqualTo(key(" \"\\u0069\\u0064\"")).isEqualTo("73" + "6964");
        assertThat(key("1")).isEqualTo("6e31").isNotEqualTo(key("\"1\"")).isNotEqualTo(key("1.0"));
        assertThat(key("true")).isEqualTo("74" + "74727565").isNotEqualTo(key("\"true\""));
        assertThat(key("false")).isEqualTo("66" + "66616c7365");
        assertThat(key("\"\"")).isEqualTo("73");
        assertThat(key("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"")).isEqualTo("73" + "225c2f080c0a0d09");
        assertThat(key("\"\\u007f\\u0080\\u07FF\\u0800\\uffff\""))
                .isEqualTo("73" + "7f" + "c280" + "dfbf" + "e0a080" + "efbfbf");
        assertThat(key("\"\\ud83d\\ude00\\uDBFF\\uDFFF\"")).isEqualTo("73" + "f09f9880" + "f48fbfbf");
        assertThat(key("\"\\ud83d\\u0041\\udE00\\ud83d\"")).isEqualTo("73" + "eda0bd" + "41" + "edb880" + "eda0bd");
        assertThat(key("\"\\ud83d\\n\\ud83d!\"")).isEqualTo("73" + "eda0bd" + "0a" + "eda0bd" + "21");
    }

    @Test
    void tellsWhetherAStringHasEscapes() {
        assertThat(scan("[\"\\n\",\"n\",1]", "/0").isFound()).isTrue();
        assertThat(scanner.escapes()).isTrue();
        assertThat(scan("[\"\\n\",\"n\",1]", "/1").isFound()).isTrue();
        assertThat(scanner.escapes()).isFalse();
        assertThat(scan("[\"\\n\",\"n\",1]", "/2").isFound()).isTrue();
        assertThat(scanner.escapes()).isFalse();
    }

    @Test
    void goesToTheDepthAllowed() {
        PointerScanner shallow = new PointerScanner(new ScanLimits(3, 1000, 100));
        assertThat(scan(shallow, "[[[1]],2]", "/1").what()).isEqualTo("FOUND NUMBER");
        assertThat(scan(shallow, "[[[[1]]],2]", "/1").what()).isEqualTo("TOO_DEEP");
        assertThat(scan(shallow, "[[{\"a\":{}}],2]", "/1").what()).isEqualTo("TOO_DEEP");
        assertThat(scan(shallow, "[[[1]]]", "/0/0/0").what()).isEqualTo("FOUND NUMBER");
        assertThat(scan(shallow, "[[[[1]]]]", "/0/0/0").what()).isEqualTo("NOT_SCALAR");
        assertThat(scan(shallow, "[[[[1]]]]", "/0/0/0/0").what()).isEqualTo("TOO_DEEP");
        assertThat(scan(shallow, "{\"a\":{\"a\":{\"a\":{\"a\":1}}}}", "/a/a/a/a")
                        .what())
                .isEqualTo("TOO_DEEP");
        assertThat(scan(shallow, "[[[1]],[[1]],2]", "/2").what()).isEqualTo("FOUND NUMBER");
    }

    @Test
    void survivesContainersNested20000Deep() {
        String deep = "[".repeat(20_000) + "]".repeat(20_000);
        String text = "{\"a\":" + deep + ",\"id\":7}";
        assertThat(scan(text, "/id").what()).isEqualTo("TOO_DEEP");
        PointerScanner diver = new PointerScanner(new ScanLimits(20_001, 50_000, 100));
        assertThat(scan(diver, text, "/id").what()).isEqualTo("FOUND NUMBER");
        assertThat(scan(diver, deep, "/0".repeat(19_999)).what()).isEqualTo("NOT_SCALAR");
        assertThat(scan(diver, deep, "/0".repeat(20_000)).what()).isEqualTo("MISSING");
    }

    @Test
    void readsSoManyBytesAndNoMore() {
        String text = "{\"a\":\"0123456789\",\"id\":7}";
        int needed = text.length();
        for (Kind kind : Kind.values()) {
            ByteBuf buffer = kind.hold(text.getBytes(UTF_8));
            for (int bytes = 1; bytes < needed; bytes++) {
                assertThat(scan(new PointerScanner(new ScanLimits(64, bytes, 100)), buffer, "/id")
                                .what())
                        .isEqualTo("TOO_LARGE");
            }
            assertThat(scan(new PointerScanner(new ScanLimits(64, needed, 100)), buffer, "/id")
                            .what())
                    .isEqualTo("FOUND NUMBER");
            buffer.release();
        }
        assertThat(scan(new PointerScanner(new ScanLimits(64, 1, 100)), "7 ", "")
                        .what())
                .isEqualTo("TOO_LARGE");
        assertThat(scan(new PointerScanner(new ScanLimits(64, 1, 100)), "7", "").what())
                .isEqualTo("FOUND NUMBER");
        assertThat(scan(new PointerScanner(new ScanLimits(64, 2, 100)), "\"abc\"", "")
                        .what())
                .isEqualTo("TOO_LARGE");
    }

    @Test
    void takesScalarsOfSoManyBytesAndNoMore() {
        PointerScanner short8 = new PointerScanner(new ScanLimits(64, 1000, 8));
        assertThat(short8.maxKeyBytes()).isEqualTo(9);
        for (String around : new String[] {"%s", "[%s]", "%s ", "[%s,1]"}) {
            String pointer = around.startsWith("[") ? "/0" : "";
            assertThat(scan(short8, around.formatted("12345678"), pointer).length())
                    .isEqualTo(8);
            assertThat(scan(short8, around.formatted("\"12345678\""), pointer).length())
                    .isEqualTo(8);
            assertThat(scan(short8, around.formatted("null"), pointer).what()).isEqualTo("NULL");
            assertThat(scan(short8, around.formatted("false"), pointer).what()).isEqualTo("FOUND FALSE");
            for (String tooLong :
                    new String[] {"123456789", "1234567.89", "\"123456789\"", "\"1234567\\n\"", "\"1234567\\u0041"}) {
                assertThat(scan(short8, around.formatted(tooLong), pointer)).isEqualTo(Outcome.of(ScanStatus.TOO_LONG));
            }
        }
        assertThat(scan(short8, "[\"123456789\",\"id\"]", "/1").what()).isEqualTo("FOUND STRING");
    }

    @Test
    void givesUpOnAnIdOfAMegabyte() {
        String id = "x".repeat(1 << 20);
        assertThat(scan("{\"id\":\"" + id + "\"}", "/id").what()).isEqualTo("TOO_LONG");
        assertThat(scan("{\"a\":\"" + id + "\",\"id\":1}", "/id").what()).isEqualTo("TOO_LARGE");
        PointerScanner patient = new PointerScanner(new ScanLimits(64, 2 << 20, 1 << 20));
        assertThat(scan(patient, "{\"id\":\"" + id + "\"}", "/id").length()).isEqualTo(1 << 20);
        assertThat(scan(patient, "{\"a\":\"" + id + "\",\"id\":1}", "/id").what())
                .isEqualTo("FOUND NUMBER");
    }

    @Test
    void judgesNamesOfAnyLength() {
        String name = "n".repeat(3000);
        for (Kind kind : Kind.values()) {
            ByteBuf text = kind.hold(("{\"" + name + "x\":1,\"" + name + "\":true}").getBytes(UTF_8));
            assertThat(scan(text, "/" + name).what()).isEqualTo("FOUND TRUE");
            text.release();
        }
        String escaped = "\\u006e".repeat(3000);
        assertThat(scan("{\"" + escaped + "n\":1,\"" + escaped + "\":true}", "/" + name)
                        .what())
                .isEqualTo("FOUND TRUE");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0 | 1 | 8 | depth: 0 (expected: 1 to 65536)",
                "65537 | 1 | 8 | depth: 65537 (expected: 1 to 65536)",
                "1 | 0 | 8 | bytes: 0 (expected: 1 to 2147483647)",
                "1 | 1 | 7 | scalarBytes: 7 (expected: 8 to 1048576)",
                "1 | 1 | 1048577 | scalarBytes: 1048577 (expected: 8 to 1048576)",
            })
    void hasLimitsWithinLimits(int depth, int bytes, int scalarBytes, String message) {
        assertThatThrownBy(() -> new ScanLimits(depth, bytes, scalarBytes)).hasMessage(message);
    }

    private String key(String text) {
        return scan(text, "").key();
    }

    private Outcome scan(String text, String pointer) {
        return scan(scanner, text, pointer);
    }

    private Outcome scan(ByteBuf text, String pointer) {
        return scan(scanner, text, pointer);
    }

    private static Outcome scan(PointerScanner scanner, String text, String pointer) {
        return scan(scanner, Unpooled.wrappedBuffer(text.getBytes(UTF_8)), pointer);
    }

    private static Outcome scan(PointerScanner scanner, ByteBuf text, String pointer) {
        return Outcome.scan(scanner, JsonPointer.parse(pointer), text);
    }

    private static Outcome found(ScalarType type, int offset, int length, String text) {
        return Outcome.found(type, offset, length, text.getBytes(UTF_8));
    }
}
