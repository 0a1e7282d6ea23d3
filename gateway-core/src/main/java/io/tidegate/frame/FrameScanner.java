package io.tidegate.frame;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Finds the frames in a stream of bytes by their headers alone, in place, and enforces the rules of RFC 6455, section 5,
 * that headers can break: masking, reserved opcodes and bits, length and fragmentation of control frames, order of
 * continuation frames, minimal length encoding; besides, the {@link FrameLimits}.
 *
 * <p>The stream may be cut anywhere. A header, and a control frame as a whole (at most 131 bytes), must lie in one
 * buffer, so {@link #scan} leaves bytes of an incomplete one unread, to be presented again in front of those that follow.
 * The payload of data frames is stepped over wherever it is cut. Payload is read for Close frames only.
 *
 * <p>After a Close frame or a violation nothing more is scanned.
 *
 * <p><b>Threads:</b> one at a time. <b>State:</b> one instance per connection and direction; no allocation per frame.
 */
public final class FrameScanner {

    /** Instead of an index: there is none. */
    static final int NONE = -1;

    private static final int CONTINUATION = 0x0;
    private static final int BINARY = 0x2;
    private static final int CLOSE = 0x8;
    private static final int PONG = 0xA;

    private static final int FIN = 0x80;
    private static final int RSV1 = 0x40;
    private static final int RSV2_AND_3 = 0x30;
    private static final int CONTROL = 0x08;
    private static final int MASKED = 0x80;

    private final boolean masked;
    private final boolean compressed;
    private final FrameLimits limits;
    private final MessageSizes sizes;

    /** Payload bytes of the data frame at hand that have not passed yet. */
    private long remaining;
    /** Header and payload of the data frame at hand, in bytes; 0 between frames. */
    private long frameLength;

    private long framePayload;
    private boolean frameIsFinal;
    private boolean messageOpen;
    private long messageBytes;
    /** Frames of the message at hand that ended. */
    private int messageFrames;
    /** The size of the last messages that nobody was told of yet, and how many of it there are. */
    private long sizeInRow;

    private int messagesInRow;

    private int boundary;
    private int messageBoundary;
    private int injected;
    private int frames;
    private int messages;
    private int controls;
    private long payloadBytes;
    private int closeLength;
    private @Nullable CloseStatus close;
    private @Nullable ProtocolViolation violation;

    /**
     * @param sender who sends the stream
     * @param limits what is let through
     * @param compressed whether permessage-deflate was negotiated, so that the first frame of a message may have RSV1
     *     (RFC 7692, section 6)
     */
    public FrameScanner(Sender sender, FrameLimits limits, boolean compressed) {
        this(sender, limits, compressed, MessageSizes.NONE);
    }

    /**
     * As the other one.
     *
     * @param sizes told of each message that ended, before {@link #scan} returns
     */
    public FrameScanner(Sender sender, FrameLimits limits, boolean compressed, MessageSizes sizes) {
        this.masked = sender == Sender.CLIENT;
        this.limits = limits;
        this.compressed = compressed;
        this.sizes = sizes;
    }

    /**
     * Scans {@code in} from {@code from} to {@code to}, both indexes of the buffer; its reader index is neither used nor
     * moved.
     *
     * @return the index up to which bytes were scanned; those after it are to be presented again with what follows
     */
    public int scan(ByteBuf in, int from, int to) {
        int scanned = scan(in, from, to, false);
        tellSizes();
        return scanned;
    }

    /** As {@link #scan}, but stops behind a control frame between the fragments of a message; see {@link #injected()}. */
    int scanToInjected(ByteBuf in, int from, int to) {
        int scanned = scan(in, from, to, true);
        tellSizes();
        return scanned;
    }

    private int scan(ByteBuf in, int from, int to, boolean stops) {
        int at = from;
        boundary = from;
        messageBoundary = from;
        injected = NONE;
        while (close == null && violation == null) {
            if (remaining > 0) {
                int step = (int) Math.min(remaining, to - at);
                at += step;
                remaining -= step;
                if (remaining > 0) {
                    return at;
                }
            }
            if (frameLength > 0) {
                endDataFrame();
                boundary = at;
                if (!messageOpen) {
                    messageBoundary = at;
                }
            }
            int next = header(in, at, to);
            if (next == at) {
                return at;
            }
            if (frameLength == 0) {
                boundary = next;
                if (!messageOpen) {
                    messageBoundary = next;
                } else if (stops) {
                    injected = at;
                    return next;
                }
            }
            at = next;
        }
        return at;
    }

    /** The index behind the last whole frame that the last {@link #scan} saw the end of; its {@code from} if none. */
    public int boundary() {
        return boundary;
    }

    /** The index behind the last message, or control frame between messages, that the last scan saw the end of. */
    int messageBoundary() {
        return messageBoundary;
    }

    /** Index of the control frame that made {@link #scanToInjected} stop behind it; {@link #NONE} if none did. */
    int injected() {
        return injected;
    }

    /** Length in bytes, header included, of the data frame that is not over yet; 0 when there is none. */
    public long openFrameLength() {
        return frameLength;
    }

    /** Frames that ended since the last {@link #resetCounts()}, control frames included. */
    public int frames() {
        return frames;
    }

    /** Messages that ended since the last {@link #resetCounts()}. */
    public int messages() {
        return messages;
    }

    /** Payload bytes of the data frames that ended since the last {@link #resetCounts()}. */
    public long payloadBytes() {
        return payloadBytes;
    }

    /** Control frames that ended since the last {@link #resetCounts()}. */
    public int controls() {
        return controls;
    }

    /** Whether a message has begun that has not ended. */
    boolean isMessageOpen() {
        return messageOpen;
    }

    /** Of {@link #frames()}, those of a message that is not over yet. */
    int openFrames() {
        return messageFrames;
    }

    /** Of {@link #payloadBytes()}, those of a message that is not over yet. */
    long openPayloadBytes() {
        return frameLength > 0 ? messageBytes - framePayload : messageBytes;
    }

    /** Counts from zero again. */
    public void resetCounts() {
        frames = 0;
        messages = 0;
        controls = 0;
        payloadBytes = 0;
    }

    /** Counts from zero again, but for the frames of a message that is not over yet. */
    void resetCountsOfWholeMessages() {
        resetCounts();
        frames = openFrames();
        payloadBytes = openPayloadBytes();
    }

    FrameLimits limits() {
        return limits;
    }

    /** What the Close frame said, once there was one. */
    public @Nullable CloseStatus close() {
        return close;
    }

    /** Length in bytes, header included, of the Close frame, once there was one. */
    int closeLength() {
        return closeLength;
    }

    /** Nothing more is scanned, because of what somebody else has found. */
    void reject(ProtocolViolation why) {
        violation = why;
    }

    /** What broke the rules, once something did; the offending frame starts at {@link #boundary()} or later. */
    public @Nullable ProtocolViolation violation() {
        return violation;
    }

    /** Reads one header, or one whole control frame, at {@code at}; returns {@code at} itself when it isn't all there. */
    private int header(ByteBuf in, int at, int to) {
        int available = to - at;
        if (available < 2) {
            return at;
        }
        int b0 = in.getByte(at);
        int b1 = in.getByte(at + 1);
        if (breaksRules(b0, b1)) {
            return at;
        }
        int headerLength = 2;
        long length = b1 & 0x7f;
        if (length == 126) {
            headerLength = 4;
            if (available < headerLength) {
                return at;
            }
            length = in.getUnsignedShort(at + 2);
            if (length < 126) {
                return violated(at, "length " + length + " in 16 bits (expected: the shortest encoding)");
            }
        } else if (length == 127) {
            headerLength = 10;
            if (available < headerLength) {
                return at;
            }
            length = in.getLong(at + 2);
            if (length < 0) {
                return violated(at, "length with its highest bit set (expected: < 2^63)");
            }
            if (length < 65_536) {
                return violated(at, "length " + length + " in 64 bits (expected: the shortest encoding)");
            }
        }
        if (masked) {
            headerLength += 4;
        }
        if ((b0 & CONTROL) != 0) {
            return control(in, at, to, b0 & 0x0f, headerLength, (int) length);
        }
        if (isTooBig(length)) {
            return at;
        }
        if (available < headerLength) {
            return at;
        }
        remaining = length;
        framePayload = length;
        // The longest that can be declared is 2^63 - 1, and the header comes on top.
        frameLength = Math.max(length, headerLength + length);
        frameIsFinal = (b0 & FIN) != 0;
        messageOpen = true;
        messageBytes += length;
        return at + headerLength;
    }

    private boolean breaksRules(int b0, int b1) {
        int opcode = b0 & 0x0f;
        boolean control = (b0 & CONTROL) != 0;
        if ((b0 & RSV2_AND_3) != 0) {
            violation("reserved bit RSV2 or RSV3 set (expected: 0)");
        } else if ((b0 & RSV1) != 0 && (!compressed || control || opcode == CONTINUATION)) {
            violation(
                    compressed
                            ? "RSV1 set on a control or continuation frame (expected: 0)"
                            : "RSV1 set without a negotiated extension (expected: 0)");
        } else if ((opcode > BINARY && opcode < CLOSE) || opcode > PONG) {
            violation("reserved opcode 0x" + Integer.toHexString(opcode) + " (expected: 0-2 or 8-a)");
        } else if (((b1 & MASKED) != 0) != masked) {
            violation(
                    masked
                            ? "unmasked frame from the client (expected: masked)"
                            : "masked frame from the server (expected: unmasked)");
        } else if (control && (b0 & FIN) == 0) {
            violation("fragmented control frame (expected: FIN set)");
        } else if (control && (b1 & 0x7f) > 125) {
            violation("control frame with more than 125 bytes of payload (expected: <= 125)");
        } else if (!control && opcode == CONTINUATION && !messageOpen) {
            violation("continuation frame without a message to continue (expected: text or binary)");
        } else if (!control && opcode != CONTINUATION && messageOpen) {
            violation("new message inside a fragmented one (expected: continuation)");
        }
        return violation != null;
    }

    private boolean isTooBig(long length) {
        if (limits.frameBytes() > 0 && length > limits.frameBytes()) {
            violation = new ProtocolViolation(
                    CloseStatus.TOO_BIG, "frame of " + length + " bytes (limit: " + limits.frameBytes() + ')');
        } else if (limits.messageBytes() > 0 && length > limits.messageBytes() - messageBytes) {
            violation = new ProtocolViolation(
                    CloseStatus.TOO_BIG, "message of more than " + limits.messageBytes() + " bytes (limit)");
        }
        return violation != null;
    }

    private int control(ByteBuf in, int at, int to, int opcode, int headerLength, int length) {
        int end = at + headerLength + length;
        if (to < end) {
            return at;
        }
        if (opcode == CLOSE) {
            readClose(in, at + headerLength, length);
            if (violation != null) {
                return at;
            }
            closeLength = end - at;
        }
        frames++;
        controls++;
        return end;
    }

    private void readClose(ByteBuf in, int payload, int length) {
        if (length == 0) {
            close = CloseStatus.EMPTY;
            return;
        }
        if (length == 1) {
            violation("Close frame with 1 byte of payload (expected: 0 or 2-125)");
            return;
        }
        byte[] bytes = new byte[length];
        in.getBytes(payload, bytes);
        if (masked) {
            for (int i = 0; i < length; i++) {
                bytes[i] ^= in.getByte(payload - 4 + (i & 3));
            }
        }
        int code = (bytes[0] & 0xff) << 8 | (bytes[1] & 0xff);
        if (CloseStatus.isSendable(code)) {
            close = new CloseStatus(code, new String(bytes, 2, length - 2, StandardCharsets.UTF_8));
        } else {
            violation("close code " + code + " (expected: 1000-1003, 1007-1014 or 3000-4999)");
        }
    }

    private void endDataFrame() {
        frames++;
        payloadBytes += framePayload;
        frameLength = 0;
        if (frameIsFinal) {
            messages++;
            if (messageBytes != sizeInRow) {
                tellSizes();
                sizeInRow = messageBytes;
            }
            messagesInRow++;
            messageOpen = false;
            messageBytes = 0;
            messageFrames = 0;
        } else {
            messageFrames++;
        }
    }

    private void tellSizes() {
        if (messagesInRow > 0) {
            sizes.onMessages(sizeInRow, messagesInRow);
            messagesInRow = 0;
        }
    }

    private void violation(String what) {
        violation = new ProtocolViolation(CloseStatus.PROTOCOL_ERROR, what);
    }

    private int violated(int at, String what) {
        violation(what);
        return at;
    }
}
