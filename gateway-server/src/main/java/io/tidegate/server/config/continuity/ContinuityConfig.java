package io.tidegate.server.config.continuity;

import io.tidegate.frame.CloseStatus;
import io.tidegate.server.config.key.Findings;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What happens to a session when its upstream leg is lost.
 *
 * @param mode whether the client is told, or stays
 * @param reconnectFor how long a new upstream leg is dialled for before the client is told; 1 ms to 24 h
 * @param upstreamLostCode the status of the client's Close when there is no upstream leg any more and the upstream gave no
 *     other; {@linkplain CloseStatus#isSendable sendable}
 * @param lostCodes the statuses in an upstream's Close that mean that only its leg is lost; all others are final and pass
 *     to the client; sendable, at least one, in ascending order
 * @param confirm how it is known that an upstream has read a message
 * @param onReplaced the text message that a client gets when its upstream leg was replaced; null for none
 */
public record ContinuityConfig(
        Continuity mode,
        Duration reconnectFor,
        int upstreamLostCode,
        Set<Integer> lostCodes,
        Confirm confirm,
        @Nullable String onReplaced) {

    /** {@code continuity: close}, and the default of everything else. */
    public static final ContinuityConfig DEFAULTS = new ContinuityConfig(
            Continuity.CLOSE,
            Duration.ofMinutes(5),
            CloseStatus.BAD_GATEWAY,
            Set.of(1001, 1012, 1013, 1014),
            Confirm.NONE,
            null);

    public ContinuityConfig {
        ContinuityKeys.RECONNECT_FOR.check(reconnectFor);
        ContinuityKeys.UPSTREAM_LOST_CODE.check(upstreamLostCode);
        lostCodes = Collections.unmodifiableSet(new TreeSet<>(lostCodes));
        ContinuityKeys.LOST_CODES.check(List.copyOf(lostCodes));
        new Findings()
                .require(onReplaced == null || !onReplaced.isEmpty(), "onReplaced", "\"\"", "a text that is not empty")
                .require(
                        mode == Continuity.RECONNECT || confirm == Confirm.NONE,
                        "confirm",
                        confirm.text(),
                        ContinuityKeys.ONLY_RECONNECT)
                .require(
                        mode == Continuity.RECONNECT || onReplaced == null,
                        "onReplaced",
                        onReplaced,
                        ContinuityKeys.ONLY_RECONNECT)
                .raise();
    }
}
