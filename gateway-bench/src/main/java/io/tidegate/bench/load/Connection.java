package io.tidegate.bench.load;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One open connection: sends its messages, settles what comes back, and answers pings and Closes.
 *
 * <p>A message that the channel can't take waits with its due time, in order, until it can.
 *
 * <p><b>Threads:</b> its event loop.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails closes the channel, which is seen
final class Connection extends ChannelInboundHandlerAdapter implements FrameReader.Sink {

    private final int number;
    private final LoadLoop loop;
    private final FrameReader reader;
    private final Outstanding outstanding = new Outstanding();
    private final Backlog backlog = new Backlog();
    private @Nullable Channel channel;
    private long readNanos;
    private boolean dirty;
    private boolean ended;

    /**
     * Makes a connection that is not open yet.
     *
     * @param number its number in the run
     * @param loop where it belongs
     */
    Connection(int number, LoadLoop loop) {
        this.number = number;
        this.loop = loop;
        this.reader = new FrameReader(this, loop.largestMessage());
    }

    /** The handshake is done. */
    void open(Channel channel) {
        this.channel = channel;
    }

    /**
     * Sends a message, or keeps it until the channel can take it. Not flushed.
     *
     * @param dueNanos when it was due
     */
    void send(long dueNanos) {
        if (ended) {
            return;
        }
        if (backlog.isEmpty() && channel().isWritable()) {
            write(dueNanos);
        } else {
            backlog.add(dueNanos);
        }
    }

    /** Hands what was sent to the kernel. */
    void flush() {
        if (dirty) {
            dirty = false;
            channel().flush();
        }
    }

    /** Messages whose echo is missing. */
    int missing() {
        return outstanding.missing();
    }

    /** Messages that are due and wait for the channel. */
    int waiting() {
        return backlog.size();
    }

    /** Says goodbye: sends a Close and closes when it is answered. */
    void close() {
        if (!ended) {
            ended = true;
            channel()
                    .writeAndFlush(
                            loop.writer().close(channel().alloc(), 1000),
                            channel().voidPromise());
        }
    }

    /** Closes without goodbye. */
    void abort() {
        ended = true;
        channel().close();
    }

    private void write(long dueNanos) {
        long id = MessageId.of(number, outstanding.next());
        boolean givenUp = outstanding.add(dueNanos);
        channel().write(loop.writer().message(channel().alloc(), id), channel().voidPromise());
        dirty = true;
        loop.sent(dueNanos, givenUp);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object read) {
        readNanos = System.nanoTime();
        reader.read((ByteBuf) read, context.alloc());
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        while (!ended && !backlog.isEmpty() && context.channel().isWritable()) {
            write(backlog.take());
        }
        flush();
    }

    @Override
    public void message(ByteBuf from, int index, int length) {
        long read = loop.payload().read(from, index, length);
        long id = Math.abs(read);
        if (read == Payload.UNREADABLE || MessageId.connection(id) != number) {
            loop.corrupted();
            return;
        }
        Outstanding.Arrival arrival = outstanding.arrive(MessageId.sequence(id));
        loop.arrived(this, arrival, outstanding.settledDueNanos(), readNanos, read < 0);
    }

    @Override
    public void control(int opcode, ByteBuf from, int index, int length) {
        if (opcode == FrameWriter.PING && !ended) {
            dirty = true;
            ByteBuf pong = loop.writer().control(channel().alloc(), FrameWriter.PONG, from, index, length);
            channel().write(pong, channel().voidPromise());
        } else if (opcode == FrameWriter.CLOSE) {
            boolean answered = ended;
            end(length >= 2 ? String.valueOf(from.getUnsignedShort(index)) : "1005");
            if (answered) {
                channel().close();
            } else {
                ByteBuf answer =
                        loop.writer().control(channel().alloc(), FrameWriter.CLOSE, from, index, Math.min(length, 2));
                channel().writeAndFlush(answer).addListener(written -> channel().close());
            }
        }
    }

    @Override
    public void violation(String what) {
        end("protocol error: " + what);
        channel().close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        end("1006");
        reader.release();
        loop.gone(this);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        end("1006");
        context.close();
    }

    private void end(String code) {
        if (!ended) {
            ended = true;
            loop.closed(this, code);
        }
    }

    private Channel channel() {
        return Objects.requireNonNull(channel, "channel");
    }
}
