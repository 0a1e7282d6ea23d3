package io.tidegate.server.prologue;

import io.netty.buffer.ByteBuf;
import io.tidegate.server.requests.MessageKind;
import io.tidegate.server.requests.MessageReader;
import io.tidegate.server.requests.RequestId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The replies to replayed messages that are still to come: known by id where the protocol has ids, else only counted. */
final class ExpectedReplies {

    private final @Nullable MessageReader reader;

    /** How many replies are expected under an id. */
    private final Map<RequestId, Integer> byId = new HashMap<>();

    private int count;

    /** Whether the client has opened the conversation and waits for that to be accepted. */
    private boolean opening;

    /** @param reader null if messages have no ids */
    ExpectedReplies(@Nullable MessageReader reader) {
        this.reader = reader;
    }

    /** The ids under which a message of the client will get replies; none if they are only counted. */
    List<RequestId> idsOf(@Nullable ByteBuf payload) {
        if (reader == null || payload == null) {
            return List.of();
        }
        List<RequestId> ids = new ArrayList<>(1);
        reader.openClient(payload);
        while (reader.next()) {
            opening |= reader.kind() == MessageKind.OPEN;
            if (reader.kind() == MessageKind.REQUEST || reader.kind() == MessageKind.OPEN) {
                ids.add(reader.id());
            }
        }
        return List.copyOf(ids);
    }

    /** Expects the replies to a message with these ids, but for the one that the client itself still waits for. */
    void expect(List<RequestId> ids) {
        if (reader == null) {
            count++;
            return;
        }
        for (RequestId id : ids) {
            if (opening && id.equals(RequestId.CONNECTION)) {
                continue;
            }
            byId.merge(id, 1, Integer::sum);
            count++;
        }
    }

    /** Takes a message of the upstream for what is expected, if it is nothing else. */
    boolean takes(@Nullable ByteBuf payload) {
        if (count == 0 && !opening) {
            return false;
        }
        if (reader == null) {
            count--;
            return true;
        }
        return payload != null && takesById(reader, payload);
    }

    private boolean takesById(MessageReader messages, ByteBuf payload) {
        int expected = 0;
        int others = 0;
        messages.openUpstream(payload);
        while (messages.next()) {
            if (isExpected(messages)) {
                expected++;
            } else {
                others++;
            }
        }
        return expected > 0 && others == 0;
    }

    private boolean isExpected(MessageReader messages) {
        MessageKind kind = messages.kind();
        if (kind == MessageKind.RESULT) {
            return byId.containsKey(messages.id());
        }
        if (kind != MessageKind.REPLY && kind != MessageKind.ACCEPT) {
            return false;
        }
        RequestId id = messages.id();
        if (!byId.containsKey(id)) {
            opening &= kind != MessageKind.ACCEPT;
            return false;
        }
        byId.computeIfPresent(id, (same, replies) -> replies == 1 ? null : replies - 1);
        count--;
        return true;
    }

    /** Replies that are still to come. */
    int count() {
        return count;
    }

    void clear() {
        byId.clear();
        count = 0;
    }
}
