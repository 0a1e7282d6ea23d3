package io.tidegate.server.requests;

import static io.tidegate.server.requests.MessageKind.ACCEPT;
import static io.tidegate.server.requests.MessageKind.CANCEL;
import static io.tidegate.server.requests.MessageKind.OPEN;
import static io.tidegate.server.requests.MessageKind.REPLY;
import static io.tidegate.server.requests.MessageKind.REQUEST;
import static io.tidegate.server.requests.MessageKind.RESULT;
import static java.util.Objects.requireNonNull;

import io.tidegate.json.JsonPointer;
import io.tidegate.server.config.continuity.RequestsConfig;
import io.tidegate.server.requests.Rule.ByMethod;
import io.tidegate.server.requests.Rule.ByType;
import io.tidegate.server.requests.Rule.MessageType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A protocol of requests and replies.
 *
 * @param rule what a message is about
 * @param method where a request names its method; null if it names none
 * @param batches whether an array is a batch of messages (JSON-RPC 2.0, section 6)
 * @param error what an error reply looks like
 * @param cancel what tells an upstream that nobody waits for a reply any more; null if nothing does
 */
record Protocol(
        Rule rule,
        @Nullable JsonPointer method,
        boolean batches,
        ErrorTemplate error,
        @Nullable ErrorTemplate cancel) {

    private static final JsonPointer ID = JsonPointer.parse("/id");
    private static final JsonPointer METHOD = JsonPointer.parse("/method");

    private static final Protocol JSON_RPC = new Protocol(
            new ByMethod(ID, METHOD),
            METHOD,
            true,
            ErrorTemplate.parse(
                    "{\"jsonrpc\":\"2.0\",\"id\":{id},\"error\":{\"code\":-32000,\"message\":\"{reason}\"}}"),
            null);

    /** OCPP-J 1.6, section 4.2: CALL is 2, CALLRESULT 3, CALLERROR 4. */
    private static final Protocol OCPP_J = new Protocol(
            new ByType(
                    JsonPointer.parse("/0"),
                    JsonPointer.parse("/1"),
                    List.of(MessageType.of(2, REQUEST)),
                    List.of(MessageType.of(3, REPLY), MessageType.of(4, REPLY))),
            JsonPointer.parse("/2"),
            false,
            ErrorTemplate.parse("[4,{id},\"GenericError\",\"{reason}\",{}]"),
            null);

    private static final Protocol GRAPHQL_TRANSPORT_WS = new Protocol(
            new ByType(
                    JsonPointer.parse("/type"),
                    ID,
                    List.of(
                            MessageType.of("subscribe", REQUEST),
                            MessageType.of("complete", CANCEL),
                            MessageType.of("connection_init", OPEN)),
                    List.of(
                            MessageType.of("next", RESULT),
                            MessageType.of("complete", REPLY),
                            MessageType.of("error", REPLY),
                            MessageType.of("connection_ack", ACCEPT))),
            null,
            false,
            ErrorTemplate.parse("{\"id\":{id},\"type\":\"error\",\"payload\":[{\"message\":\"{reason}\"}]}"),
            ErrorTemplate.parse("{\"id\":{id},\"type\":\"complete\"}"));

    static Protocol of(RequestsConfig config) {
        return switch (config.preset()) {
            case JSON_RPC -> JSON_RPC;
            case OCPP_J -> OCPP_J;
            case GRAPHQL_TRANSPORT_WS -> GRAPHQL_TRANSPORT_WS;
            case CUSTOM -> custom(requireNonNull(config.id()), config.method(), config.error());
        };
    }

    private static Protocol custom(JsonPointer id, @Nullable JsonPointer method, @Nullable String error) {
        ErrorTemplate template = error == null ? ErrorTemplate.withIdAt(id) : ErrorTemplate.parse(error);
        return new Protocol(new ByMethod(id, method), method, false, template, null);
    }
}
