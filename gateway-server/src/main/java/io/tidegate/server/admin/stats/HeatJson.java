package io.tidegate.server.admin.stats;

import io.tidegate.metrics.HistogramSnapshot;
import io.tidegate.server.traffic.Direction;
import io.tidegate.server.traffic.Timing;
import java.util.concurrent.TimeUnit;
import tools.jackson.core.JsonGenerator;

/** How many things took how long, in classes that a heat map can show, as a property of a JSON object. */
final class HeatJson {

    private static final double NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    /** Upper bounds: doubled from 10 µs to 21 s, about a class for each line of a picture. */
    private static final double[] BOUNDS_MILLIS = new double[22];

    static {
        for (int i = 0; i < BOUNDS_MILLIS.length; i++) {
            BOUNDS_MILLIS[i] = 0.01 * (1L << i);
        }
    }

    private HeatJson() {}

    static void heat(JsonGenerator to, Latencies took) {
        to.writeObjectPropertyStart("heat");
        to.writeName("boundsMillis");
        to.writeArray(BOUNDS_MILLIS, 0, BOUNDS_MILLIS.length);
        counts(to, "relay", took.relay(Direction.TO_UPSTREAM).plus(took.relay(Direction.TO_CLIENT)));
        counts(to, "request", took.of(Timing.REQUEST));
        to.writeEndObject();
    }

    /** One more count than there are bounds: the last is above all of them. */
    private static void counts(JsonGenerator to, String name, HistogramSnapshot took) {
        to.writeArrayPropertyStart(name);
        long below = 0;
        for (double bound : BOUNDS_MILLIS) {
            long upTo = took.countUpTo(Math.round(bound * NANOS));
            to.writeNumber(upTo - below);
            below = upTo;
        }
        to.writeNumber(took.count() - below);
        to.writeEndArray();
    }
}
