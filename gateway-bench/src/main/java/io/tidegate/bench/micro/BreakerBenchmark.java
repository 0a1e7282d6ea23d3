package io.tidegate.bench.micro;

import io.tidegate.breaker.Breaker;
import io.tidegate.breaker.BreakerConfig;
import io.tidegate.breaker.Permit;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import reactor.core.publisher.Mono;

/** What a breaker adds to a call. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class BreakerBenchmark {

    private final IOException reset = new IOException("reset");

    private final Breaker breaker = Breaker.of("closed", BreakerConfig.DEFAULTS);
    private final Breaker timed = Breaker.of("timed", BreakerConfig.DEFAULTS.withSlowCalls(1, Duration.ofSeconds(1)));
    private final Breaker failing = Breaker.of("failing", BreakerConfig.DEFAULTS);
    private final Breaker open = Breaker.of("open", BreakerConfig.DEFAULTS);
    private final Mono<Integer> bare = Mono.just(1).hide();
    private final Mono<Integer> guarded = bare.transform(breaker::guard);

    /** Made by JMH. */
    public BreakerBenchmark() {}

    /** Keeps the failing one closed and the open one open. */
    @Setup
    public void force() {
        failing.forceClosed();
        open.forceOpen();
    }

    /** A call that succeeds. */
    @Benchmark
    public void permitAndSuccess() {
        Permit permit = breaker.tryAcquire();
        if (permit != null) {
            permit.success();
        }
    }

    /** The same, with slow calls told from others. */
    @Benchmark
    public void permitAndTimedSuccess() {
        Permit permit = timed.tryAcquire();
        if (permit != null) {
            permit.success();
        }
    }

    /** A call that fails. */
    @Benchmark
    public void permitAndFailure() {
        Permit permit = failing.tryAcquire();
        if (permit != null) {
            permit.failure(reset);
        }
    }

    /** A call that is not let in. */
    @Benchmark
    public @Nullable Permit rejected() {
        return open.tryAcquire();
    }

    /** One subscription without a guard, for comparison. */
    @Benchmark
    public @Nullable Integer unguardedMono() {
        return bare.block();
    }

    /** One guarded subscription. */
    @Benchmark
    public @Nullable Integer guardedMono() {
        return guarded.block();
    }
}
