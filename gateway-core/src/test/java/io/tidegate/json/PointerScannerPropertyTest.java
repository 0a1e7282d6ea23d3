package io.tidegate.json;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;

/**
 * Compares the scanner with Jackson 3's streaming parsers, asked for tokens until the answer is known.
 *
 * <p>They agree in status, type, place and key:
 *
 * <ul>
 *   <li>with the parser of UTF-8, on every text that is valid UTF-8, JSON or not (without a NUL among the first four
 *       bytes, by which Jackson recognises UTF-16 and UTF-32);
 *   <li>with the parser of characters, on all bytes whatsoever, each taken for one character: validity of UTF-8 is what
 *       the scanner leaves to others. A key of escapes is then out of question.
 * </ul>
 */
class PointerScannerPropertyTest {

    private static final ScanLimits WIDE = new ScanLimits(64, 1 << 16, 1 << 13);

    /** Where every direct buffer has its bytes; there is one at a time. */
    private static final ByteBuffer DIRECT = ByteBuffer.allocateDirect(1 << 16);

    private final PointerScanner scanner = new PointerScanner(WIDE);

    /**
     * @param text to be scanned
     * @param pointer to be looked for
     * @param seed of how the text lies in buffers */
    record Case(byte[] text, String pointer, long seed) {

        @Override
        public String toString() {
            return "pointer \"" + pointer + "\" in <" + new String(text, UTF_8) + "> " + Arrays.toString(text);
        }
    }

    @Property(tries = 45_000, shrinking = ShrinkingMode.OFF)
    void findsInJsonWhatJacksonFinds(@ForAll("json") Case given) {
        assertThat(scan(given)).isEqualTo(JacksonModel.utf8(given.text(), given.pointer(), WIDE.depth()));
    }

    @Property(tries = 25_000, shrinking = ShrinkingMode.OFF)
    void findsInBrokenJsonWhatJacksonFinds(@ForAll("brokenJson") Case given) {
        Outcome model = JacksonModel.bytes(given.text(), given.pointer(), WIDE.depth());
        Outcome outcome = scan(given);
        if (outcome.isFound() && scanner.escapes()) {
            assertThat(outcome.withoutKey()).isEqualTo(model.withoutKey());
        } else {
            assertThat(outcome).isEqualTo(model);
        }
        if (isUtf8(given.text()) && !beginsLikeUtf16(given.text())) {
            assertThat(outcome).isEqualTo(JacksonModel.utf8(given.text(), given.pointer(), WIDE.depth()));
        }
    }

    /** In a few of JSON's own bytes, everything happens that can happen in many. */
    @Property(tries = 40_000, shrinking = ShrinkingMode.OFF)
    void findsInRandomBytesWhatJacksonFinds(@ForAll("letters") Case given) {
        Outcome outcome = scan(given);
        assertThat(outcome.withoutKey())
                .isEqualTo(JacksonModel.bytes(given.text(), given.pointer(), WIDE.depth())
                        .withoutKey());
    }

    @Property(tries = 3_000, shrinking = ShrinkingMode.OFF)
    void stopsAtLimitsWhereJacksonWouldReadOn(@ForAll("brokenJson") Case given) {
        Random random = new Random(given.seed());
        ScanLimits limits = new ScanLimits(
                1 + random.nextInt(4), 1 + random.nextInt(given.text().length + 20), 8 + random.nextInt(10));
        Outcome outcome = Outcome.scan(
                new PointerScanner(limits), JsonPointer.parse(given.pointer()), buffer(given.text(), random));
        assertThat(outcome.withoutKey())
                .isEqualTo(JacksonModel.bytes(given.text(), given.pointer(), limits)
                        .withoutKey());
    }

    @Provide
    Arbitrary<Case> json() {
        return Arbitraries.randomValue(random -> {
            RandomJson json = new RandomJson(random);
            return new Case(json.text(), json.pointer(), random.nextLong());
        });
    }

    @Provide
    Arbitrary<Case> brokenJson() {
        return Arbitraries.randomValue(random -> {
            RandomJson json = new RandomJson(random);
            return new Case(broken(json.text(), random), asciiOnly(json.pointer()), random.nextLong());
        });
    }

