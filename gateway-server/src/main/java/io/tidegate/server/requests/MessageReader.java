package io.tidegate.server.requests;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.tidegate.dedup.KeyHash;
import io.tidegate.json.ElementScanner;
import io.tidegate.json.JsonPointer;
import io.tidegate.json.PointerScanner;
import io.tidegate.json.ScalarType;
import io.tidegate.json.ScanLimits;
import io.tidegate.json.ScanStatus;
import io.tidegate.server.config.continuity.Replay;
import io.tidegate.server.config.continuity.RequestsConfig;
import java.math.BigDecimal;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a message is about, by the protocol of its route; a batch element by element.
 *
 * <p>It sees what {@link PointerScanner} sees: of members of one name the first counts, and what stands behind the last one
 * asked for isn't judged. Ids are strings, numbers, {@code true} or {@code false} of at most 256 bytes as they are
 * written; other messages have none. What is nested deeper than 512 containers, before the id or in it, isn't read.
 *
 * <pre>{@code
 * reader.openUpstream(payload);
 * while (reader.next()) {
 *     if (reader.kind() == MessageKind.REPLY) {
 *         answered(reader.id());
 *     }
 * }
 * }</pre>
 *
 * <p><b>Threads:</b> one at a time. <b>Ownership:</b> payloads stay the caller's, their indexes are not moved; they are let go of
 * when {@link #next()} is false. <b>State:</b> the element read last; reusable. Nothing is allocated but by {@link #id()},
 * {@link #rawId()}, and {@link #isReplayable()} where it goes by methods.
 */
public final class MessageReader {

    // No bound for the bytes, since an id may well be the last member, and limits for messages hold before.
    private static final ScanLimits LIMITS = new ScanLimits(512, Integer.MAX_VALUE, 256);

    /** Powers of ten up to which numbers are compared by value. */
    private static final int LONGEST_EXPONENT = 256;

    private final Protocol protocol;
    private final Replay replay;
    private final PointerScanner scanner = new PointerScanner(LIMITS);
    private final ElementScanner elements = new ElementScanner(LIMITS);
    private final KeyHash hash = new KeyHash();

    private final byte[] seen = new byte[scanner.maxKeyBytes()];
    private int seenLength;
    private final byte[] id = new byte[scanner.maxKeyBytes()];
    private int idLength;
    private int rawFrom;
    private int rawTo;

    private ByteBuf payload = Unpooled.EMPTY_BUFFER;
    private boolean ofClient;
    private boolean batch;
    private int left;
    private int from;
    private int to;
    private MessageKind kind = MessageKind.OTHER;

    public MessageReader(RequestsConfig config) {
        this.protocol = Protocol.of(config);
        this.replay = config.replay();
    }

    /** Begins with a message of the client. */
    public void openClient(ByteBuf message) {
        open(message, true);
    }

    /** Begins with a message of the upstream. */
    public void openUpstream(ByteBuf message) {
        open(message, false);
    }

    private void open(ByteBuf message, boolean client) {
        payload = message;
        ofClient = client;
        from = message.readerIndex();
        to = message.writerIndex();
        batch = protocol.batches() && elements.open(message, from, to);
        left = 1;
        if (batch) {
            // A batch that is broken at its end is none: nobody can read it.
            left = count();
            elements.open(message, from, to);
        }
    }

    private int count() {
        int count = 0;
        ScanStatus status = elements.next();
        while (status == ScanStatus.FOUND) {
            count++;
            status = elements.next();
        }
        return status == ScanStatus.MISSING ? count : 0;
    }

    /** Reads the message, or the next element of the batch; false when there is none left. */
    public boolean next() {
        if (left == 0) {
            payload = Unpooled.EMPTY_BUFFER;
            elements.close();
            return false;
        }
        left--;
        if (batch) {
            elements.next();
            from = elements.from();
            to = elements.to();
        }
        Rule rule = protocol.rule();
        kind = ofClient ? rule.ofClient(this) : rule.ofUpstream(this);
        return true;
    }

    /** Messages that are still to be read; behind {@code open}, all of them, none if it is a batch that can't be read. */
    int left() {
        return left;
    }

    /** Whether the message is a batch. */
    public boolean isBatch() {
        return batch;
    }

    /** What the message read last is about. */
    public MessageKind kind() {
        return kind;
    }

    /** Its id; only if its kind isn't {@link MessageKind#OTHER}. */
    public RequestId id() {
        if (kind == MessageKind.OPEN || kind == MessageKind.ACCEPT) {
            return RequestId.CONNECTION;
        }
        byte[] key = id;
        int length = idLength;
        if (key[0] == ScalarType.NUMBER.tag() && isUnusual()) {
            key = canonical();
            length = key.length;
        }
        hash.of(key, 0, length);
        return new RequestId(hash.high(), hash.low());
    }

    /** Its id as it is written, a string with its quotes; only if it has one. */
    byte[] rawId() {
        byte[] raw = new byte[rawTo - rawFrom];
        payload.getBytes(rawFrom, raw);
        return raw;
    }

    /** Whether the policy of the route lets it be sent again on the next leg. */
    boolean isReplayable() {
        if (replay.kind() != Replay.Kind.METHODS) {
            return replay.kind() == Replay.Kind.ALL;
        }
        JsonPointer method = protocol.method();
        boolean named = method != null && look(method) == ScanStatus.FOUND;
        return replay.takes(named ? new String(seen, 1, seenLength - 1, UTF_8) : "");
    }

    /** The error reply to some requests, in UTF-8. */
    byte[] error(Iterable<byte[]> rawIds, boolean inBatch, FailReason reason) {
        return protocol.error().write(rawIds, inBatch, reason);
    }

    /** What tells the upstream that nobody waits for replies to some requests any more, in UTF-8; null if nothing does. */
    byte @Nullable [] cancel(Iterable<byte[]> rawIds, FailReason reason) {
        ErrorTemplate template = protocol.cancel();
        return template == null ? null : template.write(rawIds, false, reason);
    }

    /** For rules: what stands there; found, it can be {@linkplain #saw compared}. */
    ScanStatus look(JsonPointer pointer) {
        ScanStatus status = scanner.scan(pointer, payload, from, to);
        seenLength = status == ScanStatus.FOUND ? scanner.key(payload, seen) : 0;
        return status;
    }

    /** For rules: whether that is what was found last. */
    boolean saw(byte[] value) {
        return Arrays.equals(seen, 0, seenLength, value, 0, value.length);
    }

    /** For rules: finds the id. */
    boolean findsId(JsonPointer pointer) {
        if (scanner.scan(pointer, payload, from, to) != ScanStatus.FOUND) {
            return false;
        }
        idLength = scanner.key(payload, id);
        rawFrom = scanner.from();
        rawTo = scanner.to();
        return true;
    }

    /** Whether the number could be written in another way that is more usual; a peer's JSON library might do that. */
    private boolean isUnusual() {
        for (int i = 1; i < idLength; i++) {
            byte b = id[i];
            if (b == '.' || b == 'e' || b == 'E') {
                return true;
            }
        }
        return idLength == 3 && id[1] == '-' && id[2] == '0';
    }

    /** The number without an exponent and zeros at its end; as it is written, if that would be very long. */
    private byte[] canonical() {
        String text = new String(id, 1, idLength - 1, US_ASCII);
        try {
            BigDecimal number = new BigDecimal(text);
            if (number.scale() >= -LONGEST_EXPONENT && number.scale() <= LONGEST_EXPONENT) {
                text = number.stripTrailingZeros().toPlainString();
            }
        } catch (NumberFormatException beyond) {
            // Its exponent is.
        }
        return ((char) ScalarType.NUMBER.tag() + text).getBytes(US_ASCII);
    }
}
