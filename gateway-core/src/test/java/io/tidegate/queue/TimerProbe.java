package io.tidegate.queue;

import io.tidegate.testkit.ManualTicker;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import reactor.core.Disposable;
import reactor.core.Exceptions;
import reactor.core.scheduler.Scheduler;

/** A clock and a scheduler by it, which knows how many tasks wait. */
final class TimerProbe implements Scheduler {

    private final ManualTicker ticker = new ManualTicker();
    private final List<Task> tasks = new CopyOnWriteArrayList<>();
    private volatile boolean rejects;
    private volatile int scheduled;

    ManualTicker ticker() {
        return ticker;
    }

    /** Tasks that neither ran nor were disposed of. */
    int pending() {
        return tasks.size();
    }

    /** Tasks so far. */
    int scheduled() {
        return scheduled;
    }

    void rejectFromNowOn() {
        rejects = true;
    }

    void advance(Duration duration) {
        ticker.advance(duration);
        runDue();
    }

    void runDue() {
        while (true) {
            Task next = tasks.stream()
                    .filter(task -> ticker.nanos() - task.due >= 0)
                    .min(Comparator.comparingLong(task -> task.due - ticker.nanos()))
                    .orElse(null);
            if (next == null || !tasks.remove(next)) {
                return;
            }
            next.action.run();
        }
    }

    @Override
    public Disposable schedule(Runnable task) {
        return schedule(task, 0, TimeUnit.NANOSECONDS);
    }

    @Override
    public synchronized Disposable schedule(Runnable action, long delay, TimeUnit unit) {
        if (rejects) {
            throw Exceptions.failWithRejected();
        }
        scheduled++;
        Task task = new Task(action, ticker.nanos() + unit.toNanos(delay));
        tasks.add(task);
        return task;
    }

    @Override
    public Worker createWorker() {
        throw new UnsupportedOperationException();
    }

    private final class Task implements Disposable {
        final Runnable action;
        final long due;

        Task(Runnable action, long due) {
            this.action = action;
            this.due = due;
        }

        @Override
        public void dispose() {
            tasks.remove(this);
        }
    }
}
