package io.tidegate.bench.micro;

import io.tidegate.retry.Backoff;
import io.tidegate.retry.RetryBudget;
import io.tidegate.retry.RetryConfig;
import io.tidegate.retry.RetryPolicy;
import io.tidegate.time.Ticker;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/** What retry costs when nothing fails: the budget, a delay, and one subscription that succeeds at once. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class RetryBenchmark {

    private final RetryBudget budget = RetryBudget.of(1, 10, 100, Ticker.system());
    private final Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(10));

    private final Mono<Integer> source = Mono.just(1).hide();
    private final Mono<Integer> retried = source.retryWhen(
            RetryPolicy.of(RetryConfig.DEFAULTS.withDeadline(Duration.ZERO)).retry());
    private final Mono<Integer> retriedUntilDeadline =
            source.retryWhen(RetryPolicy.of(RetryConfig.DEFAULTS).retry());
    private final Mono<Integer> retriedByReactor = source.retryWhen(Retry.backoff(5, Duration.ofMillis(100)));

    /** Made by JMH. */
    public RetryBenchmark() {}

    /** A fresh attempt pays in, a retry takes a token. */
    @Benchmark
    public boolean budget() {
        budget.deposit();
        return budget.tryTake();
    }

    /** The same from two threads at once. */
    @Benchmark
    @Threads(2)
    public boolean budgetOfTwo() {
        budget.deposit();
        return budget.tryTake();
    }

    /** Draws one delay. */
    @Benchmark
    public long backoff() {
        return backoff.delayNanos(3);
    }

    /** One subscription without retry, to compare with. */
    @Benchmark
    public void subscribePlain(Blackhole blackhole) {
        source.subscribe(blackhole::consume);
    }

    /** One subscription, no deadline. */
    @Benchmark
    public void subscribe(Blackhole blackhole) {
        retried.subscribe(blackhole::consume);
    }

    /** One subscription with a deadline, which takes a timer. */
    @Benchmark
    public void subscribeWithDeadline(Blackhole blackhole) {
        retriedUntilDeadline.subscribe(blackhole::consume);
    }

    /** One subscription with Reactor's own backoff, which knows no deadline. */
    @Benchmark
    public void subscribeReactorBackoff(Blackhole blackhole) {
        retriedByReactor.subscribe(blackhole::consume);
    }
}
