package io.tidegate.server.session;

import io.tidegate.frame.CloseStatus;
import io.tidegate.server.leg.Leg;
import org.jspecify.annotations.Nullable;

/**
 * How a session ended, as its client saw it.
 *
 * @param initiator who said so first: {@code client}, {@code upstream} or {@code gateway}
 * @param code the code of the Close frame; {@link #VANISHED} when the client went without one
 * @param why for people
 */
record Ending(String initiator, int code, Object why) {

    /** What RFC 6455, section 7.1.5, calls it when there was no Close frame. */
    static final int VANISHED = 1006;

    /** At the moment when the end is settled. */
    static Ending of(Leg client, @Nullable Leg upstream, Object why) {
        if (why instanceof CloseStatus status) {
            return new Ending("gateway", status.code(), why);
        }
        CloseStatus asked = client.receivedClose();
        if (asked != null) {
            return new Ending("client", asked.code(), why);
        }
        CloseStatus ended = upstream == null ? null : upstream.receivedClose();
        if (ended != null) {
            return new Ending("upstream", ended.code(), why);
        }
        CloseStatus told = client.sentClose();
        if (told != null) {
            return new Ending("gateway", told.code(), why);
        }
        return new Ending("client", VANISHED, why);
    }
}
