package io.tidegate.bench.fault;

import io.tidegate.bench.fault.judge.Findings;
import java.util.Map;
import org.HdrHistogram.Histogram;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** A report as one JSON object, for programs. */
final class JsonReport {

    private static final JsonMapper MAPPER = JsonMapper.builder().build();

    private JsonReport() {}

    /** The report as a line of JSON. */
    static String of(FaultReport report) {
        FaultConfig config = report.config();
        ObjectNode json = MAPPER.createObjectNode();
        json.put("scenario", config.scenario().toString());
        json.put("continuity", config.route().reconnect() ? "reconnect" : "close");
        json.put("promise", config.route().promise().words());
        json.put("ok", report.broken().isEmpty());
        ArrayNode broken = json.putArray("broken");
        report.broken().forEach(broken::add);
        json.put("seed", config.seed());
        json.put("clients", config.traffic().clients());
        json.put("faults", config.faults());
        messages(json, report.findings());
        ObjectNode recovery = json.putObject("recovery");
        millis(recovery.putObject("downtimeMillis"), report.recovery().downtimes());
        millis(recovery.putObject("pauseMillis"), report.recovery().pauses());
        recovery.put("slow", report.recovery().slow());
        counters(json.putObject("figures"), report.figures());
        if (report.books().isEmpty()) {
            json.put("accounting", "not available");
        } else {
            ObjectNode accounting = json.putObject("accounting");
            report.books().forEach((name, book) -> {
                ObjectNode of = accounting.putObject(name);
                of.put("accepted", book.accepted());
                counters(of, book.kept());
                of.put("unaccounted", book.unaccounted());
            });
        }
        return json.toString();
    }

    /** What to print in place of a report when the scenario can't be run here. */
    static String skipped(Scenario scenario, String why) {
        return MAPPER.createObjectNode()
                .put("scenario", scenario.toString())
                .put("skipped", why)
                .toString();
    }

    private static void messages(ObjectNode json, Findings findings) {
        ObjectNode client = json.putObject("client");
        client.put("sent", findings.client().sent());
        client.put("answered", findings.client().answered());
        client.put("lost", findings.client().lost());
        client.put("lostWithConnection", findings.client().forfeited());
        client.put("duplicated", findings.client().duplicated());
        client.put("reordered", findings.client().reordered());
        client.put("wrong", findings.client().wrong());
        client.put("errors", findings.client().errors());
        counters(client.putObject("closes"), findings.client().closes());
        counters(client.putObject("refusals"), findings.client().refusals());
        ObjectNode upstream = json.putObject("upstream");
        upstream.put("read", findings.upstream().read());
        upstream.put("missing", findings.upstream().missing());
        upstream.put("twice", findings.upstream().twice());
        upstream.put("reordered", findings.upstream().reordered());
        upstream.put("wrong", findings.upstream().wrong());
    }

    private static void millis(ObjectNode json, Histogram nanos) {
        json.put("count", nanos.getTotalCount());
        json.put("p50", nanos.getValueAtPercentile(50) / 1e6);
        json.put("p90", nanos.getValueAtPercentile(90) / 1e6);
        json.put("p99", nanos.getValueAtPercentile(99) / 1e6);
        json.put("max", nanos.getMaxValue() / 1e6);
    }

    private static void counters(ObjectNode json, Map<String, Long> counters) {
        counters.forEach(json::put);
    }
}
