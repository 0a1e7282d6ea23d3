package io.tidegate.bench.load;

import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.AbstractHistogram;

/**
 * A distribution as text: rows of equal width on a logarithmic scale, a bar for the share of each.
 *
 * <pre>
 *   100 µs … 126 µs  ██████████████████████████████          4,321  43.2 %
 *   126 µs … 158 µs  ███████████████                         2,160  21.6 %
 * </pre>
 */
final class DistributionPlot {

    private static final double STEP = Math.pow(10, 0.1);
    private static final int MOST_ROWS = 24;
    private static final int BAR = 40;

    private DistributionPlot() {}

    /** The rows of a plot; none for an empty histogram. */
    static List<String> rows(AbstractHistogram nanos) {
        long total = nanos.getTotalCount();
        if (total == 0) {
            return List.of();
        }
        List<long[]> buckets = buckets(nanos);
        long highest = buckets.stream().mapToLong(bucket -> bucket[2]).max().orElseThrow();
        List<String> rows = new ArrayList<>();
        for (long[] bucket : buckets) {
            rows.add("%9s … %-9s %-40s %,12d %5.1f %%"
                    .formatted(
                            Figures.time((double) bucket[0]),
                            Figures.time((double) bucket[1]),
                            bar(bucket[2], highest),
                            bucket[2],
                            100.0 * bucket[2] / total));
        }
        return rows;
    }

    /** From, to and count of each row. */
    private static List<long[]> buckets(AbstractHistogram nanos) {
        double from = (double) Math.max(1, nanos.getMinValue());
        double last = Math.max(from, (double) nanos.getMaxValue());
        double step = Math.max(STEP, Math.pow(last * 1.000_001 / from, 1.0 / MOST_ROWS));
        List<long[]> buckets = new ArrayList<>();
        long counted = 0;
        long total = nanos.getTotalCount();
        for (double low = from; counted < total; low *= step) {
            long to = (long) (low * step);
            long upTo = low * step >= last ? total : nanos.getCountBetweenValues(0, to);
            buckets.add(new long[] {(long) low, to, upTo - counted});
            counted = upTo;
        }
        return buckets;
    }

    private static String bar(long count, long highest) {
        if (count == 0) {
            return "";
        }
        double eighths = 8.0 * BAR * count / highest;
        int whole = (int) (eighths / 8);
        int rest = (int) (eighths - whole * 8);
        String end = rest > 0 ? String.valueOf((char) ('█' + 8 - rest)) : whole == 0 ? "▏" : "";
        return "█".repeat(whole) + end;
    }
}
