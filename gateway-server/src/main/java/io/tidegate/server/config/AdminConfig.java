package io.tidegate.server.config;

import io.tidegate.server.config.key.Findings;
import org.jspecify.annotations.Nullable;

/**
 * The port for operators.
 *
 * @param address where to listen
 * @param token what a request that changes something must bear; null for none, on a loopback address only: nothing can be changed
 *     then
 */
public record AdminConfig(Address address, @Nullable String token) {

    public AdminConfig {
        ConfigKeys.ADMIN_ADDRESS.check(address);
        if (token != null) {
            ConfigKeys.ADMIN_TOKEN.check(token);
        }
        new Findings()
                .require(
                        token != null || address.isLoopback(),
                        "token",
                        null,
                        "a secret, as others than this machine may reach " + address
                                + "; best by the variable TIDEGATE_ADMIN_TOKEN")
                .raise();
    }

    /** Without the token. */
    @Override
    public String toString() {
        return "AdminConfig[address=" + address + ", token=" + (token == null ? "none" : "***") + "]";
    }
}
