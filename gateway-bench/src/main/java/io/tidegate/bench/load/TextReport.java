package io.tidegate.bench.load;

import io.tidegate.bench.load.Traffic.Mode;
import java.io.PrintWriter;
import java.util.Locale;
import org.HdrHistogram.AbstractHistogram;

/** A run in words, for people. */
final class TextReport {

    private static final double[] PERCENTILES = {50, 90, 99, 99.9};

    private final PrintWriter out;

    /**
     * Makes a report.
     *
     * @param out where to; not closed
     */
    TextReport(PrintWriter out) {
        this.out = out;
    }

    /** One line for a second of a run. */
    static String line(Sample sample, Mode mode) {
        Messages messages = sample.messages();
        String head = String.format(Locale.ROOT, "%6.1f s", sample.elapsed().toMillis() / 1e3);
        if (sample.phase() == Sample.Phase.CONNECT) {
            return "  connecting: %s of %s".formatted(Figures.count(sample.connected()), Figures.count(sample.total()));
        }
        String phase = sample.phase() == Sample.Phase.WARM_UP ? " (warm-up)" : "";
        AbstractHistogram latency = sample.latency();
        String figures = latency.getTotalCount() == 0
                ? ""
                : "  p50 %s  p99 %s  max %s"
                        .formatted(
                                Figures.time((double) latency.getValueAtPercentile(50)),
                                Figures.time((double) latency.getValueAtPercentile(99)),
                                Figures.time((double) latency.getMaxValue()));
        String line = "%s%s  open %s".formatted(head, phase, Figures.count(sample.open()));
        if (mode == Mode.IDLE) {
            return line;
        }
        line += "  sent %s  received %s%s"
                .formatted(Figures.count(messages.sent()), Figures.count(messages.received()), figures);
        return mode == Mode.OPEN_LOOP ? line + "  behind " + Figures.count(messages.behind()) : line;
    }

    /** Prints the summary. */
    void print(LoadReport report) {
        Traffic traffic = report.config().traffic();
        if (report.interrupted()) {
            out.println("interrupted: this is what was measured so far");
        }
        out.println(title(report));
        connections(report.connections(), report.config().opening().connections());
        if (traffic.mode() != Mode.IDLE) {
            messages(report.messages());
            throughput(report);
            latency(report);
        }
        out.flush();
    }

    private static String title(LoadReport report) {
        Traffic traffic = report.config().traffic();
        String what = switch (traffic.mode()) {
            case OPEN_LOOP -> "constant rate (open loop), " + Figures.rate(traffic.rate()) + " messages/s";
            case CLOSED_LOOP -> "throughput (closed loop), " + traffic.inFlight() + " in flight per connection";
            case IDLE -> "idle";
        };
        String size = traffic.mode() == Mode.IDLE
                ? ""
                : ", %,d bytes%s".formatted(traffic.size(), traffic.jsonRpc() ? " of JSON-RPC" : "");
        return "%s: %s%s".formatted(report.config().target().uri(), what, size);
    }

    private void connections(LoadReport.Connections connections, int total) {
        row(
                "connections",
                "%s of %s connected in %s, %s open at the end"
                        .formatted(
                                Figures.count(connections.connected()),
                                Figures.count(total),
                                Figures.time((double) connections.took().toNanos()),
                                Figures.count(connections.open())));
        row("handshake", percentiles(connections.handshake()));
        row("failed", Counted.words(connections.failed()));
        row("closed", Counted.words(connections.closed()));
    }

    private void messages(Messages messages) {
        row(
                "messages",
                "sent %s  received %s  lost %s  duplicated %s  reordered %s  corrupted %s  error replies %s"
                        .formatted(
                                Figures.count(messages.sent()),
                                Figures.count(messages.received()),
                                Figures.count(messages.lost()),
                                Figures.count(messages.duplicated()),
                                Figures.count(messages.reordered()),
                                Figures.count(messages.corrupted()),
                                Figures.count(messages.errorReplies())));
    }

    private void throughput(LoadReport report) {
        long echoes = report.latency().getTotalCount();
        LoadReport.Generator generator = report.generator();
        row(
                "measured",
                "%s echoes in %s: %s/s"
                        .formatted(
                                Figures.count(echoes),
                                Figures.time((double) report.measured().toNanos()),
                                Figures.rate(report.perSecond())));
        row(
                "generator",
                "%s CPU per measured echo, %d event loop%s on %s"
                        .formatted(
                                Figures.time(
                                        echoes == 0
                                                ? 0
                                                : (double) generator.cpu().toNanos() / echoes),
                                generator.loops(),
                                generator.loops() == 1 ? "" : "s",
                                generator.transport()));
        if (report.config().traffic().mode() == Mode.OPEN_LOOP) {
            row(
                    "schedule",
                    "%s behind by more than 1 ms, %s unsent; due to written: %s"
                            .formatted(
                                    Figures.count(report.messages().behind()),
                                    Figures.count(report.messages().unsent()),
                                    percentiles(report.sendDelay())));
        }
    }

    private void latency(LoadReport report) {
        boolean openLoop = report.config().traffic().mode() == Mode.OPEN_LOOP;
        row(
                "latency",
                openLoop
                        ? "from the moment a message was due to its echo (no coordinated omission)"
                        : "from sent to echoed; suffers from coordinated omission: use --rate to judge latency");
        row("", percentiles(report.latency()));
        for (String row : DistributionPlot.rows(report.latency())) {
            out.println("  " + row);
        }
    }

    private static String percentiles(AbstractHistogram nanos) {
        if (nanos.getTotalCount() == 0) {
            return "nothing recorded";
        }
        StringBuilder words = new StringBuilder();
        for (double percentile : PERCENTILES) {
            String name = percentile == (long) percentile ? String.valueOf((long) percentile) : "" + percentile;
            words.append('p').append(name).append(' ');
            words.append(Figures.time((double) nanos.getValueAtPercentile(percentile)))
                    .append("  ");
        }
        return words.append("max ").append(Figures.time((double) nanos.getMaxValue())) + "  mean "
                + Figures.time(nanos.getMean());
    }

    private void row(String name, String words) {
        out.println("  %-12s %s".formatted(name, words));
    }
}
