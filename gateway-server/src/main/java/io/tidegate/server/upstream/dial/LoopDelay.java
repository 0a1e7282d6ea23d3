package io.tidegate.server.upstream.dial;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import reactor.core.publisher.Mono;

/** Time that passes on an event loop. */
public final class LoopDelay {

    private LoopDelay() {}

    /**
     * Completes, on the loop, a while after it is subscribed to.
     *
     * @param nanos how long after
     */
    public static Mono<Void> of(EventLoop loop, long nanos) {
        return Mono.create(sink -> {
            ScheduledFuture<?> timer = loop.schedule(() -> sink.success(), nanos, TimeUnit.NANOSECONDS);
            sink.onDispose(() -> timer.cancel(false));
        });
    }
}
