package io.tidegate.retry;

import io.tidegate.time.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import reactor.core.Disposable;
import reactor.core.scheduler.Scheduler;
import reactor.test.scheduler.VirtualTimeScheduler;

/** Virtual time of its own that knows which timers are pending. */
final class TimerProbe implements Scheduler, Ticker {

    private static final long START = Long.MAX_VALUE - Duration.ofSeconds(1).toNanos();

    private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    private final List<Disposable> timers = Collections.synchronizedList(new ArrayList<>());

    long pending() {
        return List.copyOf(timers).stream().filter(timer -> !timer.isDisposed()).count();
    }

    void advance(Duration duration) {
        time.advanceTimeBy(duration);
    }

    @Override
    public long nanos() {
        return START + time.now(TimeUnit.NANOSECONDS);
    }

    @Override
    public Disposable schedule(Runnable task) {
        return schedule(task, 0, TimeUnit.NANOSECONDS);
    }

    @Override
    public Disposable schedule(Runnable task, long delay, TimeUnit unit) {
        Disposable timer = time.schedule(task, delay, unit);
        timers.add(timer);
        return timer;
    }

    @Override
    public Worker createWorker() {
        throw new UnsupportedOperationException("workers hide their timers");
    }
}
