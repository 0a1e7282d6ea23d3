package io.tidegate.bench.targets;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** Which figures there are, what each may be at most, and what it came to. */
final class BudgetTable {

    private static final String HASH = "ContentHashBenchmark.xxh3";
    private static final String SHA_256 = "ContentHashBenchmark.sha256";
    private static final String SWEEP = "MetricsBenchmark.sweep";
    private static final String PERMIT = "BreakerBenchmark.permitAndSuccess";
    private static final String PERMIT_FAILURE = "BreakerBenchmark.permitAndFailure";
    private static final String NEW_KEY = "DedupBenchmark.check";
    private static final String NEW_KEY_SHARED = "DedupBenchmark.checkShared";
    private static final String DUPLICATE = "DedupBenchmark.duplicate";

    /** A benchmark without parameters that is told and not judged, and what it measures. */
    private record Stated(String benchmark, String name) {}

    private static final List<Stated> STATED = List.of(
            new Stated("MetricsBenchmark.record", "histogram: record a value"),
            new Stated("MetricsBenchmark.count", "counter: count"),
            new Stated("MetricsBenchmark.flip", "histogram: flip, with values"),
            new Stated("QueueBenchmark.offerTakeConfirm", "queue: offer + take + confirm"),
            new Stated("RetryBenchmark.budget", "retry: budget"),
            new Stated("RetryBenchmark.subscribe", "retry: subscribe to a call that succeeds"));

    /** All benchmarks whose scores are needed. */
    static final List<String> BENCHMARKS = Stream.concat(
                    Stream.of(HASH, SHA_256, SWEEP, PERMIT, PERMIT_FAILURE, NEW_KEY, NEW_KEY_SHARED, DUPLICATE),
                    STATED.stream().map(Stated::benchmark))
            .toList();

    /** How many times faster than SHA-256 the content hash must be. */
    private static final double HASH_FACTOR = 10;

    private static final double PERMIT_NANOS = 100;
    private static final double DEDUP_NANOS = 200;

    /**
     * How much slower a check may be with a thousand times the keys and still be "the same": it takes the same steps, but
     * a million keys no longer fit the processor's caches, so that its reads come from memory.
     */
    private static final double FLAT_FACTOR = 2;

    private static final double SWEEP_NANOS = 1e6;
    private static final double PAUSE_NANOS = 1e6;
    private static final double RECORDED_BYTES = 100 * 1024;

    private BudgetTable() {}

    /** The table. */
    static List<Figure> of(Scores scores, SweepPauses pauses, Footprint footprint) throws MissingBenchmarkException {
        List<Figure> figures = new ArrayList<>();
        figures.add(hash("content hash, 1 KB", scores, "1024"));
        figures.add(hash("content hash, 10 KB", scores, "10240"));
        figures.add(sweep(scores.of(SWEEP, Map.of("series", "" + SweepPauses.SERIES))));
        figures.add(pause(pauses));
        figures.add(Figure.notMeasured(
                "CPU per echo, all metrics on against all off", "<= 1 % more", "no switch to turn metrics off"));
        figures.addAll(memory(footprint));
        figures.add(free("breaker: permit + success", PERMIT_NANOS, scores.of(PERMIT)));
        figures.add(free("breaker: permit + failure", PERMIT_NANOS, scores.of(PERMIT_FAILURE)));
        figures.add(dedup("dedup: new key, by session", scores, NEW_KEY));
        figures.add(dedup("dedup: new key, by route", scores, NEW_KEY_SHARED));
        figures.add(dedup("dedup: duplicate, by session", scores, DUPLICATE));
        for (Stated stated : STATED) {
            Score score = scores.of(stated.benchmark());
            figures.add(Figure.stated(stated.name(), score.nanos(), "ns", nanos(score.nanos()), score.bytes()));
        }
        return figures;
    }

