package io.tidegate.testkit;

import io.tidegate.time.Ticker;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.Disposable;
import reactor.core.Exceptions;
import reactor.core.scheduler.Scheduler;

/**
 * A clock and a scheduler by it, which knows how many tasks wait. A task runs, on the thread that advances the clock, when the
 * clock shows its time.
 */
public final class TimerProbe implements Scheduler, Ticker {

    private final ManualTicker ticker = new ManualTicker();
    private final List<Task> tasks = new CopyOnWriteArrayList<>();
    private volatile boolean rejects;
    private volatile int scheduled;

    public ManualTicker ticker() {
        return ticker;
    }

    /** Tasks that neither ran nor were disposed of. */
    public int pending() {
        return tasks.size();
    }

    /** Tasks so far. */
    public int scheduled() {
        return scheduled;
    }

    public void rejectFromNowOn() {
        rejects = true;
    }

    public void advance(Duration duration) {
        long end = ticker.nanos() + duration.toNanos();
        for (Task next = earliest(); next != null && end - next.due >= 0; next = earliest()) {
            ticker.advanceNanos(Math.max(0, next.due - ticker.nanos()));
            run(next);
        }
        ticker.advanceNanos(end - ticker.nanos());
    }

    /** Runs what is due already: somebody else has advanced the {@link #ticker()}. */
    public void runDue() {
        advance(Duration.ZERO);
    }

    @Override
    public long nanos() {
        return ticker.nanos();
    }

    private @Nullable Task earliest() {
        long now = ticker.nanos();
        return tasks.stream()
                .min(Comparator.comparingLong(task -> task.due - now))
                .orElse(null);
    }

    private void run(Task task) {
        if (tasks.remove(task)) {
            task.action.run();
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
