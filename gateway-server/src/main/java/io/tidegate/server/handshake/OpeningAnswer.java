package io.tidegate.server.handshake;

import io.netty.handler.codec.http.HttpHeaders;
import org.jspecify.annotations.Nullable;

/**
 * An upstream's 101, found right, and what of it goes to the client.
 *
 * @param headers its end-to-end headers
 * @param subprotocol its choice; {@code null} when it chose none
 * @param extensions its answer to the extensions offered; {@code null} for none
 */
public record OpeningAnswer(
        HttpHeaders headers,
        @Nullable String subprotocol,
        @Nullable String extensions) {}
