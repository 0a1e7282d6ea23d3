package io.tidegate.time;

/**
 * A source of monotonic time.
 *
 * <p>Readings have no meaning but their difference: compare them as {@code now - deadline >= 0}, which stays right when
 * the count overflows.
 *
 * <p><b>Threads:</b> any.
 */
@FunctionalInterface
public interface Ticker {

    /** Now, in nanoseconds since an arbitrary moment; never less than an earlier reading. */
    long nanos();

    /** The ticker of the machine, {@link System#nanoTime()}. */
    static Ticker system() {
        return System::nanoTime;
    }
}
