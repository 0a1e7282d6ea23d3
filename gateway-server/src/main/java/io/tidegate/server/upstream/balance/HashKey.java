package io.tidegate.server.upstream.balance;

import io.netty.handler.codec.http.QueryStringDecoder;
import io.tidegate.server.config.upstream.BalanceConfig;
import io.tidegate.server.handshake.OpeningRequest;
import java.util.List;

/** What a hash goes by: a header, a query parameter or the client's address; the latter too where the former is missing. */
public final class HashKey {

    /** Set by the gateway, whatever the client said. */
    private static final String CLIENT_ADDRESS = "X-Forwarded-For";

    private HashKey() {}

    /** The key of a request; empty with ways to balance that have none. */
    public static String of(BalanceConfig balance, OpeningRequest request) {
        String named = switch (balance.kind()) {
            case HASH_HEADER -> request.headers().get(balance.name(), "");
            case HASH_QUERY -> parameter(request, balance.name());
            default -> "";
        };
        return isHash(balance) && named.isEmpty() ? request.headers().get(CLIENT_ADDRESS, "") : named;
    }

    /** Whether there is a key. */
    public static boolean isHash(BalanceConfig balance) {
        return switch (balance.kind()) {
            case HASH_HEADER, HASH_QUERY, HASH_CLIENT_IP -> true;
            default -> false;
        };
    }

    private static String parameter(OpeningRequest request, String name) {
        try {
            List<String> values =
                    new QueryStringDecoder(request.target()).parameters().get(name);
            return values == null ? "" : values.get(0);
        } catch (IllegalArgumentException e) {
            // What isn't percent-encoded correctly passes to the upstream as it is, and names nothing here.
            return "";
        }
    }
}
