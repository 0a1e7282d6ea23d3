package io.tidegate.breaker;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.Disposable;
import reactor.core.scheduler.Scheduler;

/** Runs nothing; knows how many tasks are waiting that nobody has disposed of. */
final class CountingScheduler implements Scheduler {

    private final AtomicInteger pending = new AtomicInteger();

    int pending() {
        return pending.get();
    }

    @Override
    public Disposable schedule(Runnable task) {
        pending.incrementAndGet();
        AtomicInteger once = new AtomicInteger();
        return () -> {
            if (once.getAndIncrement() == 0) {
                pending.decrementAndGet();
            }
        };
    }

    @Override
    public Disposable schedule(Runnable task, long delay, TimeUnit unit) {
        return schedule(task);
    }

    @Override
    public Worker createWorker() {
        throw new UnsupportedOperationException("worker (expected: schedule only)");
    }
}
