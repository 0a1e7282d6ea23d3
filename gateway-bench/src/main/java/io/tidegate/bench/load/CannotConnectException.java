package io.tidegate.bench.load;

/** Not one connection came about. */
public final class CannotConnectException extends Exception {

    private static final long serialVersionUID = 1L;

    /**
     * Makes one.
     *
     * @param message what was tried, what happened, and what is expected
     */
    public CannotConnectException(String message) {
        super(message);
    }
}
