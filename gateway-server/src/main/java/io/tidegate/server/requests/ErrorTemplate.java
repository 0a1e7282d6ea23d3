package io.tidegate.server.requests;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.tidegate.json.JsonPointer;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What an error reply looks like, as text in which the id and the reason are to be filled in. */
final class ErrorTemplate {

    private static final Pattern PLACE = Pattern.compile("\\{(id|reason)}");

    private enum Place {
        NONE,
        ID,
        REASON
    }

    /** Some text, and what stands behind it. */
    private record Part(String text, Place behind) {}

    private final List<Part> parts;

    private ErrorTemplate(List<Part> parts) {
        this.parts = parts;
    }

    /** Reads a template: <code>{id}</code> becomes the id as the client wrote it, <code>{reason}</code> plain text. */
    static ErrorTemplate parse(String template) {
        List<Part> parts = new ArrayList<>();
        Matcher places = PLACE.matcher(template);
        int from = 0;
        while (places.find()) {
            Place place = places.group(1).equals("id") ? Place.ID : Place.REASON;
            parts.add(new Part(template.substring(from, places.start()), place));
            from = places.end();
        }
        parts.add(new Part(template.substring(from), Place.NONE));
        return new ErrorTemplate(List.copyOf(parts));
    }

    /** An object that has the id where the pointer, which has one token, points to, and a member {@code error}. */
    static ErrorTemplate withIdAt(JsonPointer id) {
        String name = id.toString().substring(1).replace("~1", "/").replace("~0", "~");
        return parse("{\"" + escaped(name) + "\":{id},\"error\":{\"message\":\"{reason}\"}}");
    }

    /** A name as it stands in a JSON string. */
    private static String escaped(String name) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c < ' ' || c == '"' || c == '\\' || c == '{') {
                // A brace could be taken for the beginning of a place.
                text.append(String.format("\\u%04x", (int) c));
            } else {
                text.append(c);
            }
        }
        return text.toString();
    }

    /**
     * Writes the error reply to some requests.
     *
     * @param ids as the client wrote them
     * @param batch whether they came in an array, and are answered in one
     */
    byte[] write(Iterable<byte[]> ids, boolean batch, FailReason reason) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int before = batch ? '[' : -1;
        for (byte[] id : ids) {
            if (before >= 0) {
                out.write(before);
            }
            write(id, reason, out);
            before = ',';
        }
        if (batch) {
            out.write(']');
        }
        return out.toByteArray();
    }

    private void write(byte[] id, FailReason reason, ByteArrayOutputStream out) {
        for (Part part : parts) {
            out.writeBytes(part.text().getBytes(UTF_8));
            if (part.behind() != Place.NONE) {
                out.writeBytes(part.behind() == Place.ID ? id : reason.text().getBytes(UTF_8));
            }
        }
    }
}
