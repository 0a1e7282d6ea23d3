package io.tidegate.server.session;

import io.netty.buffer.ByteBuf;
import io.tidegate.dedup.Dedup;
import io.tidegate.dedup.DedupGate;
import io.tidegate.dedup.DedupKey;
import io.tidegate.dedup.DedupWindow;
import io.tidegate.dedup.KeyHash;
import io.tidegate.frame.Granularity;
import io.tidegate.json.JsonPointer;
import io.tidegate.json.ScanLimits;
import io.tidegate.queue.BoundedQueue;
import io.tidegate.queue.ByteBudget;
import io.tidegate.queue.Departure;
import io.tidegate.queue.Ledger;
import io.tidegate.queue.MessageQueue;
import io.tidegate.server.config.RouteConfig;
import io.tidegate.server.config.continuity.Confirm;
import io.tidegate.server.config.continuity.Continuity;
import io.tidegate.server.config.continuity.RouteDedupConfig;
import io.tidegate.server.traffic.LoopTraffic;
import io.tidegate.time.Ticker;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What the sessions of one route promise, and what they share: the route's configuration, its byte budget within that of the
 * process, and its window of known messages if it has one.
 *
 * <p><b>Threads:</b> any.
 */
public final class Terms {

    private final RouteConfig config;
    private final ByteBudget budget;
    private final @Nullable Dedup<ByteBuf> dedup;

    /** @param process the budget of all queues */
    public Terms(RouteConfig config, ByteBudget process) {
        this.config = config;
        long bytes = config.queue().routeBytes();
        this.budget = bytes == 0 ? process : new ByteBudget(bytes, process);
        RouteDedupConfig known = config.dedup();
        this.dedup = known == null ? null : dedup(known);
        if (config.requests() != null) {
            KeyHash.drawSeed();
        }
    }

    private static Dedup<ByteBuf> dedup(RouteDedupConfig config) {
        JsonPointer pointer = config.pointer();
        DedupKey key = pointer == null ? DedupKey.content() : DedupKey.pointer(pointer, ScanLimits.DEFAULTS);
        Dedup<ByteBuf> dedup = Dedup.of(config.window(), key);
        return config.scope() == RouteDedupConfig.Scope.ROUTE
                ? dedup.within(DedupWindow.shared(config.window(), Ticker.system()))
                : dedup;
    }

    /** What the route's owner wrote. */
    public RouteConfig config() {
        return config;
    }

    /** How frames are cut on both legs: whole messages wherever one may have to be kept, dropped or looked into. */
    public Granularity granularity() {
        return reconnects() || inspects() ? Granularity.MESSAGES : Granularity.FRAMES;
    }

    /** Whether the gateway looks into payloads, so that compressed messages have to stand alone. */
    public boolean standalone() {
        return granularity() == Granularity.MESSAGES;
    }

    boolean reconnects() {
        return config.continuity().mode() == Continuity.RECONNECT;
    }

    boolean confirms() {
        return config.continuity().confirm() == Confirm.PING;
    }

    /** Whether a feature wants to see payloads. */
    boolean inspects() {
        return config.dedup() != null
                || config.requests() != null
                || (config.prologue() != null && config.prologue().at() != null);
    }

    /** For one session; {@code null} where nothing is looked for. */
    @Nullable
    DedupGate<ByteBuf> newGate(LoopTraffic traffic) {
        return dedup == null ? null : dedup.listener(traffic.dedup()).gate();
    }

    ByteBudget budget() {
        return budget;
    }

    /** For one session. */
    MessageQueue<ClientMessage> newQueue(
            Ledger ledger, LoopTraffic traffic, BiConsumer<ClientMessage, Departure> disposal) {
        return BoundedQueue.<ClientMessage>builder(config.queue().queue(), message -> message.wire.readableBytes())
                .budget(budget)
                .ledgers(() -> ledger)
                .listener(traffic.queue())
                .disposal(disposal)
                .build()
                .newQueue();
    }
}
