package io.tidegate.json;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** Arrays made of known elements, and bytes of whose elements Jackson has to tell. */
class ElementScannerPropertyTest {

    private static final JsonFactory JSON = new JsonFactory();
    private static final String[] SPACES = {"", "", " ", "\n\t", "\r\n  "};

    private final ElementScanner elements = new ElementScanner(ScanLimits.DEFAULTS);

    @Property(tries = 10_000, shrinking = ShrinkingMode.OFF)
    void findsTheElementsThatAnArrayWasMadeOf(@ForAll long seed) {
        Random random = new Random(seed);
        List<String> made = new ArrayList<>();
        StringBuilder text = new StringBuilder(space(random)).append('[').append(space(random));
        for (int i = random.nextInt(6); i > 0; i--) {
            String element = new String(new RandomJson(random).text(), UTF_8);
            made.add(stripped(element));
            text.append(made.size() == 1 ? "" : ",")
                    .append(space(random))
                    .append(stripped(element))
                    .append(space(random));
        }
        text.append(']').append(space(random));

        assertThat(scan(buffer(text.toString().getBytes(UTF_8), random))).isEqualTo(made);
        assertThat(elements.next()).isEqualTo(ScanStatus.MISSING);
    }

    @Property(tries = 40_000, shrinking = ShrinkingMode.OFF)
    void findsAsManyElementsInRandomBytesAsJackson(@ForAll long seed) {
        Random random = new Random(seed);
        String letters = "{}[]]\"\"\"::,,, \n\\u0eE-+.11truefalsnid/";
        StringBuilder text = new StringBuilder("[");
        for (int i = random.nextInt(10); i > 0; i--) {
            text.append(letters.charAt(random.nextInt(letters.length())));
        }
        text.append(random.nextBoolean() ? "]" : "");
        byte[] bytes = text.toString().getBytes(UTF_8);

        int found = scan(buffer(bytes, random)).size();
        boolean valid = elements.next() == ScanStatus.MISSING;
        int counted = jackson(bytes);
        assertThat(valid).as("<%s>", text).isEqualTo(counted >= 0);
        if (valid) {
            assertThat(found).as("<%s>", text).isEqualTo(counted);
        }
    }

    private List<String> scan(ByteBuf text) {
        List<String> found = new ArrayList<>();
        assertThat(elements.open(text, text.readerIndex(), text.writerIndex())).isTrue();
        while (elements.next() == ScanStatus.FOUND) {
            found.add(text.toString(elements.from(), elements.to() - elements.from(), UTF_8));
        }
        return found;
    }

    /** How many elements Jackson finds; -1 if it isn't JSON. */
    private static int jackson(byte[] text) {
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), new String(text, ISO_8859_1))) {
            int count = 0;
            assertThat(parser.nextToken()).isEqualTo(JsonToken.START_ARRAY);
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                if (parser.currentToken() == null) {
                    return -1;
                }
                count++;
                parser.skipChildren();
                parser.finishToken();
            }
            return parser.nextToken() == null ? count : -1;
        } catch (JacksonException notJson) {
            Assume.that(!notJson.getMessage().contains("surrogate"));
            return -1;
        }
    }

    private static ByteBuf buffer(byte[] text, Random random) {
        int cut = random.nextInt(text.length + 1);
        return random.nextBoolean()
                ? Unpooled.wrappedBuffer(text)
                : Unpooled.wrappedBuffer(
                        Unpooled.wrappedBuffer(text, 0, cut), Unpooled.wrappedBuffer(text, cut, text.length - cut));
    }

    private static String stripped(String json) {
        return json.replaceFirst("^[\uFEFF \n\r\t]+", "").replaceFirst("[ \n\r\t]+$", "");
    }

    private static String space(Random random) {
        return SPACES[random.nextInt(SPACES.length)];
    }
}
