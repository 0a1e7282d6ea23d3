package io.tidegate.testkit;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Asks again and again until the answer is right, for {@link Peer#PATIENCE} at most unless told otherwise. */
public final class Patience {
    private static final Duration PAUSE = Duration.ofMillis(25);

    private Patience() {}

    /** Waits until {@code wanted} holds of what {@code source} gives. */
    public static <T> T await(String what, Supplier<T> source, Predicate<? super T> wanted) {
        return await(what, Peer.PATIENCE, source, wanted, String::valueOf);
    }

    /** Waits until {@code wanted} holds. */
    public static void await(String what, Supplier<Boolean> wanted) {
        await(what, wanted, value -> value);
    }

    /** @param words for the failure, from what {@code source} gave last */
    public static <T> T await(
            String what,
            Duration patience,
            Supplier<T> source,
            Predicate<? super T> wanted,
            Function<? super T, String> words) {
        long deadline = System.nanoTime() + patience.toNanos();
        for (; ; ) {
            T now = source.get();
            if (wanted.test(now)) {
                return now;
            }
            if (System.nanoTime() - deadline >= 0) {
                throw new AssertionError("expected within " + patience.toSeconds() + " s: " + what + "\nbut so far: "
                        + words.apply(now));
            }
            try {
                TimeUnit.NANOSECONDS.sleep(PAUSE.toNanos());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted while waiting for " + what, e);
            }
        }
    }
}
