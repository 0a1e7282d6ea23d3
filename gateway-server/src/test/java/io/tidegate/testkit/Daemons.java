package io.tidegate.testkit;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The kit's threads, none of which keeps the process alive, and its one way to wait. */
final class Daemons {
    static final ScheduledExecutorService WATCHDOG =
            Executors.newSingleThreadScheduledExecutor(task -> daemon("testkit watchdog", task));

    private Daemons() {}

    static Thread start(String name, Runnable task) {
        Thread thread = daemon(name, task);
        thread.start();
        return thread;
    }

    private static Thread daemon(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        return thread;
    }

    /**
     * Waits until {@code probe} gives something else than null. It is asked under {@code monitor}, once at first and again after each notification.
     *
     * @throws AssertionError when {@code patience} is over, with what {@code state} says then
     */
    static <T> T await(
            Object monitor, String what, Duration patience, Supplier<@Nullable T> probe, Supplier<String> state) {
        long deadline = System.nanoTime() + patience.toNanos();
        synchronized (monitor) {
            for (; ; ) {
                T value = probe.get();
                if (value != null) {
                    return value;
                }
                long leftMillis = (deadline - System.nanoTime()) / 1_000_000;
                if (leftMillis <= 0) {
                    throw new AssertionError(
                            "expected within " + patience.toSeconds() + " s: " + what + "\nbut so far: " + state.get());
                }
                try {
                    monitor.wait(leftMillis);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new AssertionError("interrupted while waiting for " + what, e);
                }
            }
        }
    }
}
