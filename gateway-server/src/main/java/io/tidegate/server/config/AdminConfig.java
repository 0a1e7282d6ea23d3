package io.tidegate.server.config;

import org.jspecify.annotations.Nullable;

/**
 * The port for operators.
 *
 * @param address where to listen
 * @param token what a request that changes something must bear; null when there is none: nothing can be changed then
 */
public record AdminConfig(Address address, @Nullable String token) {

    public AdminConfig {
        ConfigKeys.ADMIN_ADDRESS.check(address);
        if (token != null) {
            ConfigKeys.ADMIN_TOKEN.check(token);
        }
    }

    /** Without the token. */
    @Override
    public String toString() {
        return "AdminConfig[address=" + address + ", token=" + (token == null ? "none" : "***") + "]";
    }
}