    private static Figure hash(String name, Scores scores, String size) throws MissingBenchmarkException {
        Score hash = scores.of(HASH, Map.of("size", size));
        Score sha256 = scores.of(SHA_256, Map.of("size", size));
        double factor = sha256.nanos() / hash.nanos();
        return new Figure(
                name,
                ">= 10 x faster than SHA-256",
                factor,
                "x",
                words("%.1f x: %s, SHA-256 %s", factor, nanos(hash.nanos()), nanos(sha256.nanos())),
                hash.bytes(),
                Verdict.of(factor >= HASH_FACTOR));
    }

    private static Figure sweep(Score pass) {
        double perThousand = pass.nanos() / (SweepPauses.SERIES / 1e3);
        return new Figure(
                "idle sweep, per 1,000 series of 100,000",
                "<= 1 ms",
                perThousand / 1e6,
                "ms",
                millis(perThousand),
                Double.NaN,
                Verdict.of(perThousand <= SWEEP_NANOS));
    }

    private static Figure pause(SweepPauses pauses) {
        boolean held = pauses.sweepingNanos() <= PAUSE_NANOS;
        boolean tooBusy = !held && pauses.withoutNanos() > PAUSE_NANOS;
        return new Figure(
                "event-loop pause while 100,000 series are swept",
                "<= 1 ms",
                pauses.sweepingNanos() / 1e6,
                "ms",
                words(
                        "%s, worst %s; without a sweep %s",
                        millis(pauses.sweepingNanos()), millis(pauses.worstNanos()), millis(pauses.withoutNanos())),
                Double.NaN,
                tooBusy ? Verdict.UNCLEAR : Verdict.of(held));
    }

    private static List<Figure> memory(Footprint footprint) {
        String loops = footprint.loops() == 1 ? "1 loop" : footprint.loops() + " loops";
        return List.of(
                new Figure(
                        "memory per 10,000 recorded values",
                        "<= 100 KB",
                        footprint.recordedBytes() / 1024,
                        "KB",
                        kilobytes(footprint.recordedBytes()),
                        Double.NaN,
                        Verdict.of(footprint.recordedBytes() <= RECORDED_BYTES)),
                Figure.stated(
                        "memory per histogram series",
                        footprint.histogramBytes() / 1024,
                        "KB",
                        words(
                                "%s on %s, %s while idle",
                                kilobytes(footprint.histogramBytes()),
                                loops,
                                kilobytes(footprint.idleHistogramBytes())),
                        Double.NaN),
                Figure.stated(
                        "memory per counter series",
                        footprint.counterBytes() / 1024,
                        "KB",
                        words("%s on %s", kilobytes(footprint.counterBytes()), loops),
                        Double.NaN));
    }

    /** A check, with few keys and many; it may allocate. */
    private static Figure dedup(String name, Scores scores, String benchmark) throws MissingBenchmarkException {
        Score few = scores.of(benchmark, Map.of("keys", "1000"));
        Score many = scores.of(benchmark, Map.of("keys", "1000000"));
        double slower = Math.max(few.nanos(), many.nanos());
        double factor = many.nanos() / few.nanos();
        return new Figure(
                name,
                words("<= %.0f ns, 1M keys <= %.0f x 1,000", DEDUP_NANOS, FLAT_FACTOR),
                slower,
                "ns",
                words("%s; 1M keys %s: %.1f x", nanos(few.nanos()), nanos(many.nanos()), factor),
                Math.max(few.bytes(), many.bytes()),
                Verdict.of(slower <= DEDUP_NANOS && factor <= FLAT_FACTOR));
    }

    /** An operation that has its time and must not allocate. */
    private static Figure free(String name, double budget, Score score) {
        return new Figure(
                name,
                words("<= %.0f ns, 0 B/op", budget),
                score.nanos(),
                "ns",
                nanos(score.nanos()),
                score.bytes(),
                Verdict.of(score.nanos() <= budget && score.allocatesNothing()));
    }

    private static String nanos(double nanos) {
        return words(nanos < 100 ? "%.1f ns" : "%,.0f ns", nanos);
    }

    private static String millis(double nanos) {
        return words("%.2f ms", nanos / 1e6);
    }

    private static String kilobytes(double bytes) {
        return words("%.1f KB", bytes / 1024);
    }

    private static String words(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
