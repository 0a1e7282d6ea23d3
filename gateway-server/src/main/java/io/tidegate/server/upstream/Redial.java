package io.tidegate.server.upstream;

import io.tidegate.server.upstream.EndpointPool.Tried;

/**
 * A session's run of attempts to have a leg again after it lost one: what it remembers from one attempt to the next, and
 * beyond a new leg that dies early, so that the waits don't start anew.
 *
 * <p><b>Threads:</b> the session's event loop, and the upstream's while it waits in line. <b>State:</b> one for each loss.
 */
public final class Redial {

    private final long lostNanos;
    private final Tried tried = new Tried();
    private volatile int attempts;

    /**
     * A run that begins with a loss.
     *
     * @param lost where the leg led: other endpoints are tried first
     * @param lostNanos when that was, in the time of {@link System#nanoTime()}
     */
    public Redial(Endpoint lost, long lostNanos) {
        this.lostNanos = lostNanos;
        tried.add(lost);
    }

    /** The new leg was lost, too, before it was of use: the run goes on where it was, and other endpoints are tried first. */
    public void lostAgain(Endpoint endpoint) {
        tried.add(endpoint);
    }

    /** Dials so far. */
    public int attempts() {
        return attempts;
    }

    /** How long ago the loss was that it began with. */
    public long sinceLossNanos() {
        return System.nanoTime() - lostNanos;
    }

    Tried tried() {
        return tried;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // written on the session's event loop alone
    void attempt(Endpoint endpoint) {
        attempts++;
        tried.add(endpoint);
    }
}
