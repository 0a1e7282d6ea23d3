package io.tidegate.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import java.util.zip.CRC32C;

/**
 * One WebSocket frame (RFC 6455 section 5.2), to be sent or as received.
 *
 * <p>Two frames are equal when they mean the same: {@code fin}, {@code rsv}, {@code opcode} and payload. How they were masked and how their length was encoded is left out of the
 * comparison; look at {@link #masked}, {@link #maskKey} and {@link #header} for that.
 *
 * @param fin whether this is the last frame of its message
 * @param rsv the three reserved bits, 0 to 7: RSV1 is 4, RSV2 is 2, RSV3 is 1
 * @param opcode 0 to 15
 * @param masked the mask bit
 * @param maskKey the mask key, 0 unless {@code masked}
 * @param length of the payload in bytes
 * @param crc CRC-32C of the unmasked payload
 * @param payload unmasked; empty when the receiver was told not to retain payloads of this length ({@link #retained})
 * @param header the header's bytes as received; empty for a frame made here
 */
@SuppressWarnings("ArrayRecordComponent") // bytes are what this is about; equals compares them by content
public record Frame(
        boolean fin,
        int rsv,
        int opcode,
        boolean masked,
        int maskKey,
        long length,
        long crc,
        byte[] payload,
        byte[] header) {

    public static final int CONTINUATION = 0x0;
    public static final int TEXT = 0x1;
    public static final int BINARY = 0x2;
    public static final int CLOSE = 0x8;
    public static final int PING = 0x9;
    public static final int PONG = 0xA;

    /** What {@link #closeCode} says of a Close without a body (RFC 6455 section 7.1.5). */
    public static final int NO_CODE = 1005;

    private static final byte[] NONE = {};

    /** A final, unmasked frame of any opcode. */
    public static Frame of(int opcode, byte[] payload) {
        return new Frame(true, 0, opcode, false, 0, payload.length, crcOf(payload), payload, NONE);
    }

    public static Frame text(String text) {
        return of(TEXT, text.getBytes(UTF_8));
    }

    public static Frame binary(byte... payload) {
        return of(BINARY, payload);
    }

    public static Frame continuation(String text) {
        return of(CONTINUATION, text.getBytes(UTF_8));
    }

    public static Frame ping(String text) {
        return of(PING, text.getBytes(UTF_8));
    }

    public static Frame pong(String text) {
        return of(PONG, text.getBytes(UTF_8));
    }

    /** A Close without a body. */
    public static Frame close() {
        return of(CLOSE, NONE);
    }

    /** A Close with any code, valid or not: the low 16 bits of {@code code} are sent. */
    public static Frame close(int code, String reason) {
        byte[] text = reason.getBytes(UTF_8);
        return of(
                CLOSE,
                ByteBuffer.allocate(2 + text.length)
                        .putShort((short) code)
                        .put(text)
                        .array());
    }

    public Frame withFin(boolean fin) {
        return new Frame(fin, rsv, opcode, masked, maskKey, length, crc, payload, NONE);
    }

    public Frame withRsv(int rsv) {
        return new Frame(fin, rsv, opcode, masked, maskKey, length, crc, payload, NONE);
    }

    public Frame maskedWith(int key) {
        return new Frame(fin, rsv, opcode, true, key, length, crc, payload, NONE);
    }

    public Frame unmasked() {
        return new Frame(fin, rsv, opcode, false, 0, length, crc, payload, NONE);
    }

    public boolean isControl() {
        return opcode >= CLOSE;
    }

    /** Whether {@link #payload} holds the whole payload. */
    public boolean retained() {
        return payload.length == length;
    }

    /** The payload as UTF-8. */
    public String text() {
        if (!retained()) {
            throw new IllegalStateException("payload not retained: " + this);
        }
        return new String(payload, UTF_8);
    }

    /** The code of this Close frame, {@link #NO_CODE} when it has no body. */
    public int closeCode() {
        requireClose();
        return length < 2 ? NO_CODE : ByteBuffer.wrap(payload).getShort() & 0xFFFF;
    }

    /** The reason of this Close frame, empty when it has none. */
    public String closeReason() {
        requireClose();
        return length <= 2 ? "" : new String(payload, 2, payload.length - 2, UTF_8);
    }

    private void requireClose() {
        if (opcode != CLOSE) {
            throw new IllegalStateException("not a Close: " + this);
        }
    }

    static long crcOf(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return crc.getValue();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Frame that
                && fin == that.fin
                && rsv == that.rsv
                && opcode == that.opcode
                && length == that.length
                && crc == that.crc
                && (!retained() || !that.retained() || Arrays.equals(payload, that.payload));
    }

    @Override
    public int hashCode() {
        return Objects.hash(fin, rsv, opcode, length, crc);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(nameOf(opcode));
        if (!fin) {
            text.append(" (more follows)");
        }
        if (rsv != 0) {
            text.append(" rsv=").append(rsv);
        }
        if (opcode == CLOSE && length >= 2 && retained()) {
            return text.append(' ')
                    .append(closeCode())
                    .append(" \"")
                    .append(closeReason())
                    .append('"')
                    .toString();
        }
        text.append(' ').append(length).append(" bytes");
        if (length > 0 && length <= 64 && retained()) {
            text.append(opcode == BINARY ? " " + HexFormat.of().formatHex(payload) : " \"" + text() + "\"");
        }
        return text.toString();
    }

    private static String nameOf(int opcode) {
        return switch (opcode) {
            case CONTINUATION -> "Continuation";
            case TEXT -> "Text";
            case BINARY -> "Binary";
            case CLOSE -> "Close";
            case PING -> "Ping";
            case PONG -> "Pong";
            default -> "Opcode-0x" + Integer.toHexString(opcode);
        };
    }
}
