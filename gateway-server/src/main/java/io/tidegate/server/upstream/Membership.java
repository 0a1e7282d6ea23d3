package io.tidegate.server.upstream;

import io.netty.channel.EventLoop;
import io.netty.resolver.dns.DnsNameResolver;
import io.tidegate.server.config.UpstreamConfig;
import io.tidegate.server.config.upstream.EndpointConfig;
import io.tidegate.server.failure.Failure;
import io.tidegate.server.failure.GatewayException;
import io.tidegate.server.upstream.dial.LoopDelay;
import io.tidegate.server.upstream.dns.NameWatch;
import io.tidegate.server.upstream.dns.Names;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;
import reactor.netty.resources.LoopResources;

/**
 * Which endpoints there are: one for each address of what is configured. Addresses of names come and go with DNS; an endpoint
 * whose address has gone is emptied, and forgotten once its last leg is over.
 *
 * <p><b>Threads:</b> {@link #start} and {@link #stop} any; endpoints come and go on the upstream's event loop.
 */
final class Membership {

    private static final Logger log = LoggerFactory.getLogger(Membership.class);

    private final String upstream;
    private final UpstreamConfig config;
    private final LoopResources loops;
    private final EventLoop home;
    private final EndpointPool pool;
    private final Endpoint.Listener listener;
    private final Consumer<Endpoint> onVanished;

    private final List<EndpointConfig> names = new ArrayList<>();
    private final List<NameWatch> watches = new ArrayList<>();
    private final Map<EndpointConfig, String> failures = new ConcurrentHashMap<>();
    private final Sinks.Empty<Void> answered = Sinks.empty();
    private @Nullable DnsNameResolver resolver;
    private boolean stopped;

    /** @param onVanished called when an endpoint is to be emptied */
    Membership(
            String upstream,
            UpstreamConfig config,
            LoopResources loops,
            EventLoop home,
            EndpointPool pool,
            Endpoint.Listener listener,
            Consumer<Endpoint> onVanished) {
        this.upstream = upstream;
        this.config = config;
        this.loops = loops;
        this.home = home;
        this.pool = pool;
        this.listener = listener;
        this.onVanished = onVanished;
        List<Endpoint> fixed = new ArrayList<>();
        for (EndpointConfig endpoint : config.endpoints()) {
            String host = endpoint.uri().getHost();
            InetAddress address = Names.addressIn(host);
            if (address != null || Names.isLocal(host)) {
                fixed.add(endpoint(endpoint, address));
            } else {
                names.add(endpoint);
            }
        }
        pool.endpoints(fixed);
    }

    /** Starts checks and look-ups. */
    void start() {
        DnsNameResolver asked = names.isEmpty() ? null : Names.resolver(config.dns(), home, loops);
        home.execute(() -> {
            resolver = asked;
            pool.endpoints().forEach(Endpoint::start);
            if (asked != null) {
                names.forEach(name -> watch(name, asked));
            }
        });
    }

    /** Ends them. */
    void stop() {
        try {
            home.execute(() -> {
                stopped = true;
                pool.endpoints().forEach(Endpoint::stop);
                watches.forEach(NameWatch::stop);
                if (resolver != null) {
                    resolver.close();
                }
            });
        } catch (RejectedExecutionException e) {
            log.debug("upstream {}: the event loops have ended", upstream);
        }
    }

    /** How many look-ups there are, and checks of endpoints if there are any. */
    int tasks() {
        return names.size() + (config.health() == null ? 0 : pool.endpoints().size());
    }

    /**
     * Waits until there are endpoints, if only names are configured and none of them was looked up yet.
     *
     * <p><b>Signals:</b> complete; a {@link GatewayException} that names the names when there are no endpoints.
     * <b>Threads:</b> answers on {@code loop}.
     */
    Mono<Void> known(EventLoop loop) {
        if (!pool.endpoints().isEmpty()) {
            return Mono.empty();
        }
        return answered.asMono()
                .publishOn(Schedulers.fromExecutorService(loop))
                .timeout(
                        LoopDelay.of(loop, config.connectTimeout().toNanos()),
                        Mono.error(() -> new GatewayException(
                                Failure.UPSTREAM_TIMEOUT, names + " not looked up within connectTimeout")))
                .then(Mono.defer(() -> pool.endpoints().isEmpty()
                        ? Mono.error(
                                new GatewayException(Failure.UPSTREAM_FAILED, String.join("; ", failures.values())))
                        : Mono.empty()));
    }

    private void watch(EndpointConfig name, DnsNameResolver asked) {
        NameWatch watch = new NameWatch(
                name.uri().getHost(),
                asked,
                config.dns().interval(),
                home,
                addresses -> changed(name, addresses),
                failure -> failed(name, failure));
        watches.add(watch);
        watch.start();
    }

    private void failed(EndpointConfig name, String failure) {
        failures.put(name, name.uri() + ": " + failure);
        if (failures.size() == names.size()) {
            answered.tryEmitEmpty();
        }
    }

    private void changed(EndpointConfig name, Set<InetAddress> addresses) {
        if (stopped) {
            return;
        }
        failures.remove(name);
        List<Endpoint> now = new ArrayList<>();
        List<Endpoint> back = new ArrayList<>();
        List<Endpoint> gone = new ArrayList<>();
        Set<InetAddress> added = new LinkedHashSet<>(addresses);
        for (Endpoint endpoint : pool.endpoints()) {
            InetAddress address = endpoint.address();
            if (!endpoint.isOf(name) || address == null) {
                now.add(endpoint);
            } else if (added.remove(address)) {
                now.add(endpoint);
                if (endpoint.isVanished()) {
                    back.add(endpoint);
                }
            } else if (endpoint.connections() > 0) {
                now.add(endpoint);
                if (!endpoint.isVanished()) {
                    gone.add(endpoint);
                }
            } else {
                // Whoever is about to dial it has it for a short while only.
                endpoint.vanished(true);
                endpoint.stop();
            }
        }
        for (InetAddress address : added) {
            Endpoint endpoint = endpoint(name, address);
            endpoint.vanished(true);
            endpoint.start();
            now.add(endpoint);
            back.add(endpoint);
        }
        pool.endpoints(now);
        // Only now, as what they set off looks at the pool.
        back.forEach(endpoint -> endpoint.vanished(false));
        for (Endpoint endpoint : gone) {
            endpoint.vanished(true);
            onVanished.accept(endpoint);
            // Its last connection may have ended before it was known to have vanished.
            forgetIfEmpty(endpoint);
        }
        answered.tryEmitEmpty();
    }

    /** An endpoint that DNS has no more may have lost its last connection. On the upstream's event loop. */
    void forgetIfEmpty(Endpoint endpoint) {
        if (stopped || !endpoint.isVanished() || endpoint.connections() > 0) {
            return;
        }
        List<Endpoint> now = new ArrayList<>(pool.endpoints());
        if (now.remove(endpoint)) {
            endpoint.stop();
            pool.endpoints(now);
        }
    }

    private Endpoint endpoint(EndpointConfig endpoint, @Nullable InetAddress address) {
        return new Endpoint(upstream, endpoint, address, config, loops, home, listener);
    }
}
