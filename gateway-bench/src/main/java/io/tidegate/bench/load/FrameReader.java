package io.tidegate.bench.load;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Cuts what a server sends into messages and control frames (RFC 6455 section 5).
 *
 * <p>A frame that arrived whole is handed on where it lies; only one that spans several reads, or a message of several
 * frames, is copied, into a buffer of its size.
 *
 * <p><b>Threads:</b> one. <b>Ownership:</b> takes the buffers it is fed; what it hands on is only lent.
 */
final class FrameReader {

    /** Takes what was read. */
    interface Sink {

        /** A whole text or binary message. */
        void message(ByteBuf from, int index, int length);

        /** A control frame. */
        void control(int opcode, ByteBuf from, int index, int length);

        /** The server broke the protocol; nothing more will be read. */
        void violation(String what);
    }

    private static final int CONTINUATION = 0x0;

    private final Sink sink;
    private final long limit;
    private @Nullable ByteBuf frame; // the beginning of a frame
    private @Nullable ByteBuf message; // the beginning of a message of several frames
    private boolean broken;

    /**
     * Makes a reader.
     *
     * @param sink takes what was read
     * @param limit most bytes of a message
     */
    FrameReader(Sink sink, int limit) {
        this.sink = sink;
        this.limit = limit;
    }

    /** Reads what arrived. */
    void read(ByteBuf in, ByteBufAllocator allocator) {
        try {
            while (in.isReadable() && !broken) {
                ByteBuf begun = frame;
                ByteBuf source = begun == null ? in : begun;
                long wanted = wanted(source);
                if (broken) {
                    return;
                }
                if (wanted <= source.readableBytes()) {
                    take(source, (int) wanted, allocator);
                } else if (begun == null) {
                    frame = allocator.buffer((int) wanted).writeBytes(in);
                } else {
                    int bytes = (int) Math.min(wanted - begun.readableBytes(), in.readableBytes());
                    begun.ensureWritable((int) (wanted - begun.readableBytes())).writeBytes(in, bytes);
                    if (wanted(begun) == begun.readableBytes() && !broken) {
                        frame = null;
                        take(begun, begun.readableBytes(), allocator);
                        begun.release();
                    }
                }
            }
        } finally {
            in.release();
        }
    }

    /** Lets go of what is half read. */
    void release() {
        broken = true;
        if (frame != null) {
            frame.release();
            frame = null;
        }
        if (message != null) {
            message.release();
            message = null;
        }
    }

    /** The bytes of the frame that begins here, or, while its header is not all there, those of the header. */
    private long wanted(ByteBuf from) {
        int at = from.readerIndex();
        int readable = from.readableBytes();
        if (readable < 2) {
            return 2;
        }
        int length = from.getUnsignedByte(at + 1);
        if (length <= 125) {
            return 2L + length;
        }
        if (length > 127) {
            return broken("masked frame (expected: unmasked)");
        }
        int header = length == 126 ? 4 : 10;
        if (readable < header) {
            return header;
        }
        long payload = length == 126 ? from.getUnsignedShort(at + 2) : from.getLong(at + 2);
        if (payload < 0 || payload > limit) {
            return broken("frame of " + payload + " bytes (expected: at most " + limit + ")");
        }
        return header + payload;
    }

    private void take(ByteBuf from, int bytes, ByteBufAllocator allocator) {
        int at = from.readerIndex();
        int first = from.getUnsignedByte(at);
        int length = from.getUnsignedByte(at + 1);
        int header = length == 127 ? 10 : length == 126 ? 4 : 2;
        int opcode = first & 0xF;
        boolean fin = (first & 0x80) != 0;
        if ((first & 0x70) != 0) {
            broken("reserved bits (expected: none)");
        } else if (opcode >= FrameWriter.CLOSE) {
            if (!fin || length > 125 || opcode > FrameWriter.PONG) {
                broken("control frame with opcode " + opcode + (fin ? "" : ", fragmented") + " of length code "
                        + length);
            } else {
                sink.control(opcode, from, at + header, bytes - header);
            }
        } else if (opcode > FrameWriter.BINARY) {
            broken("opcode " + opcode + " (expected: 0, 1, 2, 8, 9 or 10)");
        } else {
            data(opcode, fin, from, at + header, bytes - header, allocator);
        }
        from.skipBytes(bytes);
    }

    private void data(int opcode, boolean fin, ByteBuf from, int index, int length, ByteBufAllocator allocator) {
        ByteBuf begun = message;
        if ((opcode == CONTINUATION) != (begun != null)) {
            broken(begun == null ? "continuation of nothing" : "new message inside a message (expected: continuation)");
        } else if (begun == null && fin) {
            sink.message(from, index, length);
        } else {
            if (begun == null) {
                begun = allocator.buffer(length * 2);
                message = begun;
            }
            if (begun.readableBytes() + (long) length > limit) {
                broken("message of more than " + limit + " bytes");
                return;
            }
            begun.writeBytes(from, index, length);
            if (fin) {
                message = null;
                sink.message(begun, begun.readerIndex(), begun.readableBytes());
                begun.release();
            }
        }
    }

    private long broken(String what) {
        broken = true;
        sink.violation(what);
        return Long.MAX_VALUE;
    }
}
