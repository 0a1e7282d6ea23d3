package io.tidegate.server;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a PromQL expression asks of a gateway's metrics: their names, and the labels it selects, groups or shows them by.
 *
 * <p>It knows as much of PromQL as the expressions in {@code docs/deploy} need, of which {@code promtool} says whether they are
 * PromQL: an aggregation is written {@code sum by (label) (…)}. It also takes Grafana's {@code label_values(metric{…}, label)}.
 *
 * @param text the expression
 * @param shown the text with {@code {{label}}} or {@code $labels.label} that its results are shown by
 */
record PromQuery(String text, String shown) {

    private static final Pattern STRING = Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"");
    private static final Pattern METRIC = Pattern.compile("\\b((?:tidegate|jvm|process)_\\w+)\\s*(?:\\{([^}]*)})?");
    private static final Pattern MATCHER = Pattern.compile("(\\w+)\\s*(=~|!~|!=|=)\\s*\"(\\d+)\"");
    private static final Pattern GROUPING = Pattern.compile("\\bby\\s*\\(([^)]*)\\)\\s*\\(");
    private static final Pattern LABEL_VALUES = Pattern.compile("label_values\\((.*),\\s*(\\w+)\\)");
    private static final Pattern SHOWN = Pattern.compile("\\{\\{\\s*(\\w+)\\s*}}|\\$labels\\.(\\w+)");

    /** Labels that Prometheus adds to each series. */
    private static final Set<String> OF_THE_TARGET = Set.of("job", "instance");

    /**
     * A label that a metric has to have.
     *
     * @param values those that are looked for, none of them a variable; empty if any will do
     */
    record Label(String metric, String name, List<String> values) {}

    /** The names of all metrics, as they are scraped. */
    Set<String> metrics() {
        Set<String> names = new LinkedHashSet<>();
        metrics(withoutStrings()).forEach(metric -> names.add(metric.group(1)));
        return names;
    }

    /** All labels that are used, but for those that Prometheus adds. */
    List<Label> labels() {
        List<Label> labels = new ArrayList<>();
        labels.addAll(selected());
        labels.addAll(grouped());
        labels.addAll(displayed());
        labels.removeIf(label -> OF_THE_TARGET.contains(label.name()));
        return labels;
    }

    private List<Label> selected() {
        List<String> strings =
                STRING.matcher(text).results().map(each -> each.group(1)).toList();
        List<Label> labels = new ArrayList<>();
        metrics(withoutStrings())
                .filter(metric -> metric.group(2) != null)
                .forEach(metric -> MATCHER.matcher(metric.group(2)).results().forEach(each -> {
                    String value = strings.get(Integer.parseInt(each.group(3)));
                    List<String> values = value.contains("$") ? List.of() : List.of(value.split("\\|"));
                    labels.add(new Label(metric.group(1), each.group(1), values));
                }));
        return labels;
    }

    private List<Label> grouped() {
        String plain = withoutStrings();
        List<Label> labels = new ArrayList<>();
        GROUPING.matcher(plain)
                .results()
                .forEach(by -> metrics(operand(plain, by.end()))
                        .forEach(metric -> names(by.group(1))
                                .forEach(name -> labels.add(new Label(metric.group(1), name, List.of())))));
        Matcher listed = LABEL_VALUES.matcher(plain);
        if (listed.matches()) {
            metrics(listed.group(1))
                    .forEach(metric -> labels.add(new Label(metric.group(1), listed.group(2), List.of())));
        }
        return labels;
    }

    /** Labels that were shown, and would be empty as no aggregation keeps them or no metric has them. */
    private List<Label> displayed() {
        Matcher by = GROUPING.matcher(withoutStrings());
        Set<String> kept = new LinkedHashSet<>();
        boolean grouped = by.find();
        if (grouped) {
            kept.addAll(names(by.group(1)));
        }
        List<Label> labels = new ArrayList<>();
        SHOWN.matcher(shown).results().forEach(each -> {
            String name = each.group(1) == null ? each.group(2) : each.group(1);
            if (!grouped) {
                metrics().forEach(metric -> labels.add(new Label(metric, name, List.of())));
            } else if (!kept.contains(name)) {
                labels.add(new Label("the result of " + text, name, List.of()));
            }
        });
        return labels;
    }

    /** Each string is its number, so that nothing in it looks like something else. */
    private String withoutStrings() {
        int[] next = {0};
        return STRING.matcher(text).replaceAll(each -> "\"" + next[0]++ + "\"");
    }

    private static Stream<MatchResult> metrics(String plain) {
        return METRIC.matcher(plain).results();
    }

    private static List<String> names(String list) {
        return Stream.of(list.split(","))
                .map(String::strip)
                .filter(name -> !name.isEmpty())
                .toList();
    }

    /** What stands between the parenthesis before {@code begin} and the one that closes it. */
    private static String operand(String plain, int begin) {
        int depth = 1;
        int end = begin;
        while (depth > 0 && end < plain.length()) {
            char c = plain.charAt(end++);
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
        }
        return plain.substring(begin, end);
    }
}
