package io.tidegate.bench.targets;

import io.tidegate.bench.table.TextTable;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The table, for people or as one JSON object for programs. */
record TargetsReport(List<Figure> figures, boolean quick) {

    /** Whether no budget was missed, as far as budgets could be measured. */
    boolean ok() {
        return figures.stream().allMatch(figure -> figure.verdict().isFine());
    }

    /** A row for each figure, and a last line that sums up. */
    String text() {
        TextTable table = new TextTable("figure", "budget", "measured", "allocated", "verdict");
        for (Figure figure : figures) {
            table.add(
                    figure.name(),
                    figure.budget(),
                    figure.measured(),
                    allocated(figure.allocated()),
                    figure.verdict().words());
        }
        return String.join(System.lineSeparator(), table.lines()) + System.lineSeparator() + summary();
    }

    /** The same for programs: numbers are plain, those that there are not are absent. */
    String json() {
        ObjectNode json = JsonMapper.builder().build().createObjectNode();
        json.put("ok", ok());
        json.put("quick", quick);
        ArrayNode rows = json.putArray("figures");
        for (Figure figure : figures) {
            ObjectNode row = rows.addObject();
            row.put("figure", figure.name());
            row.put("budget", figure.budget());
            row.put("measured", figure.measured());
            if (!Double.isNaN(figure.value())) {
                row.put("value", figure.value());
                row.put("unit", figure.unit());
            }
            if (!Double.isNaN(figure.allocated())) {
                row.put("allocatedBytes", figure.allocated());
            }
            row.put("verdict", figure.verdict().name().toLowerCase(Locale.ROOT).replace('_', '-'));
        }
        return json.toString();
    }

    private String summary() {
        long held = count(Verdict.HELD);
        long missed = count(Verdict.MISSED);
        long unclear = count(Verdict.UNCLEAR);
        String summary = "%d of %d budgets held".formatted(held, held + missed + unclear);
        if (missed > 0) {
            summary += ", %d missed".formatted(missed);
        }
        if (unclear > 0) {
            summary += ", %d unclear: the machine is too busy to tell".formatted(unclear);
        }
        return quick ? summary + " (quick: take it as a hint)" : summary;
    }

    private long count(Verdict verdict) {
        return figures.stream().filter(figure -> figure.verdict() == verdict).count();
    }

    private static String allocated(double bytes) {
        if (Double.isNaN(bytes)) {
            return "";
        }
        return bytes < 0.1 ? "0 B/op" : String.format(Locale.ROOT, bytes < 10 ? "%.1f B/op" : "%,.0f B/op", bytes);
    }
}
