package io.tidegate.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ElementScannerTest {

    private final ElementScanner elements = new ElementScanner(ScanLimits.DEFAULTS);

    private static ByteBuf text(String text) {
        return Unpooled.wrappedBuffer(text.getBytes(UTF_8));
    }

    /** The elements, and how it ended; or that no array begins there. */
    private static List<String> scan(ElementScanner elements, ByteBuf text) {
        List<String> found = new ArrayList<>();
        if (!elements.open(text, text.readerIndex(), text.writerIndex())) {
            found.add("no array");
        }
        ScanStatus status = elements.next();
        for (; status == ScanStatus.FOUND; status = elements.next()) {
            found.add(text.toString(elements.from(), elements.to() - elements.from(), UTF_8));
        }
        assertThat(elements.next()).as("said again").isEqualTo(status);
        found.add(status.name());
        return found;
    }

    private List<String> scan(String text) {
        return scan(elements, text(text));
    }

    @ParameterizedTest
    @EnumSource
    void findsElementsInEveryKindOfBuffer(PointerScannerTest.Kind kind) {
        String batch = "[ {\"id\":1,\"a\":[1,2]} ,\n\"b,]\",-1.5e3,null,[[]] ,{}" + " ".repeat(2000) + ",\"é\" ] \r\n";
        ByteBuf text = kind.hold(batch.getBytes(UTF_8));

        assertThat(scan(elements, text))
                .containsExactly(
                        "{\"id\":1,\"a\":[1,2]}", "\"b,]\"", "-1.5e3", "null", "[[]]", "{}", "\"é\"", "MISSING");
        assertThat(text.refCnt()).isEqualTo(1);
        assertThat(text.release()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", " [ ] ", "\uFEFF[]"})
    void nothingIsInAnEmptyArray(String text) {
        assertThat(scan(text)).containsExactly("MISSING");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "{\"a\":[1]}", "1", "\"[1]\"", "null", "]", ",[1]"})
    void whatIsNoArrayHasNoElements(String text) {
        assertThat(scan(text)).containsExactly("no array", "MISSING");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[             | NOT_JSON",
                "[1            | NOT_JSON",
                "[1,           | 1 NOT_JSON",
                "[,1]          | NOT_JSON",
                "[1,]          | 1 NOT_JSON",
                "[1 2]         | 1 NOT_JSON",
                "[1}           | 1 NOT_JSON",
                "[{]           | NOT_JSON",
                "[{\"a\":1]    | NOT_JSON",
                "[\"a          | NOT_JSON",
                "[tru]         | NOT_JSON",
                "[{}]]         | {} NOT_JSON",
                "[{}] x        | {} NOT_JSON",
                "[{}],         | {} NOT_JSON",
                "[[1],{},01]   | [1] {} NOT_JSON",
            })
    void saysWhatIsBroken(String text, String outcome) {
        assertThat(String.join(" ", scan(text))).isEqualTo(outcome);
    }

    @Test
    void goesNoDeeperThanItsLimit() {
        ElementScanner shallow = new ElementScanner(new ScanLimits(2, 1000, 8));

        assertThat(scan(shallow, text("[[1],{},[[]]]"))).containsExactly("[1]", "{}", "TOO_DEEP");
        assertThat(scan(new ElementScanner(new ScanLimits(1, 1000, 8)), text("[1,[]]")))
                .containsExactly("1", "TOO_DEEP");
    }

    @Test
    void readsNoMoreThanItsLimit() {
        String batch = "[\"aaaa\",\"bbbb\"]";
        for (int bytes = 1; bytes < batch.length(); bytes++) {
            List<String> found = scan(new ElementScanner(new ScanLimits(4, bytes, 8)), text(batch));
            assertThat(found).as("%d bytes", bytes).endsWith("TOO_LARGE");
            assertThat(found).hasSize(bytes < 7 ? 1 : bytes < 14 ? 2 : 3);
        }
        assertThat(scan(new ElementScanner(new ScanLimits(4, batch.length(), 8)), text(batch)))
                .endsWith("MISSING");
        assertThat(scan(new ElementScanner(new ScanLimits(4, batch.length(), 8)), text(batch + " ")))
                .endsWith("TOO_LARGE");
    }

    @Test
    void aLongScalarIsAnElementLikeAnyOther() {
        String scalar = "\"" + "x".repeat(500) + "\"";

        assertThat(scan("[" + scalar + "]")).containsExactly(scalar, "MISSING");
    }

    @Test
    void canBeLeftEarlyAndUsedAgain() {
        ByteBuf first = text("[1,2,3]");
        assertThat(elements.open(first, 0, 7)).isTrue();
        assertThat(elements.next()).isEqualTo(ScanStatus.FOUND);
        elements.close();
        assertThat(elements.next()).isEqualTo(ScanStatus.MISSING);
        elements.close();

        assertThat(scan("[[4")).containsExactly("NOT_JSON");
        assertThat(scan("[5]")).containsExactly("5", "MISSING");
    }

    @Test
    void staysBetweenTheIndexesGiven() {
        ByteBuf text = text("x[[1,2],3]");
        assertThat(elements.open(text, 2, 7)).isTrue();
        assertThat(elements.next()).isEqualTo(ScanStatus.FOUND);
        assertThat(elements.from()).isEqualTo(3);
        assertThat(elements.to()).isEqualTo(4);
        assertThat(elements.next()).isEqualTo(ScanStatus.FOUND);
        assertThat(elements.next()).isEqualTo(ScanStatus.MISSING);
        assertThatThrownBy(() -> elements.open(text, 0, 11)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void elementsCanBeScannedForTheirIds() {
        ByteBuf text = text("[{\"id\":\"a\\n\"},{\"id\":2},{\"method\":\"m\"}]");
        PointerScanner scanner = new PointerScanner(ScanLimits.DEFAULTS);
        JsonPointer id = JsonPointer.parse("/id");
        List<String> ids = new ArrayList<>();
        assertThat(elements.open(text, 0, text.writerIndex())).isTrue();
        while (elements.next() == ScanStatus.FOUND) {
            ScanStatus status = scanner.scan(id, text, elements.from(), elements.to());
            ids.add(
                    status == ScanStatus.FOUND
                            ? text.toString(scanner.from(), scanner.to() - scanner.from(), UTF_8)
                            : status.name());
        }

        assertThat(ids).containsExactly("\"a\\n\"", "2", "MISSING");
    }
}
