package io.tidegate.testkit;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;

/**
 * All metrics of a gateway at one moment, from the Prometheus text of its admin port.
 *
 * <p>Two snapshots are equal when they have the same samples with the same values.
 *
 * @param samples value of each series; a series is written as {@code name{label="value",…}} with its labels in alphabetical order
 */
public record MetricSnapshot(Map<String, Double> samples) {
    private static final HttpClient HTTP =
            HttpClient.newBuilder().connectTimeout(Peer.PATIENCE).build();
    private static final java.util.regex.Pattern SAMPLE =
            java.util.regex.Pattern.compile("([a-zA-Z_:][\\w:]*)(?:\\{(.*)})? +(\\S+)(?: +\\S+)*");
    private static final java.util.regex.Pattern LABEL =
            java.util.regex.Pattern.compile("([a-zA-Z_]\\w*)=\"((?:[^\"\\\\]|\\\\.)*)\",?");

    public MetricSnapshot {
        samples = Map.copyOf(samples);
    }

    /** Scrapes {@code GET /metrics}. */
    public static MetricSnapshot of(InetSocketAddress admin) {
        URI uri = URI.create("http://" + Handshake.hostOf(admin) + "/metrics");
        try {
            var response =
                    HTTP.send(HttpRequest.newBuilder(uri).timeout(Peer.PATIENCE).build(), BodyHandlers.ofString());
            if (response.statusCode() != 200) {
                throw new AssertionError(
                        "expected: 200 of " + uri + "\nbut was: " + response.statusCode() + " " + response.body());
            }
            return parse(response.body());
        } catch (IOException e) {
            throw new AssertionError("no metrics at " + uri, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** Scrapes until {@code wanted} holds. */
    public static MetricSnapshot await(InetSocketAddress admin, Predicate<MetricSnapshot> wanted) {
        return await(admin, Peer.PATIENCE, wanted);
    }

    /** Scrapes until {@code wanted} holds, for {@code patience} at most. */
    public static MetricSnapshot await(InetSocketAddress admin, Duration patience, Predicate<MetricSnapshot> wanted) {
        return Patience.await("other metrics", patience, () -> of(admin), wanted, String::valueOf);
    }

    /** Parses Prometheus text; OpenMetrics too, without its exemplars. */
    public static MetricSnapshot parse(String text) {
        Map<String, Double> samples = new HashMap<>();
        for (String line : text.lines().toList()) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            Matcher sample = SAMPLE.matcher(line.trim());
            if (!sample.matches()) {
                throw new AssertionError("not a sample: " + line);
            }
            String labels = sample.group(2) == null ? "" : sample.group(2);
            String series = series(sample.group(1), labelsOf(labels));
            if (samples.put(series, number(sample.group(3))) != null) {
                throw new AssertionError("two samples of one series: " + line);
            }
        }
        return new MetricSnapshot(samples);
    }

    private static Map<String, String> labelsOf(String text) {
        Map<String, String> labels = new TreeMap<>();
        Matcher label = LABEL.matcher(text);
        int end = 0;
        while (label.find() && label.start() == end) {
            labels.put(label.group(1), label.group(2));
            end = label.end();
        }
        if (end != text.length()) {
            throw new AssertionError("not labels: " + text);
        }
        return labels;
    }

    private static double number(String text) {
        return switch (text) {
            case "+Inf" -> Double.POSITIVE_INFINITY;
            case "-Inf" -> Double.NEGATIVE_INFINITY;
            default -> Double.parseDouble(text);
        };
    }

    private static String series(String name, Map<String, String> labels) {
        StringBuilder series = new StringBuilder(name);
        String separator = "{";
        for (Map.Entry<String, String> label : labels.entrySet()) {
            series.append(separator)
                    .append(label.getKey())
                    .append("=\"")
                    .append(label.getValue())
                    .append('"');
            separator = ",";
        }
        return separator.equals(",") ? series.append('}').toString() : series.toString();
    }

    /**
     * The sum over all series of this name that carry these labels, 0 without one.
     *
     * @param labels names and values in turn: {@code "route", "/chat", "direction", "to_client"}
     */
    public double value(String name, String... labels) {
        return samples.entrySet().stream()
                .filter(sample -> matches(sample.getKey(), name, labels))
                .mapToDouble(Map.Entry::getValue)
                .sum();
    }

    /** Whether there is a series of this name that carries these labels. */
    public boolean has(String name, String... labels) {
        return samples.keySet().stream().anyMatch(series -> matches(series, name, labels));
    }

    private static boolean matches(String series, String name, String... labels) {
        int brace = series.indexOf('{');
        if (!(brace < 0 ? series : series.substring(0, brace)).equals(name)) {
            return false;
        }
        Map<String, String> present = brace < 0 ? Map.of() : labelsOf(series.substring(brace + 1, series.length() - 1));
        for (int i = 0; i < labels.length; i += 2) {
            if (!labels[i + 1].equals(present.get(labels[i]))) {
                return false;
            }
        }
        return true;
    }

    /** What was added since {@code earlier}; series that did not change are left out. */
    public MetricSnapshot minus(MetricSnapshot earlier) {
        Map<String, Double> difference = new HashMap<>();
        samples.forEach((series, value) -> difference.put(series, value - earlier.samples.getOrDefault(series, 0.0)));
        earlier.samples.forEach((series, value) -> difference.putIfAbsent(series, -value));
        difference.values().removeIf(value -> value == 0);
        return new MetricSnapshot(difference);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        new TreeMap<>(samples)
                .forEach((series, value) ->
                        text.append('\n').append(series).append(' ').append(value));
        return text.toString();
    }
}
