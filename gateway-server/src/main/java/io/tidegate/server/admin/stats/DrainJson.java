package io.tidegate.server.admin.stats;

import io.tidegate.queue.Accounting;
import io.tidegate.server.drain.Drain;
import io.tidegate.server.drain.DrainSummary;
import java.util.Arrays;
import java.util.function.Consumer;
import tools.jackson.core.JsonGenerator;

/** How a drain goes, and what came of it: one JSON object a line. */
public final class DrainJson {

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
        byte[] object = Stats.object(properties);
        byte[] line = Arrays.copyOf(object, object.length + 1);
        line[object.length] = '\n';
        return line;
    }
}
