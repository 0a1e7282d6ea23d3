package io.tidegate.server.prologue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tidegate.json.JsonPointer;
import io.tidegate.server.config.continuity.PrologueConfig;
import io.tidegate.server.config.continuity.RequestsConfig;
import io.tidegate.server.requests.MessageReader;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one client that a new upstream leg gets first, so that it knows what the lost one knew.
 *
 * <p>It is shown every message of the client once, when it is accepted, and keeps the first few, or those that a rule names. A
 * rule's message takes the place of an earlier one with the same values at {@code at} and {@code key}, and stands behind all
 * others then. One to be forgotten takes away what was kept under the same {@code key}; it must have one. Without a {@code key}
 * pointer nothing is replaced or forgotten.
 *
 * <p><b>Replies</b> to what was replayed are swallowed if the configuration says so, and always where requests are
 * tracked, as the client has had its one reply to each id. With ids, the reply is known by its id, however late it comes;
 * messages without an id expect none. Without ids, as many messages of the upstream are swallowed as were replayed.
 *
 * <p><b>Bounds:</b> 1,000 messages, and as many bytes as the caller says.
 *
 * <p><b>Threads:</b> one at a time. <b>Ownership:</b> buffers given to it stay the caller's: it keeps copies, as a slice would
 * hold on to all that was read along with it, until they are replaced, forgotten, or {@link #release()}d.
 *
 * @param <T> the caller's messages
 */
public final class Prologue<T> {

    private static final int MOST = 1_000;

    /** What graphql-transport-ws begins with. */
    private static final PrologueConfig CONNECTION_INIT =
            new PrologueConfig(0, JsonPointer.parse("/type"), Set.of("connection_init"), null, Set.of(), true);

    /** What became of a message. */
    public enum Kept {
        /** It isn't part of the prologue. */
        NO,
        /** It was kept. */
        YES,
        /** It is part of the prologue but finds no room: what would be replayed is no longer what the upstream was told. */
        FULL
    }

    private final PrologueConfig config;
    private final @Nullable SubjectReader rule;
    private final boolean identifies;
    private final boolean swallows;
    private final long maxBytes;

    private final ExpectedReplies expected;
    private final List<PrologueEntry<T>> entries = new ArrayList<>();
    private long bytes;
    private int seen;

    /**
     * @param requests how messages are matched with their replies; null if they aren't
     * @param maxBytes bytes on the wire that are kept; &gt;= 0
     */
    public Prologue(PrologueConfig config, @Nullable RequestsConfig requests, long maxBytes) {
        this.config = config;
        this.rule = config.at() == null ? null : new SubjectReader(config.at(), config.key());
        this.identifies = requests != null;
        this.swallows = config.swallowReplies() || identifies;
        this.maxBytes = maxBytes;
        this.expected = new ExpectedReplies(requests == null ? null : new MessageReader(requests));
    }

    /** The prologue of a route: its own, or the one that its protocol has; null if there is none. */
    public static <T> @Nullable Prologue<T> of(
            @Nullable PrologueConfig config, @Nullable RequestsConfig requests, long maxBytes) {
        PrologueConfig rules = config;
        if (rules == null && requests != null && requests.preset() == RequestsConfig.Preset.GRAPHQL_TRANSPORT_WS) {
            rules = CONNECTION_INIT;
        }
        return rules == null ? null : new Prologue<>(rules, requests, maxBytes);
    }

    /** Whether {@link #fromClient} needs payloads. */
    public boolean needsPayloads() {
        return rule != null || identifies;
    }

    /**
     * Looks at a message of the client that was accepted.
     *
     * @param wire all its frames, without others between them
     * @param payload its text, valid during the call; null if it has none, being binary, or none is {@linkplain #needsPayloads()
     *     needed}
     */
    public Kept fromClient(ByteBuf wire, @Nullable ByteBuf payload, T message) {
        if (seen < config.first()) {
            seen++;
            return keep(wire, payload, message, null);
        }
        String at = rule == null || payload == null ? null : rule.at(payload);
        if (rule == null || payload == null || at == null) {
            return Kept.NO;
        }
        if (config.remember().contains(at)) {
            return keep(wire, payload, message, new Subject(at, rule.key(payload)));
        }
        if (config.forget().contains(at)) {
            forget(rule.key(payload));
        }
        return Kept.NO;
    }

    private Kept keep(ByteBuf wire, @Nullable ByteBuf payload, T message, @Nullable Subject subject) {
        int replaced = config.key() == null || subject == null ? -1 : indexOf(subject);
        long freed = replaced < 0 ? 0 : size(entries.get(replaced));
        int length = wire.readableBytes();
        if ((replaced < 0 && entries.size() == MOST) || bytes - freed + length > maxBytes) {
            return Kept.FULL;
        }
        if (replaced >= 0) {
            drop(entries.remove(replaced));
        }
        entries.add(new PrologueEntry<>(Unpooled.copiedBuffer(wire), message, expected.idsOf(payload), subject));
        bytes += length;
        return Kept.YES;
    }

    private int indexOf(Subject subject) {
        for (int i = 0; i < entries.size(); i++) {
            if (subject.equals(entries.get(i).subject())) {
                return i;
            }
        }
        return -1;
    }

    private void forget(@Nullable String key) {
        if (key == null) {
            return;
        }
        for (Iterator<PrologueEntry<T>> each = entries.iterator(); each.hasNext(); ) {
            PrologueEntry<T> entry = each.next();
            Subject subject = entry.subject();
            if (subject != null && key.equals(subject.key())) {
                each.remove();
                drop(entry);
            }
        }
    }

    private void drop(PrologueEntry<T> entry) {
        bytes -= size(entry);
        entry.wire().release();
    }

    private static long size(PrologueEntry<?> entry) {
        return entry.wire().readableBytes();
    }

    /** What a new leg is to get, in this order; the entries are valid until the next {@link #fromClient}. */
    public List<PrologueEntry<T>> entries() {
        return List.copyOf(entries);
    }

    /** The entry that this message is kept in; null if there is none. */
    public @Nullable PrologueEntry<T> entryOf(T message) {
        for (PrologueEntry<T> entry : entries) {
            if (entry.message() == message) {
                return entry;
            }
        }
        return null;
    }

    /** Whether nothing is to be replayed. */
    public boolean isEmpty() {
        return entries.isEmpty();
    }

    /** Bytes kept. */
    public long bytes() {
        return bytes;
    }

    /**
     * An entry was written to a new leg: if replies are to be swallowed, its reply is. Not to be called for a request whose reply
     * the client still waits for; that it waits for the reply to {@link io.tidegate.server.requests.MessageKind#OPEN} is known
     * here, as long as {@link #swallows} sees all messages.
     */
    public void replayed(PrologueEntry<T> entry) {
        if (swallows) {
            expected.expect(entry.ids());
        }
    }

    /**
     * Whether a message of the upstream is the reply to something that was replayed, and nothing else, so that the client doesn't
     * get it. To be asked about each, once, before requests are.
     *
     * @param payload its text, valid during the call; null if it is binary
     */
    public boolean swallows(@Nullable ByteBuf payload) {
        return expected.takes(payload);
    }

    /**
     * Replies to be swallowed that haven't come yet. While there are, the upstream may not have understood the prologue: a server of
     * graphql-transport-ws closes a connection on which a {@code subscribe} comes before its {@code connection_ack}.
     */
    public int awaited() {
        return expected.count();
    }

    /** The leg is lost, and the replies that were to come on it. */
    public void legLost() {
        expected.clear();
    }

    /** Releases all that was kept. */
    public void release() {
        entries.forEach(this::drop);
        entries.clear();
        expected.clear();
    }

    @Override
    public String toString() {
        return "Prologue{messages=" + entries.size() + ", bytes=" + bytes + ", awaited=" + awaited() + '}';
    }
}
