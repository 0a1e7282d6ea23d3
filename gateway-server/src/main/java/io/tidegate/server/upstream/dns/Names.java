package io.tidegate.server.upstream.dns;

import io.netty.channel.EventLoop;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.resolver.DefaultHostsFileEntriesResolver;
import io.netty.resolver.ResolvedAddressTypes;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsServerAddressStreamProviders;
import io.netty.resolver.dns.NoopDnsCache;
import io.netty.resolver.dns.NoopDnsCnameCache;
import io.netty.resolver.dns.SequentialDnsServerAddressStreamProvider;
import io.netty.util.NetUtil;
import io.tidegate.server.config.upstream.DnsConfig;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.netty.resources.LoopResources;

/** How the hosts of endpoints become addresses. */
public final class Names {

    private static final Duration QUERY_TIMEOUT = Duration.ofSeconds(1);

    private Names() {}

    /** The address that {@code host} is, if it isn't a name. */
    public static @Nullable InetAddress addressIn(String host) {
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(host);
        try {
            return bytes == null ? null : InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("4 or 16 bytes are an address", e);
        }
    }

    /**
     * Whether a name is the machine's own business: {@code localhost} (RFC 6761, section 6.3), and what is in the hosts file.
     * Reads that file.
     */
    public static boolean isLocal(String host) {
        if (host.equals("localhost") || host.endsWith(".localhost")) {
            return true;
        }
        List<InetAddress> entries =
                new DefaultHostsFileEntriesResolver().addresses(host, ResolvedAddressTypes.IPV4_PREFERRED);
        return entries != null && !entries.isEmpty();
    }

    /**
     * Somebody to ask, who remembers nothing: what is asked for again is to be answered anew.
     *
     * @return to be closed
     */
    public static DnsNameResolver resolver(DnsConfig config, EventLoop home, LoopResources loops) {
        return new DnsNameResolverBuilder(home)
                .datagramChannelFactory(() -> loops.onChannel(DatagramChannel.class, home))
                .socketChannelFactory(() -> loops.onChannel(SocketChannel.class, home))
                .nameServerProvider(
                        config.servers().isEmpty()
                                ? DnsServerAddressStreamProviders.platformDefault()
                                : new SequentialDnsServerAddressStreamProvider(config.servers()))
                .resolvedAddressTypes(ResolvedAddressTypes.IPV4_PREFERRED)
                // Both kinds are wanted, not the first that is answered.
                .completeOncePreferredResolved(false)
                .resolveCache(NoopDnsCache.INSTANCE)
                .cnameCache(NoopDnsCnameCache.INSTANCE)
                .queryTimeoutMillis(QUERY_TIMEOUT.toMillis())
                .build();
    }
}
