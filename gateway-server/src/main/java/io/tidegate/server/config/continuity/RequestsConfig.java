package io.tidegate.server.config.continuity;

import io.tidegate.json.JsonPointer;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Which messages are requests, and what happens to those without a reply.
 *
 * @param preset the protocol, or {@link Preset#CUSTOM}
 * @param id where a custom protocol's messages have their id; null with a protocol
 * @param method where a custom protocol's requests name their method; null with a protocol, or when there is none
 * @param replay which requests go to the next upstream leg when theirs was lost
 * @param error a custom protocol's error reply, with {@code {id}} and {@code {reason}} to be filled in; null for the
 *     default form, or with a protocol
 * @param timeout how long a request may take; 1 ms to 24 h
 */
public record RequestsConfig(
        Preset preset,
        @Nullable JsonPointer id,
        @Nullable JsonPointer method,
        Replay replay,
        @Nullable String error,
        Duration timeout) {

    /** The protocols that are known. */
    public enum Preset {
        /** JSON-RPC 2.0. */
        JSON_RPC,
        /** The JSON form of the Open Charge Point Protocol. */
        OCPP_J,
        /** GraphQL over WebSocket, subprotocol {@code graphql-transport-ws}. */
        GRAPHQL_TRANSPORT_WS,
        /** One described by pointers. */
        CUSTOM;

        /** As written in the configuration: {@code json-rpc}. */
        public String text() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        /** Whether it names the method of a request, where {@link #CUSTOM} is told where by a pointer. */
        boolean namesMethods() {
            return this == JSON_RPC || this == OCPP_J;
        }
    }
}
