package io.tidegate.testkit;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Frames to bytes and back. It writes whatever it is told to, valid or not, and accepts any header that can be cut out of a byte stream. */
public final class FrameCodec {

    /** How a header spells its payload length. Anything but {@link #MINIMAL} may break RFC 6455's rule that the shortest encoding must be used. */
    public enum LengthEncoding {
        MINIMAL,
        BITS_16,
        BITS_64
    }

    private static final int CHUNK = 64 * 1024;

    private FrameCodec() {}

    /** The frame exactly as its fields say: masked only if {@link Frame#masked}, its length encoded minimally. */
    public static byte[] encode(Frame frame) {
        return encode(frame, LengthEncoding.MINIMAL);
    }

    public static byte[] encode(Frame frame, LengthEncoding encoding) {
        byte[] header = header(frame, frame.payload().length, encoding);
        byte[] bytes = new byte[header.length + frame.payload().length];
        System.arraycopy(header, 0, bytes, 0, header.length);
        System.arraycopy(frame.payload(), 0, bytes, header.length, frame.payload().length);
        if (frame.masked()) {
            mask(bytes, header.length, frame.payload().length, frame.maskKey(), 0);
        }
        return bytes;
    }

    /** The frames one behind the other, as for one write. */
    public static byte[] encode(List<Frame> frames) {
        return concat(frames.stream().map(FrameCodec::encode).toArray(byte[][]::new));
    }

    /** Only the header of {@code frame}, announcing a payload of {@code announcedLength} bytes whatever the frame's own payload is. */
    public static byte[] header(Frame frame, long announcedLength, LengthEncoding encoding) {
        ByteBuffer header = ByteBuffer.allocate(14);
        header.put((byte) ((frame.fin() ? 0x80 : 0) | frame.rsv() << 4 | frame.opcode()));
        int maskBit = frame.masked() ? 0x80 : 0;
        boolean in64 = announcedLength < 0 || announcedLength > 0xFFFF || encoding == LengthEncoding.BITS_64;
        if (in64) {
            header.put((byte) (maskBit | 127)).putLong(announcedLength);
        } else if (announcedLength > 125 || encoding == LengthEncoding.BITS_16) {
            header.put((byte) (maskBit | 126)).putShort((short) announcedLength);
        } else {
            header.put((byte) (maskBit | (int) announcedLength));
        }
        if (frame.masked()) {
            header.putInt(frame.maskKey());
        }
        byte[] bytes = new byte[header.position()];
        header.flip().get(bytes);
        return bytes;
    }

    /** XORs {@code length} bytes with the mask key; {@code offset} is where in the payload they stand. */
    public static void mask(byte[] bytes, int from, int length, int key, long offset) {
        for (int i = 0; i < length; i++) {
            int shift = 24 - 8 * (int) ((offset + i) & 3);
            bytes[from + i] ^= (byte) (key >>> shift);
        }
    }

    public static byte[] concat(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    /**
     * Reads the next frame.
     *
     * @param retainUpTo longest payload to keep, in bytes; of longer ones only length and CRC are kept
     * @return null when the stream ends between two frames
     * @throws EOFException when the stream ends inside of a frame
     */
    static @Nullable Frame read(Intake in, int retainUpTo) throws IOException {
        int first = in.read();
        if (first < 0) {
            return null;
        }
        ByteArrayOutputStream header = new ByteArrayOutputStream(14);
        header.write(first);
        int second = next(in, header);
        boolean masked = (second & 0x80) != 0;
        long length = second & 0x7F;
        if (length == 126) {
            length = number(in, header, 2);
        } else if (length == 127) {
            length = number(in, header, 8);
        }
        int key = masked ? (int) number(in, header, 4) : 0;
        if (length < 0) {
            throw new IOException("a frame announces a length of " + Long.toUnsignedString(length) + " bytes");
        }
        CRC32C crc = new CRC32C();
        byte[] payload = new byte[length <= retainUpTo ? (int) length : 0];
        if (length <= retainUpTo) {
            fill(in, payload, payload.length);
            unmask(payload, payload.length, masked, key, 0);
            crc.update(payload);
        } else {
            byte[] chunk = new byte[CHUNK];
            for (long at = 0; at < length; at += CHUNK) {
                int size = (int) Math.min(CHUNK, length - at);
                fill(in, chunk, size);
                unmask(chunk, size, masked, key, at);
                crc.update(chunk, 0, size);
            }
        }
        return new Frame(
                (first & 0x80) != 0,
                first >> 4 & 7,
                first & 0xF,
                masked,
                key,
                length,
                crc.getValue(),
                payload,
                header.toByteArray());
    }

    private static void unmask(byte[] bytes, int length, boolean masked, int key, long offset) {
        if (masked) {
            mask(bytes, 0, length, key, offset);
        }
    }

    private static int next(Intake in, ByteArrayOutputStream header) throws IOException {
        int value = in.read();
        if (value < 0) {
            throw new EOFException("inside of a frame's header, after " + header.size() + " bytes");
        }
        header.write(value);
        return value;
    }

    private static long number(Intake in, ByteArrayOutputStream header, int bytes) throws IOException {
        long value = 0;
        for (int i = 0; i < bytes; i++) {
            value = value << 8 | next(in, header);
        }
        return value;
    }

    private static void fill(Intake in, byte[] into, int length) throws IOException {
        for (int at = 0; at < length; ) {
            int n = in.read(into, at, length - at);
            if (n < 0) {
                throw new EOFException("inside of a frame's payload, " + (length - at) + " bytes short");
            }
            at += n;
        }
    }
}
