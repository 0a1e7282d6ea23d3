package io.tidegate.server.config;

/**
 * A port for clients.
 *
 * @param address where to listen
 */
public record ListenerConfig(Address address) {

    public ListenerConfig {
        ConfigKeys.LISTENER_ADDRESS.check(address);
    }
}
