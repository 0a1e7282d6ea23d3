package io.tidegate.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HistogramRangeTest {

    @Test
    void latenciesGoFromAMicrosecondToAMinute() {
        assertThat(HistogramRange.LATENCY).isEqualTo(new HistogramRange(1_000, 60_000_000_000L, 2));
        assertThat(HistogramRange.ofTimes(Duration.ofMillis(1), Duration.ofMillis(2), 1))
                .isEqualTo(new HistogramRange(1_000_000, 2_000_000, 1));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 10, 2, lowest: 0 (expected: 1-2^50)",
        "-5, 10, 2, lowest: -5 (expected: 1-2^50)",
        "'10', 19, 2, 'highest: 19 (expected: at least twice the lowest, 10)'",
        "1125899906842625, 9223372036854775807, 2, lowest: 1125899906842625 (expected: 1-2^50)",
        "1, 2, 0, digits: 0 (expected: 1-3)",
        "1, 2, 4, digits: 4 (expected: 1-3)"
    })
    void rejectsWhatIsNone(long lowest, long highest, int digits, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new HistogramRange(lowest, highest, digits))
                .withMessage(message);
    }

    @ParameterizedTest
    @CsvSource({"1, 2, 1", "1, 9223372036854775807, 3", "1125899906842624, 9223372036854775807, 3"})
    void recordsItsExtremes(long lowest, long highest, int digits) {
        Recording recording = new Recording(new HistogramRange(lowest, highest, digits));
        recording.record(lowest, 1);
        recording.record(highest, 1);

        assertThat(recording.values()).isEqualTo(2);
        assertThat(recording.tallies().lowered() + recording.tallies().raised()).isZero();
    }

    @Test
    void isAsPreciseAsItSays() {
        for (int i = 0; i < 500; i++) {
            long value = (long) Math.exp(ThreadLocalRandom.current().nextDouble(Math.log(1_000), Math.log(60e9)));
            Recording recording = new Recording(HistogramRange.LATENCY);
            recording.record(value, 1);
            Histogram counts = HistogramRange.LATENCY.accumulator();
            recording.addTo(counts);

            double error = Math.abs(counts.getMaxValue() - value);
            assertThat(error).as("of %d", value).isLessThanOrEqualTo(value >= 65_536 ? value / 128.0 : 512);
        }
    }

    @Test
    void takesTheMemoryItSays() {
        assertThat(HistogramRange.LATENCY.recorder().getEstimatedFootprintInBytes())
                .isBetween(11_000, 11_500);
        assertThat(HistogramRange.LATENCY.accumulator().getEstimatedFootprintInBytes())
                .isBetween(21_500, 22_500);
    }
}
