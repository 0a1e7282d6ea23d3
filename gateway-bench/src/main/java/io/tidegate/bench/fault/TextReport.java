package io.tidegate.bench.fault;

import io.tidegate.bench.fault.judge.Findings;
import io.tidegate.bench.table.TextTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.HdrHistogram.Histogram;

/** A report in words, for people. */
final class TextReport {

    private TextReport() {}

    /** The lines. */
    static List<String> lines(FaultReport report) {
        FaultConfig config = report.config();
        List<String> lines = new ArrayList<>();
        lines.add(format(
                "%s, %s, %,d clients, %s × %,d, faults %,d, seed %d",
                config.scenario(),
                config.route().reconnect() ? "continuity: reconnect" : "continuity: close",
                config.traffic().clients(),
                config.traffic().form().name().toLowerCase(Locale.ROOT).replace('_', '-'),
                config.traffic().messages(),
                config.faults(),
                config.seed()));
        lines.add("promised: " + config.route().promise().words());
        TextTable table = new TextTable("what", "count");
        Findings.AtClient client = report.findings().client();
        Findings.AtUpstream upstream = report.findings().upstream();
        if (config.traffic().form().answered()) {
            row(table, "answered", client.answered());
            row(table, "lost (no reply)", client.lost());
            row(table, "lost with a closed connection", client.forfeited());
            row(table, "duplicated to the client", client.duplicated());
            row(table, "replies out of order", client.reordered());
            row(table, "wrong replies", client.wrong());
            row(table, "errors in place of replies", client.errors());
        }
        row(table, "read by an upstream", upstream.read());
        row(table, "not read by any upstream", upstream.missing());
        row(table, "run twice by an upstream", upstream.twice());
        row(table, "first deliveries out of order", upstream.reordered());
        row(table, "wrong at the upstream", upstream.wrong());
        table.add("client legs closed", counted(client.closes()));
        table.add("client handshakes refused", counted(client.refusals()));
        report.figures().forEach((name, value) -> row(table, name, value));
        lines.add(format("%,d messages sent", client.sent()));
        table.lines().forEach(line -> lines.add("  " + line));
        lines.addAll(recovery(report));
        if (report.books().isEmpty()) {
            lines.add("accounting: not available");
        }
        report.books()
                .forEach((name, book) -> lines.add(format(
                        "accounting of %s: accepted %,d = %s%s",
                        name,
                        book.accepted(),
                        counted(book.kept()),
                        book.unaccounted() == 0 ? "" : ", unaccounted for " + book.unaccounted())));
        if (report.broken().isEmpty()) {
            lines.add("held");
        }
        report.broken().forEach(broken -> lines.add("BROKEN: " + broken));
        return lines;
    }

    private static List<String> recovery(FaultReport report) {
        if (report.recovery().downtimes().getTotalCount() == 0) {
            return List.of();
        }
        TextTable table = new TextTable("milliseconds", "count", "p50", "p90", "p99", "max");
        row(table, "downtime of the upstream", report.recovery().downtimes());
        if (report.config().traffic().form().answered()) {
            row(table, "pause of a client", report.recovery().pauses());
        }
        List<String> lines =
                new ArrayList<>(table.lines().stream().map(line -> "  " + line).toList());
        if (report.config().traffic().form().answered()) {
            lines.add("  pauses longer than twice the outage + 100 ms: "
                    + report.recovery().slow());
        }
        return lines;
    }

    private static void row(TextTable table, String name, Histogram nanos) {
        table.add(
                name,
                format("%,d", nanos.getTotalCount()),
                millis(nanos.getValueAtPercentile(50)),
                millis(nanos.getValueAtPercentile(90)),
                millis(nanos.getValueAtPercentile(99)),
                millis(nanos.getMaxValue()));
    }

    private static void row(TextTable table, String name, long value) {
        table.add(name, format("%,d", value));
    }

    private static String millis(long nanos) {
        return format("%,.1f", nanos / 1e6);
    }

    private static String format(String form, Object... values) {
        return String.format(Locale.ROOT, form, values);
    }

    private static String counted(Map<String, Long> counters) {
        return counters.isEmpty()
                ? "none"
                : counters.entrySet().stream()
                        .map(counter -> counter.getKey() + " × " + counter.getValue())
                        .collect(Collectors.joining(", "));
    }
}
