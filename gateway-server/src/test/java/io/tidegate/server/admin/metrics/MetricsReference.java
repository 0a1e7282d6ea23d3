package io.tidegate.server.admin.metrics;

import io.prometheus.metrics.instrumentation.jvm.JvmMetrics;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.tidegate.queue.Departure;
import io.tidegate.server.failure.Failure;
import io.tidegate.server.session.SessionState;
import io.tidegate.server.traffic.Direction;
import io.tidegate.server.traffic.Initiator;
import io.tidegate.server.upstream.RetryResult;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Writes {@code docs/metrics.md} from the definitions of the metrics. */
final class MetricsReference {

    private static final String HEAD = """
            # Metrics

            <!-- Generated from the definitions of the metrics; a test fails when it is stale, and says how to write it anew. -->

            `GET /metrics` on the [admin port](admin.md) has them as Prometheus text, or as OpenMetrics if `Accept` asks for that,
            compressed if `Accept-Encoding` allows it. Counters and histograms are of all time since the process began. They are
            brought up to date before each answer, and are the same for all who ask. [Alert rules and a Grafana
            dashboard](deploy/README.md) that use them are part of this documentation.

            Without `admin` in the configuration nobody can ask, and no times are taken and no sizes recorded.

            ## The gateway

            """;

    private static final String AFTER_TABLE = """

            `tidegate_connections_total` is of unknown type in OpenMetrics, where it can't be a counter beside the gauge
            `tidegate_connections` ([ADR 5](adr/0005-connections-gauge-and-counter.md)).

            ## Labels

            """;

    private static final String HISTOGRAMS = """

            There are no labels of sessions or of paths that clients ask for: their number is bounded by the configuration, by what
            DNS has, and, for `code`, by 50 for each route and initiator. Series of an endpoint go when DNS has it no more and its
            last connection is over; those of a close code that nobody has used for an hour go, too.

            ## Histograms

            They are recorded by HdrHistogram: a value is known to within 0.8 %%. Times are taken from 1 µs (`tidegate_reconnect_seconds`:
            100 µs) up; shorter ones count as that. Nothing is averaged away between two scrapes. The percentiles since the start
            are in [`/api/stats`](admin.md#apistats), those of each 5 s in [`/api/events`](admin.md#apievents), and the values
            themselves, for HdrHistogram's own tools, in [`/api/histograms`](admin.md#apihistograms).

            | of | upper bounds of the buckets |
            |---|---|
            | relay and ping times | %s |
            | other times | %s |
            | sizes | %s |

            Memory of a series: 11 to 18 KB for each event loop that recorded anything, and twice as much again for what readers see,
            however many values there are; nothing where nothing was recorded.

            ## The JVM and the process

            Those of the [Prometheus Java client](https://prometheus.github.io/client_java/instrumentation/jvm/). The most useful ones:

            | metric | type | |
            |---|---|---|
            """;

    /** Of those that there are, whatever the collector and the release of the JVM. */
    private static final Set<String> PROCESS = Set.of(
            "jvm_buffer_pool_used_bytes",
            "jvm_classes_currently_loaded",
            "jvm_gc_collection_seconds",
            "jvm_memory_max_bytes",
            "jvm_memory_used_bytes",
            "jvm_threads_current",
            "jvm_threads_deadlocked",
            "jvm_threads_state",
            "process_cpu_seconds",
            "process_max_fds",
            "process_open_fds",
            "process_resident_memory_bytes",
            "process_start_time_seconds");

    private MetricsReference() {}

    static String write() {
        StringBuilder page = new StringBuilder(HEAD);
        page.append("| metric | type | labels | |\n|---|---|---|---|\n");
        for (Metric metric : Metric.values()) {
            page.append("| `%s` | %s | %s | %s |\n"
                    .formatted(metric.key(), metric.type().label(), names(metric.labels()), metric.help()));
        }
        page.append(AFTER_TABLE).append("| label | values |\n|---|---|\n");
        label(page, "route", "the path of a route, behind its host if it has one; `none` for what came to no route");
        label(page, "upstream", "its name in the configuration");
        label(page, "endpoint", "its URL; behind it, for a host name, the address in parentheses");
        label(page, "direction", values(Direction.values(), Direction::label));
        label(page, "result", results());
        label(page, "initiator", values(Initiator.values(), Initiator::label));
        label(page, "code", "a close code; `other` for those beyond the first 50");
        label(page, "leg", "`client`, `upstream`");
        label(page, "what", "`accepted`, `delivered`, `expired`, `duplicate`, `dropped`");
        label(page, "reason", names(reasons()));
        label(
                page,
                "to",
                "of sessions: " + values(SessionState.values(), SessionState::label)
                        + "; of breakers: `closed`, `half_open`, `open`");
        label(page, "version", "that of the gateway");
        label(page, "transport", "`io_uring`, `epoll`, `nio`");
        page.append(HISTOGRAMS.formatted(
                bounds(Metric.Type.SHORT_TIMES, "s"), bounds(Metric.Type.TIMES, "s"), bounds(Metric.Type.SIZES, "")));
        PrometheusRegistry registry = new PrometheusRegistry();
        JvmMetrics.builder().register(registry);
        for (MetricSnapshot metric : registry.scrape()) {
            if (PROCESS.contains(metric.getMetadata().getName())) {
                process(page, metric);
            }
        }
        return page.toString();
    }

    private static void process(StringBuilder page, MetricSnapshot metric) {
        String total = metric instanceof CounterSnapshot ? "_total" : "";
        String type = metric.getClass().getSimpleName().replace("Snapshot", "").toLowerCase(Locale.ROOT);
        page.append("| `%s%s` | %s | %s |\n"
                .formatted(
                        metric.getMetadata().getName(),
                        total,
                        type,
                        metric.getMetadata().getHelp()));
    }

    private static String results() {
        Set<String> handshakes = new TreeSet<>(Set.of("opened", "abandoned"));
        Arrays.stream(Failure.values()).map(Failure::result).forEach(handshakes::add);
        return "of handshakes: " + names(List.copyOf(handshakes)) + "; of retries: "
                + values(RetryResult.values(), RetryResult::label)
                + "; of reconnects: `reconnected`, `refused`, `gave-up`, `abandoned`; of dedup: `first`, `duplicate`,"
                + " `unkeyed`, `full`, `released`";
    }

    private static List<String> reasons() {
        return Stream.concat(Departure.DROPS.stream(), Stream.of(Departure.EXPIRED))
                .map(Departure::label)
                .sorted()
                .toList();
    }

    private static void label(StringBuilder page, String name, String values) {
        page.append("| `%s` | %s |\n".formatted(name, values));
    }

    private static <T> String values(T[] all, Function<T, String> label) {
        return names(Arrays.stream(all).map(label).toList());
    }

    private static String names(List<String> names) {
        return names.stream().map(name -> '`' + name + '`').collect(Collectors.joining(", "));
    }

    private static String bounds(Metric.Type type, String unit) {
        return Arrays.stream(type.bounds())
                .mapToObj(bound -> number(bound) + (unit.isEmpty() ? "" : ' ' + unit))
                .collect(Collectors.joining(", "));
    }

    private static String number(double bound) {
        return bound == Math.rint(bound) ? Long.toString(Math.round(bound)) : Double.toString(bound);
    }
}
