package io.tidegate.metrics.series;

import io.tidegate.metrics.Series;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The right to record in a series. As long as it isn't closed the series stays.
 *
 * <p><b>Threads:</b> any. What was recorded before {@link #close} is seen by whoever decides whether the series goes.
 *
 * @param <S> the kind of series
 */
public final class Lease<S extends Series<?>> implements AutoCloseable {

    private final Holding<S> holding;
    private final AtomicBoolean closed = new AtomicBoolean();

    /** @param holding already held once, on behalf of this lease */
    Lease(Holding<S> holding) {
        this.holding = holding;
    }

    /** The series. Nothing may be recorded in it after {@link #close}: it would be lost if the series goes. */
    public S series() {
        return holding.series();
    }

    /** Lets the series go. Only the first call does anything. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            holding.release();
        }
    }
}