    @Provide
    Arbitrary<Case> letters() {
        byte[] letters = "{}[]\"\"\"::,, \n\\u0eE-+.1truefalsnid/\u0001\u007fé".getBytes(UTF_8);
        return Arbitraries.randomValue(random -> {
            String[] beginnings = {"", "[", "[1,", "[[", "{", "{\"i\":", "{\"i\":[", "\"", "-1"};
            byte[] beginning = beginnings[random.nextInt(beginnings.length)].getBytes(UTF_8);
            byte[] text = Arrays.copyOf(beginning, beginning.length + random.nextInt(12));
            for (int i = beginning.length; i < text.length; i++) {
                text[i] = letters[random.nextInt(letters.length)];
            }
            String pointer = new String[] {"", "/", "/0", "/1", "/i", "/0/0"}[random.nextInt(6)];
            return new Case(text, pointer, random.nextLong());
        });
    }

    /** Replaces, inserts or deletes a byte or two, or cuts the end off. */
    private static byte[] broken(byte[] text, Random random) {
        byte[] broken = text;
        for (int i = random.nextInt(3); i >= 0 && broken.length > 0; i--) {
            int at = random.nextInt(broken.length);
            int inserted = random.nextInt(3);
            int deleted = random.nextInt(2);
            byte[] next = Arrays.copyOf(broken, broken.length + inserted - deleted);
            for (int j = 0; j < inserted; j++) {
                next[at + j] = random.nextBoolean()
                        ? (byte) random.nextInt(256)
                        : (byte) "\"\\{}[],:0e-. \ntn".charAt(random.nextInt(16));
            }
            System.arraycopy(broken, at + deleted, next, at + inserted, broken.length - at - deleted);
            broken = next;
        }
        return random.nextInt(3) == 0 ? Arrays.copyOf(broken, random.nextInt(broken.length + 1)) : broken;
    }

    /** An escape may say what the pointer says in UTF-8, which the parser of characters can't know. */
    private static String asciiOnly(String pointer) {
        return pointer.chars().allMatch(c -> c < 0x80) ? pointer : "/id";
    }

    /** The answer for the text as an array of its own, which that for another kind of buffer must equal. */
    private Outcome scan(Case given) {
        JsonPointer pointer = JsonPointer.parse(given.pointer());
        Outcome other = Outcome.scan(scanner, pointer, buffer(given.text(), new Random(given.seed())));
        Outcome heap = Outcome.scan(scanner, pointer, Unpooled.wrappedBuffer(given.text()));
        assertThat(other).isEqualTo(heap);
        return heap;
    }

    /** The text in a buffer of some kind, with other bytes around it; nothing that has to be released. */
    private static ByteBuf buffer(byte[] text, Random random) {
        int before = random.nextInt(10);
        int after = random.nextInt(10);
        byte[] bytes = new byte[before + text.length + after];
        random.nextBytes(bytes);
        System.arraycopy(text, 0, bytes, before, text.length);
        ByteBuf whole = switch (random.nextInt(4)) {
            case 0 -> Unpooled.wrappedBuffer(bytes);
            case 1 -> Unpooled.wrappedBuffer(DIRECT.duplicate().put(bytes).flip());
            case 2 -> pieces(bytes, random);
            default -> Unpooled.wrappedBuffer(bytes).asReadOnly();
        };
        return random.nextBoolean() ? whole.slice(before, text.length) : whole.setIndex(before, before + text.length);
    }

    private static ByteBuf pieces(byte[] bytes, Random random) {
        List<byte[]> pieces = new ArrayList<>();
        for (int at = 0; at < bytes.length; ) {
            int to = Math.min(bytes.length, at + 1 + random.nextInt(random.nextBoolean() ? 8 : 1500));
            pieces.add(Arrays.copyOfRange(bytes, at, to));
            at = to;
        }
        return Unpooled.wrappedBuffer(pieces.size() + 1, pieces.toArray(new byte[0][]));
    }

    private static boolean isUtf8(byte[] text) {
        return Arrays.equals(new String(text, UTF_8).getBytes(UTF_8), text);
    }

    private static boolean beginsLikeUtf16(byte[] text) {
        for (int i = 0; i < Math.min(4, text.length); i++) {
            if (text[i] == 0) {
                return true;
            }
        }
        return false;
    }
}
