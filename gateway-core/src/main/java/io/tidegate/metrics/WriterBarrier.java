package io.tidegate.metrics;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * Waits until those who record in histograms have come to rest for a moment: each has ended what it was recording when the wait
 * began, sees what the caller wrote before, and its own writes up to then are seen by the caller.
 *
 * <p>Why: so a writer need not say that it records. To say so takes an instruction that waits until all earlier writes of the
 * processor are in its cache, which costs a busy event loop some 100 ns a value; an empty task now and then costs nothing.
 * (The grace period of read-copy-update: McKenney and Slingwine, 1998.)
 */
@FunctionalInterface
public interface WriterBarrier {

    /** For histograms that only the flipping thread itself records in. */
    WriterBarrier SAME_THREAD = () -> true;

    /**
     * Waits; not on a writer's thread.
     *
     * @return false if that took too long: then nothing is known
     */
    boolean await();

    /**
     * Waits until each writer has done an empty task.
     *
     * @param writers one for each thread that records, such as event loops; one that takes no more tasks records no more
     * @param patience how long it may take
     */
    static WriterBarrier of(Collection<? extends Executor> writers, Duration patience) {
        List<Executor> all = List.copyOf(writers);
        long nanos = patience.toNanos();
        return () -> {
            CountDownLatch atRest = new CountDownLatch(all.size());
            for (Executor writer : all) {
                try {
                    writer.execute(atRest::countDown);
                } catch (RejectedExecutionException e) {
                    atRest.countDown();
                }
            }
            try {
                return atRest.await(nanos, TimeUnit.NANOSECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        };
    }
}
