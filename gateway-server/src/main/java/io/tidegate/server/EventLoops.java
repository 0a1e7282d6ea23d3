package io.tidegate.server;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.ServerSocketChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringDatagramChannel;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import io.netty.channel.uring.IoUringSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.FastThreadLocalThread;
import io.tidegate.server.config.Transport;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.NonBlocking;
import reactor.netty.resources.LoopResources;

/**
 * The event loops of a gateway, on the transport that was chosen. Connections dialled on a loop stay on it: both legs of a
 * session share one.
 */
final class EventLoops implements LoopResources {

    private static final String MULTISHOT_POLL = "io.netty.iouring.pollAddMultishotEnabled";

    static {
        avoidMultishotPoll();
    }

    private final Transport transport;
    private final EventLoopGroup group;
    private final EventLoopGroup colocated;
    private final int count;
    private final Map<Class<?>, Supplier<Channel>> channels;

    /**
     * @param name of the threads, a number behind it
     * @param count at least 1
     * @throws IllegalArgumentException if this machine hasn't the transport
     */
    EventLoops(String name, Transport wanted, int count) {
        this.transport = wanted == Transport.AUTO ? best() : wanted;
        this.count = count;
        Throwable missing = unavailability(transport);
        if (missing != null) {
            throw new IllegalArgumentException(
                    "transport: " + name(transport) + " (expected: one this machine has; " + missing.getMessage() + ')',
                    missing);
        }
        this.group = new MultiThreadIoEventLoopGroup(this.count, new LoopThreads(name), handlers(transport));
        this.colocated = LoopResources.colocate(group);
        this.channels = channels(transport);
    }

    /**
     * Has Netty arm each poll for input anew, unless the JVM property says otherwise. With multishot polls it misses a reset
     * that arrives together with data: the kernel reports the socket drained, Netty waits for the next edge, and none comes
     * ({@code docs/adr/0006}). Only has an effect before Netty's io_uring classes are loaded.
     */
    static void avoidMultishotPoll() {
        if (System.getProperty(MULTISHOT_POLL) == null) {
            System.setProperty(MULTISHOT_POLL, "false");
        }
    }

    /** The best transport that this machine has: io_uring, else epoll, else NIO. */
    static Transport best() {
        if (isAvailable(Transport.IO_URING)) {
            return Transport.IO_URING;
        }
        return isAvailable(Transport.EPOLL) ? Transport.EPOLL : Transport.NIO;
    }

    /** Whether this machine has it. */
    static boolean isAvailable(Transport transport) {
        return unavailability(transport) == null;
    }

    static String name(Transport transport) {
        return transport.name().toLowerCase(Locale.ROOT);
    }

    Transport transport() {
        return transport;
    }

    int count() {
        return count;
    }

    /** Every one of them. */
    Collection<EventExecutor> each() {
        List<EventExecutor> all = new ArrayList<>();
        group.forEach(all::add);
        return all;
    }

    @Override
    public EventLoopGroup onServer(boolean useNative) {
        return group;
    }

    @Override
    public EventLoopGroup onServerSelect(boolean useNative) {
        return group;
    }

    @Override
    public EventLoopGroup onClient(boolean useNative) {
        return colocated;
    }

    @Override
    @SuppressWarnings("unchecked")
    public <C extends Channel> C onChannel(Class<C> type, EventLoopGroup loops) {
        return (C) channel(type).get();
    }

    @Override
    @SuppressWarnings("unchecked")
    public <C extends Channel> Class<? extends C> onChannelClass(Class<C> type, EventLoopGroup loops) {
        return (Class<? extends C>) onChannel(type, loops).getClass();
    }

    /** Ends the loops; what they still have to do gets a moment. Blocks until they are gone, for 5 s at most. */
    @Override
    public void dispose() {
        group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
    }

    @Override
    public boolean isDisposed() {
        return group.isShuttingDown();
    }

    private Supplier<Channel> channel(Class<?> type) {
        Supplier<Channel> supplier = channels.get(type);
        if (supplier == null) {
            throw new IllegalArgumentException(
                    "channel type: " + type + " (expected: one of " + channels.keySet() + ')');
        }
        return supplier;
    }

    private static IoHandlerFactory handlers(Transport transport) {
        return switch (transport) {
            case IO_URING -> IoUringIoHandler.newFactory();
            case EPOLL -> EpollIoHandler.newFactory();
            default -> NioIoHandler.newFactory();
        };
    }

    private static Map<Class<?>, Supplier<Channel>> channels(Transport transport) {
        return switch (transport) {
            case IO_URING ->
                Map.of(
                        SocketChannel.class, IoUringSocketChannel::new,
                        ServerSocketChannel.class, IoUringServerSocketChannel::new,
                        DatagramChannel.class, IoUringDatagramChannel::new);
            case EPOLL ->
                Map.of(
                        SocketChannel.class, EpollSocketChannel::new,
                        ServerSocketChannel.class, EpollServerSocketChannel::new,
                        DatagramChannel.class, EpollDatagramChannel::new);
            default ->
                Map.of(
                        SocketChannel.class, NioSocketChannel::new,
                        ServerSocketChannel.class, NioServerSocketChannel::new,
                        DatagramChannel.class, NioDatagramChannel::new);
        };
    }

    private static @Nullable Throwable unavailability(Transport transport) {
        return switch (transport) {
            case IO_URING -> IoUring.isAvailable() ? null : IoUring.unavailabilityCause();
            case EPOLL -> Epoll.isAvailable() ? null : Epoll.unavailabilityCause();
            default -> null;
        };
    }

    /** Threads on which Reactor forbids blocking, and so does BlockHound. */
    private static final class LoopThreads extends DefaultThreadFactory {

        LoopThreads(String name) {
            super(name, true);
        }

        @Override
        protected Thread newThread(Runnable work, String name) {
            return new LoopThread(threadGroup, work, name);
        }
    }

    private static final class LoopThread extends FastThreadLocalThread implements NonBlocking {

        LoopThread(@Nullable ThreadGroup group, Runnable work, String name) {
            super(group, work, name);
        }
    }
}
