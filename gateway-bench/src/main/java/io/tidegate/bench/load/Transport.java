package io.tidegate.bench.load;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;

/** How the generator talks to the kernel: epoll for its precise timer where there is one, else NIO. */
enum Transport {
    /** Linux; timers of nanosecond resolution. */
    EPOLL,
    /** Anywhere; timers of a millisecond. */
    NIO;

    /** The best one here. */
    static Transport best() {
        return Epoll.isAvailable() ? EPOLL : NIO;
    }

    /** Event loops of this transport. */
    EventLoopGroup loops(int threads) {
        return new MultiThreadIoEventLoopGroup(
                threads,
                new DefaultThreadFactory("load", true),
                this == EPOLL ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
    }

    /** The sockets of this transport. */
    Class<? extends SocketChannel> channel() {
        return this == EPOLL ? EpollSocketChannel.class : NioSocketChannel.class;
    }
}
