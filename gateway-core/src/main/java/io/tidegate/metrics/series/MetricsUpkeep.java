package io.tidegate.metrics.series;

import io.tidegate.metrics.HistogramFlipper;
import java.time.Duration;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Does what metrics need done from time to time: flips all histograms, then sweeps all series in slices, with a rest
 * between two slices in which event loops that share the processor can run.
 *
 * <p><b>Threads:</b> all work is done by one worker of the scheduler, which must not be an event loop.
 */
public final class MetricsUpkeep {

    private static final Logger log = LoggerFactory.getLogger(MetricsUpkeep.class);

    private static final int SLICE = 1_000;
    private static final long REST_MILLIS = 1;

    private final HistogramFlipper flipper;
    private final List<SeriesRegistry<?, ?>> registries;

    /**
     * @param flipper owns the histograms
     * @param registries to be swept
     */
    public MetricsUpkeep(HistogramFlipper flipper, List<? extends SeriesRegistry<?, ?>> registries) {
        this.flipper = flipper;
        this.registries = List.copyOf(registries);
    }

    /** Starts on {@link Schedulers#boundedElastic()}; see {@link #start(Duration, Scheduler)}. */
    public Disposable start(Duration every) {
        return start(every, Schedulers.boundedElastic());
    }

    /**
     * Starts.
     *
     * @param every the length of the interval that all readers share; positive
     * @param scheduler whose workers may wait for a moment
     * @return ends it
     */
    public Disposable start(Duration every, Scheduler scheduler) {
        if (every.isNegative() || every.isZero()) {
            throw new IllegalArgumentException("every: " + every + " (expected: > 0)");
        }
        Scheduler.Worker worker = scheduler.createWorker();
        Rounds rounds = new Rounds(worker);
        long nanos = every.toNanos();
        Disposable periodic = worker.schedulePeriodically(rounds::begin, nanos, nanos, TimeUnit.NANOSECONDS);
        return Disposables.composite(periodic, worker);
    }

    /** What is done in turn; only ever touched by the worker. */
    private final class Rounds {

        private final Scheduler.Worker worker;
        private Iterator<? extends SeriesRegistry<?, ?>> left = Collections.emptyIterator();
        private boolean sweeping;

        Rounds(Scheduler.Worker worker) {
            this.worker = worker;
        }

        void begin() {
            try {
                if (!flipper.flip()) {
                    log.debug("histograms go on with their intervals: a writer did not come to rest in time");
                }
            } catch (RuntimeException e) {
                log.error("histograms can't be flipped", e);
            }
            if (!sweeping) {
                left = registries.iterator();
                sweeping = left.hasNext();
                if (sweeping) {
                    sweep(left.next());
                }
            }
        }

        private void sweep(SeriesRegistry<?, ?> registry) {
            SeriesRegistry<?, ?> next = registry;
            if (sweepSlice(registry)) {
                if (!left.hasNext()) {
                    sweeping = false;
                    return;
                }
                next = left.next();
            }
            SeriesRegistry<?, ?> following = next;
            try {
                worker.schedule(() -> sweep(following), REST_MILLIS, TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException e) {
                // Ended meanwhile, or the worker has too much else to do: the next round begins anew.
                sweeping = false;
            }
        }

        /** Whether the registry is done with, in this round. */
        private boolean sweepSlice(SeriesRegistry<?, ?> registry) {
            try {
                return registry.sweep(SLICE);
            } catch (RuntimeException e) {
                log.error("series can't be swept", e);
                return true;
            }
        }
    }
}
