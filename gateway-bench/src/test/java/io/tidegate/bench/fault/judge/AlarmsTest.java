package io.tidegate.bench.fault.judge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class AlarmsTest {

    private static final String ERROR =
            "2026-11-28T10:00:00.000Z ERROR Session - session 7: a fault of the gateway's own";
    private static final String LEAK = "2026-11-28T10:00:00.000Z WARN  ResourceLeakDetector - LEAK: ByteBuf.release()";

    @Test
    void whatIsExpectedWhenUpstreamsBreakIsNone() {
        assertThat(Alarms.in(Stream.of(
                        "2026-11-28T10:00:00.000Z INFO  tidegate - ready",
                        "2026-11-28T10:00:00.000Z WARN  Session - ws://127.0.0.1:1: connection reset")))
                .isEmpty();
    }

    @Test
    void errorsAndLeaksAre() {
        assertThat(Alarms.in(Stream.of(ERROR, "\tat a.b.C(C.java:1)", LEAK)))
                .containsExactly("the gateway logged: " + ERROR, "the gateway logged: " + LEAK);
    }

    @Test
    void manyAreCounted() {
        assertThat(Alarms.in(IntStream.range(0, 100).mapToObj(i -> ERROR)))
                .hasSize(6)
                .last()
                .isEqualTo("the gateway logged 95 more errors");
    }
}
