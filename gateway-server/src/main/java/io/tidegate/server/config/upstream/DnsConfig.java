package io.tidegate.server.config.upstream;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/**
 * How names of endpoints are looked up.
 *
 * @param interval from one look-up of a name to the next; 10 ms to 24 h
 * @param servers who is asked, resolved addresses; empty for the servers that the system is set to
 */
public record DnsConfig(Duration interval, List<InetSocketAddress> servers) {

    /** Every 5 s, the system's servers. */
    public static final DnsConfig DEFAULTS = new DnsConfig(Duration.ofSeconds(5), List.of());

    public DnsConfig {
        UpstreamKeys.DNS_INTERVAL.check(interval);
        servers = List.copyOf(servers);
        if (!servers.isEmpty()) {
            UpstreamKeys.DNS_SERVERS.check(servers);
        }
    }
}
