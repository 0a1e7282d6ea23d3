package io.tidegate.server.admin.stats;

import io.tidegate.queue.Accounting;
import io.tidegate.server.drain.Drain;
import io.tidegate.server.drain.DrainSummary;
import java.io.ByteArrayOutputStream;
import java.util.function.Consumer;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** How a drain goes, and what came of it: one JSON object a line. */
public final class DrainJson {

    private static final JsonFactory JSON = new JsonFactory();

    private DrainJson() {}

    /** How far it is: {@code {"remaining": 12, "total": 9000}}. */
    public static byte[] progress(Drain drain) {
        return line(to -> {
            to.writeNumberProperty("remaining", drain.remaining());
            to.writeNumberProperty("total", drain.total());
        });
    }

    /** What came of it: {@code {"summary": {…}}}. */
    public static byte[] summary(DrainSummary summary) {
        return line(to -> {
            to.writeObjectPropertyStart("summary");
            to.writeObjectPropertyStart("sessions");
            to.writeNumberProperty("closed", summary.closed());
            to.writeNumberProperty("peerClosed", summary.peerClosed());
            to.writeNumberProperty("forced", summary.forced());
            to.writeEndObject();
            to.writeNumberProperty("durationMillis", summary.duration().toMillis());
            to.writeNumberProperty("tasksStopped", summary.tasks());
            books(to, "messages", summary.during());
            books(to, "accounting", summary.books());
            to.writeBooleanProperty("balanced", summary.books().balanced());
            to.writeStringProperty("text", summary.text());
            to.writeEndObject();
        });
    }

    private static void books(JsonGenerator to, String name, Accounting books) {
        to.writeObjectPropertyStart(name);
        TrafficJson.accounts(to, books);
        to.writeEndObject();
    }

    private static byte[] line(Consumer<JsonGenerator> properties) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JsonGenerator to = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
            to.writeStartObject();
            properties.accept(to);
            to.writeEndObject();
        }
        out.write('\n');
        return out.toByteArray();
    }
}
