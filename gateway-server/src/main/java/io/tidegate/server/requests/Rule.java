package io.tidegate.server.requests;

import io.tidegate.json.JsonPointer;
import io.tidegate.json.ScanStatus;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Tells what a message of a protocol is about. */
sealed interface Rule {

    /** Judges a message of the client. */
    MessageKind ofClient(MessageReader message);

    /** Judges a message of the upstream. */
    MessageKind ofUpstream(MessageReader message);

    /**
     * A request names a method, a reply has the id only.
     *
     * @param method null if requests name none: then whatever has an id is one
     */
    record ByMethod(JsonPointer id, @Nullable JsonPointer method) implements Rule {

        @Override
        public MessageKind ofClient(MessageReader message) {
            return message.findsId(id) && (method == null || isSomething(message.look(method)))
                    ? MessageKind.REQUEST
                    : MessageKind.OTHER;
        }

        @Override
        public MessageKind ofUpstream(MessageReader message) {
            return message.findsId(id) && (method == null || isNothing(message.look(method)))
                    ? MessageKind.REPLY
                    : MessageKind.OTHER;
        }

        private static boolean isSomething(ScanStatus status) {
            return status == ScanStatus.FOUND || status == ScanStatus.TOO_LONG;
        }

        private static boolean isNothing(ScanStatus status) {
            return status == ScanStatus.MISSING || status == ScanStatus.NULL;
        }
    }

    /**
     * Each message says at one place what it is.
     *
     * @param client what the client's types of messages are about
     * @param upstream what the upstream's are about
     */
    record ByType(JsonPointer type, JsonPointer id, List<MessageType> client, List<MessageType> upstream)
            implements Rule {

        @Override
        public MessageKind ofClient(MessageReader message) {
            return judge(message, client);
        }

        @Override
        public MessageKind ofUpstream(MessageReader message) {
            return judge(message, upstream);
        }

        private MessageKind judge(MessageReader message, List<MessageType> types) {
            if (message.look(type) != ScanStatus.FOUND) {
                return MessageKind.OTHER;
            }
            // By index, as an iterator would be an object for each message.
            for (int i = 0; i < types.size(); i++) {
                MessageType candidate = types.get(i);
                if (message.saw(candidate.value)) {
                    MessageKind kind = candidate.kind;
                    boolean whole = kind == MessageKind.OPEN || kind == MessageKind.ACCEPT || message.findsId(id);
                    return whole ? kind : MessageKind.OTHER;
                }
            }
            return MessageKind.OTHER;
        }
    }

    /** One type of message. */
    final class MessageType {

        /** The scalar that stands for it, as the scanner's key. */
        private final byte[] value;

        private final MessageKind kind;

        private MessageType(String value, MessageKind kind) {
            this.value = value.getBytes(StandardCharsets.UTF_8);
            this.kind = kind;
        }

        static MessageType of(String text, MessageKind kind) {
            return new MessageType('s' + text, kind);
        }

        static MessageType of(int number, MessageKind kind) {
            return new MessageType("n" + number, kind);
        }
    }
}
