package io.tidegate.server.config.upstream;

/**
 * How the endpoint for a leg is picked.
 *
 * @param kind the way
 * @param name of the header, or of the query parameter, that the pick goes by; empty with other kinds
 */
public record BalanceConfig(Balance kind, String name) {

    /** One endpoint after the other. */
    public static final BalanceConfig ROUND_ROBIN = new BalanceConfig(Balance.ROUND_ROBIN, "");
}
