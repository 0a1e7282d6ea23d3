package io.tidegate.server.config;

import io.tidegate.server.config.continuity.Continuity;
import io.tidegate.server.config.continuity.ContinuityConfig;
import io.tidegate.server.config.continuity.ContinuityKeys;
import io.tidegate.server.config.continuity.PingConfig;
import io.tidegate.server.config.continuity.PrologueConfig;
import io.tidegate.server.config.continuity.RequestsConfig;
import io.tidegate.server.config.continuity.RouteDedupConfig;
import io.tidegate.server.config.continuity.RouteQueueConfig;
import io.tidegate.server.config.key.Findings;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * From a host and a path prefix to an upstream.
 *
 * @param path a path prefix that starts with {@code /}; whole segments match
 * @param host an exact host name, {@code *.example.com}, or {@code *}; kept in lower case
 * @param upstream the name of the upstream
 * @param continuity what happens when the upstream leg is lost
 * @param queue where client messages wait while no upstream leg is up
 * @param dedup which client messages are dropped because they came before; null for none
 * @param requests which messages are requests, to be answered once; null when none are tracked
 * @param prologue which client messages a new upstream leg gets first; null for none
 * @param ping how an upstream leg that went silent is found out
 * @param limits what either side may send
 */
public record RouteConfig(
        String path,
        String host,
        String upstream,
        ContinuityConfig continuity,
        RouteQueueConfig queue,
        @Nullable RouteDedupConfig dedup,
        @Nullable RequestsConfig requests,
        @Nullable PrologueConfig prologue,
        PingConfig ping,
        LimitsConfig limits) {

    public RouteConfig {
        ConfigKeys.ROUTE_PATH.check(path);
        host = ConfigKeys.ROUTE_HOST.check(host.toLowerCase(Locale.ROOT));
        ConfigKeys.ROUTE_UPSTREAM.check(upstream);
        ConfigKeys.LIMITS.check(limits);
        Findings findings = new Findings();
        boolean keeps = continuity.mode() == Continuity.RECONNECT;
        findings.require(keeps || prologue == null, "prologue", prologue, ContinuityKeys.ONLY_RECONNECT);
        judge(keeps, dedup != null, requests != null, limits, findings);
        findings.raise();
    }

    /** Whether both legs hand out whole messages: on all routes but those that close and look into nothing. */
    public boolean keepsWholeMessages() {
        return continuity.mode() == Continuity.RECONNECT || dedup != null || requests != null;
    }

    /** A begun message is kept, so that there must be a limit. */
    static void judge(boolean reconnect, boolean dedup, boolean requests, LimitsConfig limits, Findings findings) {
        if (limits.message() == 0 && (reconnect || dedup || requests)) {
            String why = reconnect ? "continuity is reconnect" : dedup ? "dedup is set" : "requests is set";
            findings.require(false, "limits.message", limits.message(), "a size > 0 where " + why);
        }
    }
}
