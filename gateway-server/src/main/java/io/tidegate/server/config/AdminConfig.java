package io.tidegate.server.config;

/**
 * The port for operators.
 *
 * @param address where to listen
 */
public record AdminConfig(Address address) {

    public AdminConfig {
        ConfigKeys.ADMIN_ADDRESS.check(address);
    }
}
