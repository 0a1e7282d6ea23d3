package io.tidegate.bench.load;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.ssl.SslContext;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketAddress;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Opens the connections of one event loop: so many at a time, at most so many per second, each within a time limit.
 *
 * <p><b>Threads:</b> the loop's.
 */
@SuppressWarnings("FutureReturnValueIgnored") // what the loop is told to do reports by other ways
final class Dialer implements Runnable {

    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(64 << 10, 256 << 10);

    private final LoadLoop loop;
    private final LoadConfig config;
    private final int concurrency;
    private final Bootstrap bootstrap;
    private final @Nullable SslContext tls;
    private final CompletableFuture<Void> settled = new CompletableFuture<>();
    private final Schedule schedule;
    private final int total;
    private int started;
    private int pending;
    private boolean stopped;
    private boolean waiting;

    /**
     * Makes a dialer.
     *
     * @param loop whose connections these are
     * @param config the run
     * @param transport its sockets
     * @param address where to
     * @param tls for {@code wss}
     */
    Dialer(LoadLoop loop, LoadConfig config, Transport transport, SocketAddress address, @Nullable SslContext tls) {
        Opening opening = config.opening();
        int loops = config.loops();
        this.loop = loop;
        this.config = config;
        this.tls = tls;
        this.total = (opening.connections() - loop.index() + loops - 1) / loops;
        this.concurrency = Math.max(1, opening.concurrency() / loops);
        double rate = opening.rate() == 0 ? 1e9 : opening.rate();
        long now = System.nanoTime();
        this.schedule = new Schedule(rate, loop.index(), loops, now, now + Long.MAX_VALUE);
        this.bootstrap = new Bootstrap()
                .group(loop.eventLoop())
                .channel(transport.channel())
                .remoteAddress(address)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0); // the attempt's own limit governs
    }

    /** Completes when every connection is open or has failed, or {@link #stop} was called. */
    CompletableFuture<Void> settled() {
        return settled;
    }

    /** Dials no more. */
    void stop() {
        stopped = true;
        settled.complete(null);
    }

    /** Dials as many as may be under way. */
    @Override
    public void run() {
        waiting = false;
        long now = System.nanoTime();
        while (!stopped && started < total && pending < concurrency && schedule.isDue(now)) {
            schedule.take();
            dial(loop.index() + started * config.loops());
        }
        if (stopped || started == total || pending == concurrency) {
            return; // the end of an attempt goes on from here
        }
        waiting = true;
        loop.eventLoop().schedule(this, schedule.nextDueNanos() - System.nanoTime(), TimeUnit.NANOSECONDS);
    }

    private void dial(int number) {
        started++;
        pending++;
        Attempt attempt = new Attempt(number);
        ChannelFuture connect = bootstrap
                .clone()
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        attempt.initialize(channel);
                    }
                })
                .connect();
        connect.addListener(done -> {
            if (!done.isSuccess()) {
                attempt.failed(reason(Objects.requireNonNull(done.cause())));
            }
        });
    }

    private void ended() {
        pending--;
        if (started == total && pending == 0) {
            settled.complete(null);
        } else if (!waiting) {
            EventLoop eventLoop = loop.eventLoop();
            waiting = true;
            eventLoop.execute(this);
        }
    }

    /** Why a connection did not come about, in words to count by. */
    static String reason(Throwable cause) {
        if (cause instanceof ConnectException) {
            String message = String.valueOf(cause.getMessage());
            return message.contains("refused") ? "connection refused" : "can't connect: " + firstWords(message);
        }
        if (cause.getCause() instanceof SSLException inner) {
            return reason(inner);
        }
        if (cause instanceof SSLException) {
            return "TLS: " + cause.getMessage();
        }
        if (cause instanceof IOException) {
            String message = String.valueOf(cause.getMessage());
            return message.contains("reset") ? "connection reset" : message;
        }
        return cause.toString();
    }

    /** A message without the address behind its last colon, so that reasons add up. */
    private static String firstWords(String message) {
        int colon = message.lastIndexOf(": ");
        return colon < 0 ? message : message.substring(0, colon);
    }

    /** One connection on its way: ends once, opened or failed. */
    final class Attempt {

        private final int number;
        private final long dialledNanos = System.nanoTime();
        private final Connection connection;
        private @Nullable Future<?> timeout;
        private boolean over;

        private Attempt(int number) {
            this.number = number;
            this.connection = new Connection(number, loop);
        }

        private void initialize(SocketChannel channel) {
            if (tls != null) {
                Target target = config.target();
                channel.pipeline().addLast(tls.newHandler(channel.alloc(), target.host(), target.port()));
            }
            channel.pipeline()
                    .addLast(new HttpClientCodec(4096, 64 << 10, 8192))
                    .addLast(new Handshake(config.target(), this, connection));
            timeout = loop.eventLoop()
                    .schedule(
                            () -> {
                                failed("timeout");
                                channel.close();
                            },
                            config.opening().timeout().toNanos(),
                            TimeUnit.NANOSECONDS);
        }

        /** The upgrade is done, and the channel belongs to the connection. */
        void opened(Channel channel) {
            if (end()) {
                loop.opened(connection, channel, System.nanoTime() - dialledNanos);
                ended();
            }
        }

        /** The connection did not come about. */
        void failed(String reason) {
            if (end()) {
                loop.failed(reason);
                ended();
            }
        }

        private boolean end() {
            boolean first = !over;
            over = true;
            if (timeout != null) {
                timeout.cancel(false);
            }
            return first;
        }

        @Override
        public String toString() {
            return "connection " + number;
        }
    }
}
