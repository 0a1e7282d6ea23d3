package io.tidegate.server.upstream.dns;

import io.netty.channel.EventLoop;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ScheduledFuture;
import io.tidegate.server.log.Printable;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks a name up again and again.
 *
 * <p>A look-up that fails changes nothing; it is warned of once, until one succeeds.
 *
 * <p><b>Threads:</b> one event loop.
 */
public final class NameWatch {

    private static final Logger log = LoggerFactory.getLogger(NameWatch.class);

    private final String name;
    private final DnsNameResolver resolver;
    private final Duration interval;
    private final EventLoop home;
    private final Consumer<Set<InetAddress>> onChange;
    private final Consumer<String> onFailure;

    private final AddressBook book = new AddressBook();
    private @Nullable ScheduledFuture<?> next;
    private boolean isWarned;
    private boolean stopped;

    /**
     * @param onChange gets all addresses when one has come or gone
     * @param onFailure hears of each look-up that failed, and why
     */
    public NameWatch(
            String name,
            DnsNameResolver resolver,
            Duration interval,
            EventLoop home,
            Consumer<Set<InetAddress>> onChange,
            Consumer<String> onFailure) {
        this.name = name;
        this.resolver = resolver;
        this.interval = interval;
        this.home = home;
        this.onChange = onChange;
        this.onFailure = onFailure;
    }

    /** Looks up now, and then at intervals. */
    public void start() {
        if (!stopped) {
            resolver.resolveAll(name).addListener((Future<List<InetAddress>> answer) -> answered(answer));
        }
    }

    /** Looks up no more. */
    public void stop() {
        stopped = true;
        if (next != null) {
            next.cancel(false);
        }
    }

    private void answered(Future<List<InetAddress>> answer) {
        if (stopped) {
            return;
        }
        if (answer.isSuccess()) {
            isWarned = false;
            if (book.changedBy(answer.getNow())) {
                log.atInfo()
                        .addKeyValue("host", name)
                        .addKeyValue("addresses", book.addresses())
                        .log("{} has the addresses {}", name, book.addresses());
                tell();
            }
        } else {
            failed(answer.cause());
        }
        next = home.schedule(this::start, interval.toNanos(), TimeUnit.NANOSECONDS);
    }

    private void tell() {
        try {
            onChange.accept(book.addresses());
        } catch (RuntimeException e) {
            log.error("the addresses of {} could not be put to use", name, e);
        }
    }

    private void failed(Throwable cause) {
        String what = name + " can't be looked up: "
                + String.valueOf(cause.getMessage()).strip();
        if (!isWarned) {
            isWarned = true;
            log.atWarn()
                    .addKeyValue("host", name)
                    .addKeyValue("addresses", book.addresses())
                    .addKeyValue("reason", Printable.of(cause.getMessage()))
                    .log("{}; it keeps the addresses {}", Printable.of(what), book.addresses());
        }
        onFailure.accept(what);
    }
}
