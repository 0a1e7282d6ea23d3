package io.tidegate.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonPointerTest {

    @Test
    void splitsAtSlashes() {
        assertThat(names("")).isEmpty();
        assertThat(names("/")).containsExactly("");
        assertThat(names("/id")).containsExactly("id");
        assertThat(names("/params/0/id")).containsExactly("params", "0", "id");
        assertThat(names("//a/")).containsExactly("", "a", "");
    }

    @Test
    void unescapesTildeAndSlash() {
        assertThat(names("/a~1b")).containsExactly("a/b");
        assertThat(names("/m~0n")).containsExactly("m~n");
        // RFC 6901, section 4: not "/".
        assertThat(names("/~01")).containsExactly("~1");
        assertThat(names("/~1~0/~0")).containsExactly("/~", "~");
    }

    @Test
    void keepsNamesInUtf8() {
        assertThat(names("/é/日本/😀")).containsExactly("é", "日本", "😀");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "id     | `pointer \"id\": 'i' at 0 (expected: '/' or an empty pointer)`",
                "#/id   | `pointer \"#/id\": '#' at 0 (expected: '/' or an empty pointer)`",
                "/a~2   | `pointer \"/a~2\": '2' at 3 (expected: 0 or 1 after '~')`",
                "/a~/b  | `pointer \"/a~/b\": '/' at 3 (expected: 0 or 1 after '~')`",
                "/b/a~  | `pointer \"/b/a~\": ends at 5 (expected: 0 or 1 after '~')`",
            })
    void saysWhatIsWrong(String text, String message) {
        assertThatThrownBy(() -> JsonPointer.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @Test
    void takesSurrogatesInPairsOnly() {
        for (String text : List.of("/a\uD83D", "/a\uD83Db", "/a\uD83D/\uDE00")) {
            assertThatThrownBy(() -> JsonPointer.parse(text))
                    .hasMessage("pointer \"" + text + "\": U+D83D at 2 (expected: a surrogate pair)");
        }
        assertThatThrownBy(() -> JsonPointer.parse("/\uDE00\uD83D"))
                .hasMessageEndingWith("U+DE00 at 1 (expected: a surrogate pair)");
    }

    @ParameterizedTest
    @CsvSource({"/0, 0", "/7, 7", "/10, 10", "/2147483647, 2147483647"})
    void takesDigitsForAnIndex(String text, int index) {
        assertThat(JsonPointer.parse(text).token(0).index()).isEqualTo(index);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/-",
                "/01",
                "/00",
                "/-1",
                "/+1",
                "/1a",
                "/ 1",
                "/:",
                "/2147483648",
                "/9999999999",
                "/99999999999"
            })
    void takesNothingElseForAnIndex(String text) {
        assertThat(JsonPointer.parse(text).token(0).index()).isEqualTo(-1);
    }

    @Test
    void knowsNamesThatStringsCanNotHoldAsTheyAre() {
        for (String name : List.of("", "id", " ", "é", "\u007f")) {
            assertThat(JsonPointer.parse("/" + name).token(0).isPlain()).isTrue();
        }
        for (String name : List.of("a\"", "a\\", "\u0000", "\u001f")) {
            assertThat(JsonPointer.parse("/" + name).token(0).isPlain()).isFalse();
        }
    }

    @Test
    void equalsWhatReadsTheSame() {
        assertThat(JsonPointer.parse("/id")).isEqualTo(JsonPointer.parse("/id")).hasToString("/id");
        assertThat(JsonPointer.parse("/id")).hasSameHashCodeAs(JsonPointer.parse("/id"));
        assertThat(JsonPointer.parse("/id"))
                .isNotEqualTo(JsonPointer.parse("/i"))
                .isNotEqualTo("/id");
        assertThat(JsonPointer.parse("/id").hashCode())
                .isNotEqualTo(JsonPointer.parse("/i").hashCode());
    }

    private static List<String> names(String text) {
        JsonPointer pointer = JsonPointer.parse(text);
        List<String> names = new ArrayList<>();
        for (int i = 0; i < pointer.length(); i++) {
            names.add(new String(pointer.token(i).name(), UTF_8));
        }
        return names;
    }
}
