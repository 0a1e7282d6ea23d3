package io.tidegate.server.handshake;

import io.netty.handler.codec.http.HttpHeaders;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An upstream's 101, found right, and what of it goes to the client.
 *
 * @param headers its end-to-end headers
 * @param subprotocol its choice; {@code null} when it chose none
 * @param extensions what the client is told of its answer to the extensions offered; {@code null} for none
 */
public record OpeningAnswer(
        HttpHeaders headers,
        @Nullable String subprotocol,
        @Nullable String extensions) {

    /**
     * Whether the upstream that gave this answer can serve a client that was told {@code agreed} in its own 101: the same
     * subprotocol; and no compression on both sides, or {@linkplain Compression#STANDALONE standalone} compression on both,
     * where the upstream's window is no larger than the client was told and the client's no smaller.
     */
    public boolean fits(OpeningAnswer agreed) {
        return Objects.equals(subprotocol, agreed.subprotocol) && Extensions.fit(extensions, agreed.extensions);
    }
}
