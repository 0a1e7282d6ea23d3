package io.tidegate.bench.load;

import java.util.Locale;
import java.util.Map;
import org.HdrHistogram.AbstractHistogram;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A run as one JSON object, for programs. Times are in microseconds where their name ends in {@code Micros}, in seconds
 * where it ends in {@code Seconds}.
 */
final class JsonReport {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private JsonReport() {}

    /** The report as a line of JSON. */
    static String of(LoadReport report) {
        Traffic traffic = report.config().traffic();
        boolean openLoop = traffic.mode() == Traffic.Mode.OPEN_LOOP;
        ObjectNode json = MAPPER.createObjectNode();
        json.put("url", report.config().target().uri().toString());
        json.put("mode", traffic.mode().name().toLowerCase(Locale.ROOT).replace('_', '-'));
        json.put("interrupted", report.interrupted());
        json.put("ok", report.flawless());
        connections(json.putObject("connections"), report);
        if (traffic.mode() == Traffic.Mode.IDLE) {
            return json.toString();
        }
        if (openLoop) {
            json.put("rate", traffic.rate());
        } else {
            json.put("inFlight", traffic.inFlight());
        }
        json.put("size", traffic.size());
        json.put("jsonRpc", traffic.jsonRpc());
        messages(json.putObject("messages"), report.messages());
        json.put("measured", report.latency().getTotalCount());
        json.put("measuredSeconds", report.measured().toNanos() / 1e9);
        json.put("measuredPerSecond", report.perSecond());
        json.put("coordinatedOmission", !openLoop);
        times(json.putObject("latencyMicros"), report.latency());
        if (openLoop) {
            times(json.putObject("sendDelayMicros"), report.sendDelay());
        }
        ObjectNode generator = json.putObject("generator");
        generator.put("transport", report.generator().transport());
        generator.put("eventLoops", report.generator().loops());
        generator.put("cpuSeconds", report.generator().cpu().toNanos() / 1e9);
        return json.toString();
    }

    private static void connections(ObjectNode json, LoadReport report) {
        LoadReport.Connections connections = report.connections();
        json.put("requested", report.config().opening().connections());
        json.put("connected", connections.connected());
        json.put("open", connections.open());
        counters(json.putObject("failed"), connections.failed());
        counters(json.putObject("closed"), connections.closed());
        json.put("connectSeconds", connections.took().toNanos() / 1e9);
        times(json.putObject("handshakeMicros"), connections.handshake());
    }

    private static void messages(ObjectNode json, Messages messages) {
        json.put("sent", messages.sent());
        json.put("received", messages.received());
        json.put("lost", messages.lost());
        json.put("duplicated", messages.duplicated());
        json.put("reordered", messages.reordered());
        json.put("corrupted", messages.corrupted());
        json.put("errorReplies", messages.errorReplies());
        json.put("behind", messages.behind());
        json.put("unsent", messages.unsent());
    }

    private static void times(ObjectNode json, AbstractHistogram nanos) {
        json.put("count", nanos.getTotalCount());
        json.put("p50", nanos.getValueAtPercentile(50) / 1e3);
        json.put("p90", nanos.getValueAtPercentile(90) / 1e3);
        json.put("p99", nanos.getValueAtPercentile(99) / 1e3);
        json.put("p99.9", nanos.getValueAtPercentile(99.9) / 1e3);
        json.put("max", nanos.getMaxValue() / 1e3);
        json.put("mean", nanos.getMean() / 1e3);
    }

    private static void counters(ObjectNode json, Map<String, Long> counters) {
        counters.forEach(json::put);
    }
}
