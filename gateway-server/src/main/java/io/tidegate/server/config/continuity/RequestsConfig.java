package io.tidegate.server.config.continuity;

import io.tidegate.json.JsonPointer;
import io.tidegate.server.config.key.Findings;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Pattern;
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

    public RequestsConfig {
        MessageKeys.TIMEOUT.check(timeout);
        boolean custom = preset == Preset.CUSTOM;
        boolean byMethod = replay.kind() == Replay.Kind.METHODS;
        new Findings()
                .require(!custom || id != null, "id", id, "a JSON Pointer, or else a protocol")
                .require(custom || id == null, "id", id, "only without protocol")
                .require(custom || method == null, "method", method, "only without protocol")
                .require(custom || error == null, "error", error, "only without protocol")
                .require(
                        id == null || method == null || !id.equals(method),
                        "method",
                        method,
                        "another place than the id's")
                .require(
                        !byMethod || custom || preset.namesMethods(),
                        "replay",
                        replay,
                        "all or none with " + preset.text())
                .require(
                        !byMethod || !custom || method != null, "replay", replay, "all or none where method is not set")
                .require(
                        id == null || error != null || isMemberName(id),
                        "error",
                        error,
                        "a template, because " + id + " is not the name of a member of the message itself")
                .require(error == null || error.contains("{id}"), "error", error, "a text with {id} in it")
                .raise();
    }

    /** Whether a pointer has one token, which can't be an index: then the form of an error reply can be guessed. */
    private static boolean isMemberName(JsonPointer pointer) {
        return MEMBER_NAME.matcher(pointer.toString()).matches();
    }

    private static final Pattern MEMBER_NAME = Pattern.compile("/(?![0-9]+$)[^/]*");

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
