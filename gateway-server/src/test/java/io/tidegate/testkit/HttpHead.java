package io.tidegate.testkit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The head of an HTTP/1.1 request or response, byte for byte as it arrived.
 *
 * @param raw all bytes up to and including the empty line
 * @param startLine request line or status line, without its line end
 * @param fields the header fields in order, duplicates included
 */
@SuppressWarnings("ArrayRecordComponent") // never compared as a whole
public record HttpHead(byte[] raw, String startLine, List<Field> fields) {

    /** One header line: its name as spelled, its value without surrounding white space. */
    public record Field(String name, String value) {
        static Field parse(String line) {
            int colon = line.indexOf(':');
            if (colon <= 0) {
                throw new IllegalArgumentException("not a header line: " + line);
            }
            return new Field(line.substring(0, colon), line.substring(colon + 1).trim());
        }

        boolean is(String name) {
            return this.name.equalsIgnoreCase(name);
        }

        @Override
        public String toString() {
            return name + ": " + value;
        }
    }

    private static final int LONGEST = 256 * 1024;

    /** The first value of a header, null without one. Names are compared without regard to case, as everywhere here. */
    public @Nullable String header(String name) {
        return fields.stream()
                .filter(field -> field.is(name))
                .map(Field::value)
                .findFirst()
                .orElse(null);
    }

    /** Every value of a header, in order. */
    public List<String> headers(String name) {
        return fields.stream().filter(field -> field.is(name)).map(Field::value).toList();
    }

    public boolean has(String name) {
        return header(name) != null;
    }

    /** The names of all headers in lower case, in order, duplicates included. */
    public List<String> names() {
        return fields.stream()
                .map(field -> field.name().toLowerCase(Locale.ROOT))
                .toList();
    }

    /** The second word of the start line: a request's target, a response's status. */
    public String secondWord() {
        String[] words = startLine.split(" ", 3);
        return words.length > 1 ? words[1] : "";
    }

    /**
     * Reads a head.
     *
     * @return null when the stream ends before its first byte
     * @throws EOFException when it ends inside of the head
     */
    static @Nullable HttpHead read(Intake in) throws IOException {
        ByteArrayOutputStream raw = new ByteArrayOutputStream();
        int tail = 0;
        while (tail != 0x0D0A0D0A) {
            int next = in.read();
            if (next < 0) {
                if (raw.size() == 0) {
                    return null;
                }
                throw new EOFException("inside of an HTTP head: " + raw.toString(ISO_8859_1));
            }
            raw.write(next);
            tail = tail << 8 | next;
            if (raw.size() > LONGEST) {
                throw new IOException("an HTTP head of more than " + LONGEST + " bytes");
            }
        }
        return parse(raw.toByteArray());
    }

    private static HttpHead parse(byte[] raw) throws IOException {
        String[] lines = new String(raw, ISO_8859_1).split("\r\n", -1);
        List<Field> fields = new ArrayList<>();
        try {
            for (int i = 1; i < lines.length - 2; i++) {
                fields.add(Field.parse(lines[i]));
            }
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
        return new HttpHead(raw, lines[0], List.copyOf(fields));
    }

    @Override
    public String toString() {
        return new String(raw, ISO_8859_1).trim();
    }
}
