package io.tidegate.server.drain;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/**
 * When each of many is to do something, so that they do it evenly over some time, in an order and at moments that nobody can
 * foresee: the time is cut into as many parts as there are, and each has its turn somewhere in a part of its own.
 *
 * <p><b>Threads:</b> one at a time.
 */
final class Turns<T> {

    private record Turn<T>(T whose, long atNanos) {}

    private final ArrayDeque<Turn<T>> waiting = new ArrayDeque<>();

    /**
     * @param fromNanos when the time begins
     * @param lengthNanos how long it is, >= 0
     */
    Turns(Collection<? extends T> all, long fromNanos, long lengthNanos, Random random) {
        List<T> order = new ArrayList<>(all);
        Collections.shuffle(order, random);
        double part = (double) lengthNanos / Math.max(1, order.size());
        for (int i = 0; i < order.size(); i++) {
            waiting.add(new Turn<>(order.get(i), fromNanos + (long) (part * (i + random.nextDouble()))));
        }
    }

    /** Hands out those whose turn has come, once each, in order. */
    void due(long nowNanos, Consumer<? super T> each) {
        for (Turn<T> next = waiting.peek(); next != null && next.atNanos - nowNanos <= 0; next = waiting.peek()) {
            waiting.remove();
            each.accept(next.whose);
        }
    }

    /** How many still wait for theirs. */
    int left() {
        return waiting.size();
    }
}
